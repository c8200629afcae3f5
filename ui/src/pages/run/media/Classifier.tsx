/** Curves over each other, of steps, classes and runs, and confusion matrices: loaded, colored and drawn. */
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import type { CurveKind } from '../../../charts';
import { useApi } from '../../../data/api';
import { messageOf } from '../../../data/error';
import { chartTheme } from '../../../explorer/chartTheme';
import { curveOf, matrixOf } from '../../../explorer/classifier';
import { ConfusionChart, CurvesChart } from '../../../explorer/ClassifierCharts';
import { useToast } from '../../../parts/design/Toast';
import { Explained } from '../../../parts/states';
import { useFrame } from '../../../parts/useFrame';
import { useKept } from '../../../parts/useKept';
import { download, fileName } from '../../../text/csv';
import { countText } from '../../../text/format';
import { itemAt } from '../../../text/lists';
import type { Run } from '../../../wire';
import { curveMarkers, type CurveOfRun } from './curveStyle';
import { figureOf, type FigureBlob } from './figureBlob';

/** A recorded curve, before it is loaded. */
export interface RecordedCurveSource extends FigureBlob, CurveOfRun {
  readonly key: string;
  readonly label: string;
}

/** More lines cannot be told apart, and each is a request. */
const MOST = { small: 24, whole: 100 };
const POINT_BYTES = 24;

/** `among`: all that may be shown, so that each keeps its color. */
export function CurvesOf({
  kind,
  sources,
  among,
  small = false,
  waits = false,
}: {
  kind: CurveKind;
  sources: readonly RecordedCurveSource[];
  among: readonly CurveOfRun[];
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
  const curves = useMemo(() => {
    if (data?.length !== shown.length) return null;
    const markers = curveMarkers(shown, among, theme, chartTheme(theme).gradient);
    return shown.map(({ key, label }, i) => ({ ...itemAt(data, i), ...itemAt(markers, i), key, label }));
  }, [shown, data, among, theme]);
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

/** Saves the curves of a chart in one file, each as it was recorded. */
export function useSaveCurves(sources: readonly RecordedCurveSource[], name: string): () => void {
  const { ask } = useApi();
  const toast = useToast();
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const recorded = async (source: RecordedCurveSource, signal: AbortSignal): Promise<object> => {
    const { run, step, label } = source;
    return { run: run.id, step, label, curve: await figureOf(ask, run, source, signal) };
  };
  return () => {
    abort.current?.abort();
    const { signal } = (abort.current = new AbortController());
    Promise.all(sources.slice(0, MOST.whole).map((source) => recorded(source, signal)))
      .then((curves) => download(new Blob([JSON.stringify(curves)]), fileName(name, 'json')))
      .catch((error: unknown) => !signal.aborted && toast({ text: messageOf(error), tone: 'danger' }));
  };
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
