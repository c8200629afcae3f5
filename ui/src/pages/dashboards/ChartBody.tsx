/** What a chart of a dashboard shows, by its kind. */
import { useCallback, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { Series } from '../../data/result';
import { Rendered } from '../../parts/NoteText';
import type { Problem } from '../../wire';
import type { WallCurves } from '../home/wallCurves';
import { BarBody } from './BarBody';
import { lacking, metricsOf } from './board';
import type { ChartBodyProps } from './chartProps';
import { LineBody } from './LineBody';
import { MediaBody } from './MediaBody';
import { NumberBody } from './NumberBody';
import { PlotBody } from './PlotBody';

export function ChartBody(props: ChartBodyProps): ReactNode {
  const { chart } = props.item;
  const missing = lacking(chart);
  if (missing !== null) return <p className="quiet board-none">{missing}</p>;
  switch (chart.kind) {
    case 'image':
      return <MediaBody {...props} kind="image" />;
    case 'text':
      return chart.metrics.length > 0 ? <MediaBody {...props} kind="text" /> : <TextBody text={chart.text} />;
    default:
      return <SeriesBody {...props} />;
  }
}

function TextBody({ text }: { text: string }): ReactNode {
  return (
    <div className="board-text" tabIndex={0} role="group" aria-label="Text">
      <Rendered text={text} />
    </div>
  );
}

function SeriesBody(props: ChartBodyProps): ReactNode {
  const { chart } = props.item;
  const curves = props.curves.of(chart);
  const names = metricsOf(chart);
  const { series, problem } = useSeriesOf(curves, names);
  if (problem)
    return (
      <p className="wall-problem">
        <bdi>{[problem.message, problem.hint].filter(Boolean).join(' ')}</bdi>
      </p>
    );
  if (!series) return <div className="wall-wait skeleton" role="status" aria-label="Loading" />;
  const loaded = { ...props, series };
  switch (chart.kind) {
    case 'bar':
      return <BarBody {...loaded} />;
    case 'number':
      return <NumberBody {...loaded} />;
    case 'line':
      return <LineBody {...loaded} />;
    default:
      return <PlotBody {...loaded} />;
  }
}

interface LoadedSeries {
  readonly parts: readonly (readonly Series[] | undefined)[];
  readonly problem: Problem | undefined;
  /** Undefined until all metrics are loaded. */
  readonly series: readonly Series[] | undefined;
}

/** The same object as long as nothing of these metrics changed. */
function useSeriesOf(curves: WallCurves, names: readonly string[]): LoadedSeries {
  const [kept] = useState<{ last: LoadedSeries }>(() => ({
    last: { parts: [], problem: undefined, series: undefined },
  }));
  const joined = names.join('\n');
  const read = useCallback((): LoadedSeries => {
    const wanted = joined === '' ? [] : joined.split('\n');
    const parts = wanted.map((name) => curves.of(name));
    const problem = curves.problem ?? wanted.map((name) => curves.problemOf(name)).find(Boolean);
    const { last } = kept;
    const same = parts.length === last.parts.length && parts.every((part, at) => part === last.parts[at]);
    if (same && last.problem === problem && last.series !== undefined) return last;
    if (same && last.problem === problem && parts.some((part) => part === undefined)) return last;
    const series = parts.every((part) => part !== undefined) ? parts.flatMap((part) => part ?? []) : undefined;
    kept.last = { parts, problem, series };
    return kept.last;
  }, [curves, joined, kept]);
  return useSyncExternalStore(curves.subscribe, read);
}
