/** Runs as points over two of their params or metrics, with a trend. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { formatValue, Scatter, type Column as Axis, type Range, type ScatterOptions } from '../../charts';
import { textOf, type Series } from '../../data/result';
import { Button, Choice } from '../../design/controls';
import { chartTheme } from '../../explorer/chartTheme';
import type { Column } from '../../explorer/columns';
import { runTitle } from '../../explorer/fields';
import { Highlight } from '../../explorer/highlight';
import { Split } from '../../explorer/Split';
import { Notice } from '../../explorer/states';
import { adjust, useAddress } from '../../frame/address';
import { useFrame, useTitle } from '../../frame/useFrame';
import type { Change } from '../../state/useView';
import { FRESH, type View } from '../../state/view';
import { axisOf, choices, standardAxes } from '../params/axes';
import { markerBy } from '../params/markerBy';
import { runColumns } from '../runs/columns';
import { RunPanel } from '../runs/RunPanel';
import { RunQuery } from '../runs/RunQuery';
import { VALUES, type RunTable } from '../runs/runTable';
import { useTableView } from '../runs/useTableView';
import '../params/params.css';

const TRENDS = [
  { value: 'none', label: 'No trend' },
  { value: 'linear', label: 'Linear trend' },
  { value: 'loess', label: 'LOESS trend' },
] as const;
type Trend = ScatterOptions['trend'];

export default function ScatterPage(): ReactNode {
  const [view, change] = useTableView();
  useTitle(view.q || 'Scatter');
  return (
    <>
      <h1 className="hidden-text">Scatter</h1>
      <RunQuery q={view.q ?? ''} onSearch={(q) => change({ ...FRESH, q: q || null })}>
        {(table) => <Points table={table} view={view} change={change} />}
      </RunQuery>
    </>
  );
}

function Points({ table, view, change }: { table: RunTable; view: View; change: Change }): ReactNode {
  const address = useAddress();
  const { theme } = useFrame();
  const { result } = table;
  const [highlight] = useState(() => new Highlight());
  const possible = useMemo(() => choices(runColumns(table, VALUES)), [table]);
  const standard = useMemo(() => standardAxes(possible, result), [possible, result]);
  const columnOf = (name: string, fallback: string | undefined): Column | undefined =>
    possible.find(({ id }) => id === (address.get(name) ?? fallback));
  const x = columnOf('px', possible.find(({ id }) => /\.(lr|learning_rate)$/.test(id))?.id ?? standard[0]);
  const y = columnOf('py', standard[standard.length - 1]);
  const colour = columnOf('by', undefined);
  const trend: Trend = TRENDS.find(({ value }) => value === address.get('trend'))?.value ?? 'none';
  const each = address.get('each') === '1';
  const marker = useMemo(() => markerBy(table, colour?.value ?? null, theme), [table, colour, theme]);
  const axes = useMemo(() => (x && y ? { x: axisOf(x, result), y: axisOf(y, result) } : null), [x, y, result]);
  const columns = useMemo(() => runColumns(table, ['last']), [table]);
  const [pointed, setPointed] = useState<Series | null>(null);
  const [zx, zy] = [address.get('zx') ?? '', address.get('zy') ?? ''];
  const xRange = useMemo(() => readRange(zx), [zx]);
  const yRange = useMemo(() => readRange(zy), [zy]);
  const host = useChart({ table, axes, marker, highlight, setPointed, options: {
    theme: chartTheme(theme),
    xScale: view.logX ? 'log' : 'linear',
    yScale: view.logY ? 'log' : 'linear',
    trend,
    trendBy: each ? 'color' : 'all',
    xRange,
    yRange,
  } });
  const options = possible.map(({ id, label }) => ({ value: id, label }));
  return (
    <div className={`params-page ${colour ? '' : 'along'}`}>
      <div className="params-bar" role="toolbar" aria-label="Chart">
        <Choice label="X" value={x?.id ?? ''} options={named('X', options)} onChange={(px) => adjust({ px, zx: null })} />
        <Switchable label="Log X" on={view.logX} onChange={(logX) => change({ logX })} />
        <Choice label="Y" value={y?.id ?? ''} options={named('Y', options)} onChange={(py) => adjust({ py, zy: null })} />
        <Switchable label="Log Y" on={view.logY} onChange={(logY) => change({ logY })} />
        <Choice
          label="Colour by"
          value={colour?.id ?? ''}
          options={[{ value: '', label: 'One colour' }, ...named('Colour', options)]}
          onChange={(by) => adjust({ by: by || null })}
        />
        <Choice label="Trend" value={trend} options={TRENDS} onChange={(next) => adjust({ trend: next === 'none' ? null : next })} />
        {trend !== 'none' && colour && (
          <Switchable label="One for each colour" on={each} onChange={(on) => adjust({ each: on ? '1' : null })} />
        )}
        {(xRange || yRange) && (
          <Button small icon="reset" onClick={() => adjust({ zx: null, zy: null })}>
            Reset zoom
          </Button>
        )}
        <span className="stretch" />
        {pointed && x && y && (
          <span className="count">
            <bdi>{runTitle(pointed.run)}</bdi> · {told(x, pointed)} · {told(y, pointed)}
          </span>
        )}
      </div>
      <Split
        at={view.split}
        onMove={(split) => change({ split }, 'adjust')}
        top={
          <div className="params-stage">
            <div ref={host} className="params-chart" />
            {!axes && (
              <Notice icon="axis" title="Nothing to place the runs by">
                <p>These runs have neither params nor metrics.</p>
              </Notice>
            )}
          </div>
        }
        bottom={<RunPanel table={table} columns={columns} view={view} change={change} marker={marker} highlight={highlight} />}
      />
    </div>
  );
}

const named = <T extends { label: string }>(name: string, options: readonly T[]): T[] =>
  options.map((option) => ({ ...option, label: `${name}: ${option.label}` }));

function told(column: Column, series: Series): string {
  const value = column.value(series);
  return `${column.label} ${typeof value === 'number' ? formatValue(value) : textOf(value) || 'none'}`;
}

function Switchable({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }): ReactNode {
  return (
    <Button small active={on} aria-pressed={on} onClick={() => onChange(!on)}>
      {label}
    </Button>
  );
}

const rangeText = (range: Range | null): string | null => range && range.map((end) => Number(end.toPrecision(10))).join('~');

function readRange(text: string): Range | null {
  const [low, high] = text.split('~').map((end) => (end === '' ? NaN : Number(end)));
  return Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null;
}

interface ChartProps {
  table: RunTable;
  axes: { x: Axis; y: Axis } | null;
  marker: ReturnType<typeof markerBy>;
  highlight: Highlight;
  setPointed: (series: Series | null) => void;
  options: Partial<ScatterOptions>;
}

function useChart({ table, axes, marker, highlight, setPointed, options }: ChartProps): React.RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Scatter | null>(null);
  const latest = useRef(table);
  useEffect(() => {
    latest.current = table;
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new Scatter(host.current, options);
    chart.current = made;
    const point = (hover: { readonly key: string } | null): void => {
      highlight.set(hover && { key: hover.key, run: { id: hover.key } });
      setPointed(latest.current.result.series.find(({ key }) => key === hover?.key) ?? null);
    };
    made.on.hover(point);
    made.on.pick(point);
    made.on.zoom((zoom) => adjust({ zx: rangeText(zoom.x), zy: rangeText(zoom.y) }));
    const off = highlight.subscribe(() => made.setFocus(highlight.key));
    return () => {
      off();
      made.destroy();
      chart.current = null;
    };
  }, [highlight]);
  useEffect(() => {
    const rows = table.result.series.map((series) => ({ key: series.key, label: runTitle(series.run), color: marker(series).color }));
    if (axes) chart.current?.setData({ rows, ...axes });
  }, [table, axes, marker]);
  const { theme, xScale, yScale, trend, trendBy, xRange, yRange } = options;
  useEffect(
    () => chart.current?.setOptions({ theme, xScale, yScale, trend, trendBy, xRange, yRange }),
    [theme, xScale, yScale, trend, trendBy, xRange, yRange],
  );
  return host;
}
