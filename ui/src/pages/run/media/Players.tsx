/** What is played or shown whole: sounds, videos and pages of a step, one under the other. */
import { useMemo, type ReactNode } from 'react';
import { fileName } from '../../../text/csv';
import { Icon } from '../../../parts/design/Icon';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { useApi } from '../../../data/api';
import { Answer } from '../../../parts/Sheet';
import { stepsOf } from '../../../parts/media/StepRange';
import { SeriesList } from './Series';
import { StepSlider, useStep } from './step';
import { useValues } from './useMedia';

const STEPS = 300;

interface Playing {
  /** The noun for a value. */
  readonly noun: string;
  readonly wide?: boolean;
  readonly player: (value: MediaValue, address: string, label: string) => ReactNode;
  readonly factsOf: (value: MediaValue) => string[];
}

export function Players({
  run,
  series,
  ...playing
}: { run: Run; series: readonly MediaSeries[] } & Playing): ReactNode {
  return (
    <SeriesList series={series} noun={playing.noun} wide={playing.wide ?? false}>
      {(item) => <LoadedPlayers run={run} series={item} {...playing} />}
    </SeriesList>
  );
}

function LoadedPlayers({ run, series, ...playing }: { run: Run; series: MediaSeries } & Playing): ReactNode {
  const asked = useValues(run, series, { steps: STEPS });
  return <Answer of={asked}>{(media) => <AtStep run={run} media={media} {...playing} />}</Answer>;
}

function AtStep({ run, media, player, factsOf }: { run: Run; media: MediaValues } & Playing): ReactNode {
  const { blobAddress } = useApi();
  const steps = useMemo(() => stepsOf(media.values), [media]);
  const choice = useStep(steps);
  const shown = media.values.filter(({ step }) => step === steps[choice.at]);
  return (
    <>
      <StepSlider of={choice} label={`Step of ${media.name}`} />
      <ul className="players">
        {shown.map((value) => (
          <li key={`${value.step} ${value.index} ${value.blob}`}>
            {value.caption && (
              <p className="object-caption">
                <bdi>{value.caption}</bdi>
              </p>
            )}
            {player(value, blobAddress(run.id, value.blob), labelOf(media, value))}
            <p className="count player-facts">
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

const labelOf = ({ name }: MediaValues, { step, caption }: MediaValue): string =>
  `${name}, step ${step}${caption ? `, ${caption}` : ''}`;
