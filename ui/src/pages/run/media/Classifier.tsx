/** Curves over each other, of steps, classes and runs, and confusion matrices: loaded, colored and drawn. */
import { useMemo, type ReactNode } from 'react';
import { colorAt, colorFor, eight, twentyFour } from '../../../charts';
import { curveOf, matrixOf, type CurveFormat, type RecordedCurve } from '../../../data/classifier';
import { chartTheme } from '../../../explorer/chartTheme';
import { ConfusionChart, CurvesChart, type LabeledCurve } from '../../../explorer/ClassifierCharts';
import type { Theme } from '../../../parts/design/theme';
import { Explained } from '../../../parts/states';
import { useFrame } from '../../../parts/useFrame';
import { useKept } from '../../../parts/useKept';
import { countText } from '../../../text/format';
import { itemAt } from '../../../text/lists';
import type { Run } from '../../../wire';
import { figureOf, type FigureBlob } from './figureBlob';

/** A recorded curve, before it is loaded. */
export interface RecordedCurveSource extends FigureBlob {
  readonly key: string;
  readonly run: Pick<Run, 'id'>;
  readonly label: string;
  /** What keeps its color over all steps: its run, context and class. */
  readonly series: string;
}

/** More lines cannot be told apart, and each is a request. */
const MOST = { small: 24, whole: 100 };
const POINT_BYTES = 24;

/** `series`: all that may be shown, so that each keeps its color. */
export function CurvesOf({
  kind,
  sources,
  series,
  small = false,
  waits = false,
}: {
  kind: CurveFormat;
  sources: readonly RecordedCurveSource[];
  series: readonly string[];
  small?: boolean;
  /** Nothing is loaded yet. */
  waits?: boolean;
}): ReactNode {
  const { theme } = useFrame();
  const shown = useMemo(() => sources.slice(0, small ? MOST.small : MOST.whole), [sources, small]);
  const { data, problem } = useKept(
    waits ? null : `curves ${shown.map(({ key }) => key).join(' ')}`,
    ({ ask }, signal) =>
      Promise.all(shown.map(async (source) => curveOf(await figureOf(ask, source.run, source, signal)))),
    (loaded) => loaded.reduce((sum, { x }) => sum + x.length * POINT_BYTES, 0),
  );
  const curves = useMemo(
    () => (data?.length === shown.length ? labeledCurves(shown, data, series, theme) : null),
    [shown, data, series, theme],
  );
  if (problem) return <Explained problem={problem} />;
  if (curves === null) return <div className={`classifier-wait ${small ? 'small' : ''} skeleton`} />;
  return (
    <>
      <CurvesChart kind={kind} curves={curves} small={small} />
      {!small && shown.length < sources.length && (
        <p className="count">{`The first ${countText(shown.length)} of ${countText(sources.length)} curves`}</p>
      )}
    </>
  );
}

/** Curves of one series are colored by their step. */
function labeledCurves(
  sources: readonly RecordedCurveSource[],
  loaded: readonly RecordedCurve[],
  series: readonly string[],
  theme: Theme,
): LabeledCurve[] {
  const alone = new Set(sources.map((source) => source.series)).size === 1 && sources.length > 1;
  const palette = series.length > eight.light.length ? twentyFour : eight;
  const { gradient } = chartTheme(theme);
  return sources.map(({ key, label, series: own }, i) => {
    const { kind: _kind, ...curve } = itemAt(loaded, i);
    const color = alone
      ? colorAt(gradient, i / (sources.length - 1))
      : colorFor(Math.max(0, series.indexOf(own)), theme, palette);
    return { ...curve, key, label, color };
  });
}

export function MatrixOf({
  run,
  value,
  small = false,
  waits = false,
}: {
  run: Pick<Run, 'id'>;
  value: FigureBlob;
  small?: boolean;
  waits?: boolean;
}): ReactNode {
  const { data, problem } = useKept(
    waits ? null : `matrix ${run.id} ${value.blob}`,
    async ({ ask }, signal) => matrixOf(await figureOf(ask, run, value, signal)),
    () => 4 * value.size,
  );
  if (problem) return <Explained problem={problem} />;
  if (data === null) return <div className={`classifier-wait ${small ? 'small' : ''} skeleton`} />;
  return <ConfusionChart data={data} small={small} />;
}
