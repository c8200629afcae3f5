/** Audio of a step, each with a player. It is loaded when it is played. */
import { useMemo, type ReactNode } from 'react';
import { fileName } from '../../../text/csv';
import { Icon } from '../../../parts/design/Icon';
import { durationText, sizeText } from '../../../text/format';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { useApi } from '../../../data/api';
import { Answer } from '../../../parts/Sheet';
import { stepsOf } from './Images';
import { SeriesList, StepSlider, useStep } from './Series';
import { useValues } from './useMedia';

const STEPS = 300;

export function Audios({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <SeriesList series={series} noun="sound">
      {(title) => <LoadedAudio run={run} series={title} />}
    </SeriesList>
  );
}

function LoadedAudio({ run, series }: { run: Run; series: MediaSeries }): ReactNode {
  const asked = useValues(run, series, { steps: STEPS });
  return <Answer of={asked}>{(media) => <Sounds run={run} media={media} />}</Answer>;
}

function Sounds({ run, media }: { run: Run; media: MediaValues }): ReactNode {
  const { blobAddress } = useApi();
  const steps = useMemo(() => stepsOf(media.values), [media]);
  const [at, setAt] = useStep(steps);
  const shown = media.values.filter(({ step }) => step === steps[at]);
  return (
    <>
      <StepSlider steps={steps} at={at} onChange={setAt} label={`Step of ${media.name}`} />
      <ul className="sounds">
        {shown.map((value) => (
          <li key={`${value.step} ${value.index} ${value.blob}`}>
            {value.caption && (
              <p className="object-caption">
                <bdi>{value.caption}</bdi>
              </p>
            )}
            <audio
              controls
              preload="none"
              src={blobAddress(run.id, value.blob)}
              aria-label={`${media.name}, step ${value.step}${value.caption ? `, ${value.caption}` : ''}`}
            />
            <p className="count sound-facts">
              {factsOf(value).join(' · ')}
              <a
                className="button plain small"
                href={blobAddress(run.id, value.blob)}
                download={fileName(`${media.name}-${value.step}-${value.index}`, value.format)}
              >
                <Icon name="download" size={14} />
                Download
              </a>
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}

const factsOf = ({ seconds, rate, channels, format, size }: MediaValue): string[] => [
  ...(seconds === null ? [] : [durationText(seconds)]),
  ...(rate === null ? [] : [`${rate / 1000} kHz`]),
  ...(channels === null ? [] : [channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`]),
  format,
  sizeText(size),
];
