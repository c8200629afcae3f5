/** Holds a chart of lines: colors by run, dashes by context. */
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { LineChart, type ChartOptions, type ZoomRange } from '../../charts';
import type { Series } from '../../data/result';
import { ruledByOutliers } from '../../explorer/outliers';
import type { ChartSync } from '../../explorer/sync';
import { linesOf, type RunLook } from './lines';

interface LineDrawingProps {
  /** Of the chart among those that follow one pointer. */
  id: string;
  series: readonly Series[];
  look: RunLook;
  /** Without `ignoreOutliers`, those that would flatten all other values are left out. */
  options: Partial<ChartOptions>;
  sync: ChartSync;
  onZoom: (window: ZoomRange) => void;
  onPick?: () => void;
}

export function LineDrawing({ id, series, look, options, sync, onZoom, onPick }: LineDrawingProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const lines = useMemo(() => linesOf(series, look), [series, look]);
  const latest = useRef({ options, onZoom, onPick });
  useEffect(() => {
    latest.current = { options, onZoom, onPick };
  });
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const made = new LineChart(element, latest.current.options);
    chart.current = made;
    const leave = sync.add(made, id);
    made.on.hover((hover) => sync.point(made, element, hover));
    made.on.zoom((window) => latest.current.onZoom(window));
    made.on.pick(() => latest.current.onPick?.());
    made.on.blank(() => latest.current.onPick?.());
    return () => {
      leave();
      made.destroy();
      chart.current = null;
    };
  }, [id, sync]);
  const { ignoreOutliers } = options;
  const log = options.yScale === 'log';
  const ignores = useMemo(() => ignoreOutliers ?? ruledByOutliers(lines, log), [ignoreOutliers, lines, log]);
  useEffect(() => chart.current?.setOptions({ ...options, ignoreOutliers: ignores }), [options, ignores]);
  useEffect(() => chart.current?.setLines(lines), [lines]);
  return <div ref={host} className="chart-host" />;
}
