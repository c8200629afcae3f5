/** Runs as points over two axes, or as lines across several. */
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import {
  columnOf,
  formatValue,
  ParallelCoordinates,
  Scatter,
  spansDecades,
  type ChartColumn,
  type PlotHover,
} from '../../charts';
import { METRIC_AXIS } from '../../data/axis';
import { paramOf, type Run, type Series } from '../../data/result';
import { chartTheme } from '../../explorer/chartTheme';
import { TipBox, TipHead, TipLine } from '../../explorer/Tooltip';
import { Button } from '../../parts/design/controls';
import { useFrame } from '../../parts/useFrame';
import type { DashboardChart } from '../../wire';
import { shortContext } from '../home/lines';
import { axisValue } from '../plots/axes';
import type { LoadedProps } from './chartProps';
import { ResetZoom } from './ResetZoom';
import { contextOfAxis, valueOf } from './values';

function metricColumn(
  axis: string,
  name: string,
  series: readonly Series[],
  runs: readonly Run[],
  value: DashboardChart['value'],
): ChartColumn {
  const own = series.filter((item) => item.name === name);
  const context = contextOfAxis(own, name);
  const byRun = new Map(
    own.flatMap((item) => (item.contextText === context ? [[item.run.id, valueOf(item, value)]] : [])),
  );
  const label = [name, context && shortContext(context), value !== 'last' && value].filter(Boolean).join(' ');
  return columnOf(
    axis,
    label,
    runs.map(({ id }) => byRun.get(id)),
  );
}

function columnsOf({ axes, value }: DashboardChart, series: readonly Series[], runs: readonly Run[]): ChartColumn[] {
  return axes.map((axis) =>
    axis.startsWith(METRIC_AXIS)
      ? metricColumn(axis, axis.slice(METRIC_AXIS.length), series, runs, value)
      : columnOf(
          axis,
          axis,
          runs.map((run) => axisValue(paramOf(run, axis))),
        ),
  );
}

const isLog = (column: ChartColumn, scale: DashboardChart['x_scale']): boolean =>
  scale === 'log' || (scale === 'auto' && spansDecades(column));

const rangeOf = ([low, high]: DashboardChart['x_range']): readonly [number, number] | null =>
  low !== null && high !== null ? [low, high] : null;

interface PointedRow extends PlotHover {
  readonly left: number;
  readonly top: number;
}

export function PlotBody(props: LoadedProps): ReactNode {
  const { item, shown, visible, series } = props;
  const { known, look } = shown;
  const { chart } = item;
  const runs = useMemo(() => {
    const byId = new Map(known.map((run) => [run.id, run]));
    return visible.flatMap((id) => byId.get(id) ?? []);
  }, [known, visible]);
  const columns = useMemo(() => columnsOf(chart, series, runs), [chart, series, runs]);
  const [pointed, setPointed] = useState<PointedRow | null>(null);
  const run = pointed && runs[pointed.index];
  const Drawing = chart.kind === 'scatter' ? ScatterDrawing : ParallelDrawing;
  return (
    <>
      <Drawing {...props} runs={runs} columns={columns} onPoint={setPointed} />
      {pointed && run && (
        <TipBox at={pointed} place="near" held={false}>
          <TipHead run={run} name={look.nameOf(run)} marker={{ color: look.colorOf(run), dash: [] }} />
          <dl>
            {columns.map((column) => (
              <TipLine key={column.key} name={column.label} text={cellText(column, pointed.index)} />
            ))}
          </dl>
        </TipBox>
      )}
    </>
  );
}

function cellText({ values, categories }: ChartColumn, at: number): string {
  const value = values[at] ?? NaN;
  if (Number.isNaN(value)) return 'none';
  return categories ? (categories[value] ?? '') : formatValue(value);
}

interface DrawingProps extends LoadedProps {
  runs: readonly Run[];
  columns: readonly ChartColumn[];
  onPoint: (pointed: PointedRow | null) => void;
}

const rowsOf = (runs: readonly Run[], { look }: LoadedProps['shown']) =>
  runs.map((run) => ({ key: run.id, label: look.nameOf(run), color: look.colorOf(run) }));

/** The props of the last time, for what a drawing calls back. */
function useLatest(props: DrawingProps): RefObject<DrawingProps> {
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  return latest;
}

/** The pointer in a chart lights its run everywhere on the page. */
function light({ shown, runs, onPoint }: DrawingProps, host: HTMLElement, hover: PlotHover | null): void {
  const run = hover && runs[hover.index];
  shown.highlight.set(run ? { key: run.id, run } : null);
  const box = host.getBoundingClientRect();
  onPoint(hover && { ...hover, left: box.left + hover.px, top: box.top + hover.py });
}

/** A chart in the element of the first ref, with the highlighted run in focus. */
function useDrawing<T extends Scatter | ParallelCoordinates>(
  { highlight }: DrawingProps['shown'],
  make: (element: HTMLElement) => T,
): [RefObject<HTMLDivElement | null>, RefObject<T | null>] {
  const host = useRef<HTMLDivElement>(null);
  const drawing = useRef<T | null>(null);
  useEffect(() => {
    if (!host.current) return undefined;
    const made = make(host.current);
    drawing.current = made;
    const off = highlight.subscribe(() => made.setFocus(highlight.target?.run?.id ?? null));
    return () => {
      off();
      made.destroy();
      drawing.current = null;
    };
  }, [highlight, make]);
  return [host, drawing];
}

function ScatterDrawing(props: DrawingProps): ReactNode {
  const { item, shown, runs, columns, kept, onKept } = props;
  const { chart } = item;
  const { theme } = useFrame();
  const { zoom } = kept;
  const latest = useLatest(props);
  const make = useCallback(
    (element: HTMLElement) => {
      const made = new Scatter(element);
      made.on.hover((hover) => light(latest.current, element, hover));
      made.on.zoom((window) => {
        const { kept, onKept } = latest.current;
        onKept({ ...kept, zoom: window.x || window.y ? window : null });
      });
      return made;
    },
    [latest],
  );
  const [host, drawing] = useDrawing(shown, make);
  const [x, y] = columns;
  const { x_scale, y_scale, x_range, y_range } = chart;
  useEffect(() => {
    if (x && y) drawing.current?.setData({ rows: rowsOf(runs, shown), x, y });
  }, [drawing, runs, shown, x, y]);
  useEffect(() => {
    if (!x || !y) return;
    drawing.current?.setOptions({
      theme: chartTheme(theme),
      xScale: isLog(x, x_scale) ? 'log' : 'linear',
      yScale: isLog(y, y_scale) ? 'log' : 'linear',
      xRange: zoom?.x ?? rangeOf(x_range),
      yRange: zoom?.y ?? rangeOf(y_range),
    });
  }, [drawing, theme, x, y, x_scale, y_scale, x_range, y_range, zoom]);
  return (
    <>
      <ResetZoom kept={kept} onKept={onKept} />
      <div ref={host} className="chart-host" />
    </>
  );
}

function ParallelDrawing(props: DrawingProps): ReactNode {
  const { item, shown, runs, columns, kept, onKept } = props;
  const { theme } = useFrame();
  const { brushes } = kept;
  const latest = useLatest(props);
  const make = useCallback(
    (element: HTMLElement) => {
      const made = new ParallelCoordinates(element);
      made.on.hover((hover) => light(latest.current, element, hover));
      made.on.brush(({ brushes }) => {
        const { kept, onKept } = latest.current;
        onKept({ ...kept, brushes });
      });
      made.on.order((axes) => {
        const { item, onChart } = latest.current;
        onChart?.({ ...item, chart: { ...item.chart, axes: [...axes] } });
      });
      return made;
    },
    [latest],
  );
  const [host, drawing] = useDrawing(shown, make);
  useEffect(() => drawing.current?.setData({ rows: rowsOf(runs, shown), columns }), [drawing, runs, shown, columns]);
  const { y_scale } = item.chart;
  useEffect(
    () =>
      drawing.current?.setOptions({
        theme: chartTheme(theme),
        order: columns.map(({ key }) => key),
        scales: Object.fromEntries(columns.map((column) => [column.key, isLog(column, y_scale) ? 'log' : 'linear'])),
        brushes,
      }),
    [drawing, theme, columns, brushes, y_scale],
  );
  return (
    <>
      {Object.keys(brushes).length > 0 && (
        <div className="board-brushed">
          <Button small icon="reset" onClick={() => onKept({ ...kept, brushes: {} })}>
            Clear brushes
          </Button>
        </div>
      )}
      <div ref={host} className="chart-host" />
    </>
  );
}
