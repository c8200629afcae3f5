/** Figures by step: plotly figures are interactive, curves lie over each other, matplotlib figures are images. */
import { useEffect, useMemo, useState, type ComponentType, type ReactNode } from 'react';
import { Icon } from '../../../parts/design/Icon';
import { fileName } from '../../../text/csv';
import { countText, sizeText } from '../../../text/format';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { useApi } from '../../../data/api';
import { Answer } from '../../../parts/Sheet';
import { useAsked } from '../../../parts/useAsked';
import { contextText } from '../../../data/result';
import { Button, Choice } from '../../../parts/design/controls';
import { stepsOf } from '../../../parts/media/StepRange';
import type { CurveKind } from '../../../charts';
import { isCurve } from '../../../explorer/classifier';
import { CurvesOf, MatrixOf, useSaveCurves, type RecordedCurveSource } from './Classifier';
import { EmbeddingOf, PointsOf } from './Clouds';
import { figureOf, type FigureBlob } from './figureBlob';
import { Gallery } from './Images';
import { PlotlyFigure } from './PlotlyFigure';
import { SeriesList } from './Series';
import { StepSlider, useStep } from './step';
import { useValues } from './useMedia';

const STEPS = 300;

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
  const [overlaid, setOverlaid] = useState<Overlaid>('one');
  if (media.values.every(({ format }) => !DRAWN.has(format)))
    return <Gallery run={run} media={media} size="large" order="step" />;
  const shown = media.values.filter(({ step }) => step === steps[choice.at]);
  const pictures = shown.filter(({ format }) => !DRAWN.has(format));
  const all = overlaid === 'all';
  return (
    <>
      {steps.length > 1 && media.values.some(({ format }) => isCurve(format)) && (
        <Choice label="Which curves" value={overlaid} options={OVERLAID} onChange={setOverlaid} />
      )}
      {!all && <StepSlider of={choice} label={`Step of ${media.name}`} />}
      {CURVES.map((kind) => (
        <CurvesByStep key={kind} run={run} media={media} kind={kind} step={all ? null : (steps[choice.at] ?? null)} />
      ))}
      {shown.map((value) => (
        <OneFigure key={`${value.format} ${value.index}`} run={run} value={value} name={media.name} />
      ))}
      {pictures.length > 0 && <Gallery run={run} media={{ ...media, values: pictures }} size="large" order="all" />}
    </>
  );
}

/** Figures that have charts of their own, by format. */
export const FIGURE_CHARTS: ReadonlyMap<string, ComponentType<{ run: Pick<Run, 'id'>; value: FigureBlob }>> = new Map([
  ['confusion', MatrixOf],
  ['points', PointsOf],
  ['embedding', EmbeddingOf],
]);

type Overlaid = 'one' | 'all';
const OVERLAID: readonly { value: Overlaid; label: string }[] = [
  { value: 'one', label: 'One step' },
  { value: 'all', label: 'All steps' },
];
export const CURVES: readonly CurveKind[] = ['roc', 'pr'];
const DRAWN: ReadonlySet<string> = new Set(['plotly', ...FIGURE_CHARTS.keys(), ...CURVES]);

function OneFigure({ run, value, name }: PlotlyProps & { value: MediaValue }): ReactNode {
  if (value.format === 'plotly') return <PlotlyLoader run={run} value={value} name={name} />;
  const Chart = FIGURE_CHARTS.get(value.format);
  if (!Chart) return null;
  return (
    <FigureFrame run={run} value={value} name={name} ending={value.format === 'confusion' ? 'json' : 'bin'}>
      <Chart run={run} value={value} />
    </FigureFrame>
  );
}

/** The curves of one step, or of all. */
function CurvesByStep({
  run,
  media,
  kind,
  step,
}: {
  run: Run;
  media: MediaValues;
  kind: CurveKind;
  step: number | null;
}): ReactNode {
  const sources = useMemo(() => {
    const all = media.values.filter(({ format }) => format === kind);
    const several = new Set(all.map(({ caption }) => caption)).size > 1 || all.some(({ index }) => index > 0);
    return all.map((value): RecordedCurveSource => {
      const own = value.caption ?? (several ? `#${value.index}` : '');
      const parts = [own, step === null && `step ${countText(value.step)}`].filter(Boolean);
      const name = [media.name, contextText(media.context)].filter(Boolean).join(' · ');
      return { ...value, key: `${run.id} ${value.blob}`, run, label: parts.join(' · ') || name, series: own };
    });
  }, [media, kind, run, step]);
  const shown = useMemo(
    () => (step === null ? sources : sources.filter((source) => source.step === step)),
    [sources, step],
  );
  const save = useSaveCurves(shown, media.name);
  const [only] = shown;
  if (!only) return null;
  return (
    <>
      <CurvesOf kind={kind} sources={shown} among={sources} />
      {shown.length === 1 ? (
        <DownloadFigure run={run} value={only} name={media.name} ending="json" />
      ) : (
        <p className="figure-foot">
          <Button small look="outline" icon="download" onClick={save}>
            Download JSON
          </Button>
        </p>
      )}
    </>
  );
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
    <FigureFrame run={run} value={value} name={name} ending="json">
      {json === null ? <Answer of={asked}>{() => null}</Answer> : <PlotlyFigure json={json} label={`Figure ${name}`} />}
    </FigureFrame>
  );
}

/** A figure with its caption and its download. */
function FigureFrame({
  run,
  value,
  name,
  ending,
  children,
}: PlotlyProps & { ending: string; children: ReactNode }): ReactNode {
  return (
    <figure className="figure">
      {value.caption && (
        <figcaption className="object-caption">
          <bdi>{value.caption}</bdi>
        </figcaption>
      )}
      {children}
      <DownloadFigure run={run} value={value} name={name} ending={ending} />
    </figure>
  );
}

function DownloadFigure({ run, value, name, ending }: PlotlyProps & { ending: string }): ReactNode {
  const { blobAddress } = useApi();
  return (
    <p className="figure-foot">
      <a
        className="button outline small"
        href={blobAddress(run.id, value.blob)}
        download={fileName(`${name}-${value.step}`, ending)}
      >
        <Icon name="download" />
        {ending === 'json' ? 'Download JSON' : 'Download'}
      </a>
      <span className="count">{sizeText(value.size)}</span>
    </p>
  );
}
