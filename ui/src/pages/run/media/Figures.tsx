/** Figures by step: plotly figures are interactive, matplotlib figures are images. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { Icon } from '../../../parts/design/Icon';
import { fileName } from '../../../text/csv';
import { sizeText } from '../../../text/format';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { useApi, type Api } from '../../../data/api';
import { Answer } from '../../../parts/Sheet';
import { useAsked } from '../../../parts/useAsked';
import { Gallery, stepsOf } from './Images';
import { PlotlyFigure } from './PlotlyFigure';
import { SeriesList } from './Series';
import { StepSlider, useStep } from './step';
import { useValues } from './useMedia';

const STEPS = 300;
const MAX_BYTES = 20_000_000;

export function Figures({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <SeriesList series={series} noun="figure" wide>
      {(title) => <LoadedFigure run={run} series={title} />}
    </SeriesList>
  );
}

function LoadedFigure({ run, series }: { run: Run; series: MediaSeries }): ReactNode {
  const asked = useValues(run, series, { steps: STEPS });
  return <Answer of={asked}>{(media) => <ByStep run={run} media={media} />}</Answer>;
}

function ByStep({ run, media }: { run: Run; media: MediaValues }): ReactNode {
  const steps = useMemo(() => stepsOf(media.values), [media]);
  const choice = useStep(steps);
  const plots = media.values.filter(({ format }) => format === 'plotly');
  if (plots.length === 0) return <Gallery run={run} media={media} size="large" order="step" />;
  const shown = media.values.filter(({ step }) => step === steps[choice.at]);
  const pictures = shown.filter(({ format }) => format !== 'plotly');
  return (
    <>
      <StepSlider of={choice} label={`Step of ${media.name}`} />
      {shown
        .filter(({ format }) => format === 'plotly')
        .map((value) => (
          <PlotlyLoader key={value.index} run={run} value={value} name={media.name} />
        ))}
      {pictures.length > 0 && <Gallery run={run} media={{ ...media, values: pictures }} size="large" order="all" />}
    </>
  );
}

type FigureBlob = Pick<MediaValue, 'blob' | 'size' | 'step' | 'caption'>;

export async function figureOf(
  ask: Api['ask'],
  run: Pick<Run, 'id'>,
  value: FigureBlob,
  signal: AbortSignal,
): Promise<unknown> {
  if (value.size > MAX_BYTES)
    throw new Error(
      `This figure is ${sizeText(value.size)}; the page shows up to ${sizeText(MAX_BYTES)}. Download it instead.`,
    );
  return JSON.parse(await (await ask.blob(run.id, value.blob, signal)).text());
}

interface PlotlyProps {
  run: Pick<Run, 'id'>;
  value: FigureBlob;
  name: string;
}

/** The figure of another step replaces this one after it has loaded. */
export function PlotlyLoader({ run, value, name }: PlotlyProps): ReactNode {
  const { ask } = useApi();
  const asked = useAsked(`figure ${value.blob}`, (signal) => figureOf(ask, run, value, signal));
  const [shown, setShown] = useState<unknown>(null);
  useEffect(() => {
    if (asked.data !== null) setShown(asked.data);
  }, [asked.data]);
  const json = asked.data ?? (asked.problem ? null : shown);
  return (
    <figure className="figure">
      {value.caption && (
        <figcaption className="object-caption">
          <bdi>{value.caption}</bdi>
        </figcaption>
      )}
      {json === null ? <Answer of={asked}>{() => null}</Answer> : <PlotlyFigure json={json} label={`Figure ${name}`} />}
      <DownloadJson run={run} value={value} name={name} />
    </figure>
  );
}

function DownloadJson({ run, value, name }: PlotlyProps): ReactNode {
  const { blobAddress } = useApi();
  return (
    <p className="figure-foot">
      <a
        className="button outline small"
        href={blobAddress(run.id, value.blob)}
        download={fileName(`${name}-${value.step}`, 'json')}
      >
        <Icon name="download" />
        Download JSON
      </a>
      <span className="count">{sizeText(value.size)}</span>
    </p>
  );
}
