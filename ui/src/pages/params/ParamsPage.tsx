/** Runs as lines across their params and what their metrics reached; brushes on the axes filter lines and table. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { ParallelCoordinates, type Brushes } from '../../charts';
import { Button, Choice } from '../../design/controls';
import { chartTheme } from '../../explorer/chartTheme';
import { runTitle } from '../../explorer/fields';
import { Highlight } from '../../explorer/highlight';
import { Split } from '../../explorer/Split';
import { Notice } from '../../explorer/states';
import { adjust, useAddress } from '../../frame/address';
import { useFrame, useTitle } from '../../frame/useFrame';
import type { Change } from '../../state/useView';
import { FRESH, type View } from '../../state/view';
import { runColumns } from '../runs/columns';
import { RunPanel } from '../runs/RunPanel';
import { RunQuery } from '../runs/RunQuery';
import { VALUES, type RunTable } from '../runs/runTable';
import { useTableView } from '../runs/useTableView';
import { axisOf, brushTexts, choices, keptRows, readBrushes, standardAxes } from './axes';
import { AxesButton } from './AxesButton';
import { markerBy } from './markerBy';
import './params.css';

const ALONG = '';

export default function ParamsPage(): ReactNode {
  const [view, change] = useTableView();
  useTitle(view.q || 'Params');
  return (
    <>
      <h1 className="hidden-text">Params</h1>
      <RunQuery q={view.q ?? ''} onSearch={(q) => change({ ...FRESH, q: q || null })}>
        {(table) => <Params table={table} view={view} change={change} />}
      </RunQuery>
    </>
  );
}

function Params({ table, view, change }: { table: RunTable; view: View; change: Change }): ReactNode {
  const address = useAddress();
  const { theme } = useFrame();
  const { result } = table;
  const [highlight] = useState(() => new Highlight());
  const possible = useMemo(() => choices(runColumns(table, VALUES)), [table]);
  const standard = useMemo(() => standardAxes(possible, result), [possible, result]);
  const named = address.getAll('axis').join('\n');
  const keys = useMemo(() => (named ? named.split('\n') : standard), [named, standard]);
  const axes = useMemo(
    () => keys.flatMap((key) => possible.filter(({ id }) => id === key).map((column) => axisOf(column, result))),
    [keys, possible, result],
  );
  const brushed = address.getAll('brush').join('\n');
  const brushes = useMemo(() => readBrushes(brushed.split('\n')), [brushed]);
  const logs = address.getAll('log');
  const by = address.get('by') ?? ALONG;
  const marker = useMemo(() => markerBy(table, possible.find(({ id }) => id === by)?.value ?? null, theme), [table, possible, by, theme]);
  const kept = useMemo(() => keptRows(axes, brushes, result.series.length).map((row) => result.series[row]), [axes, brushes, result]);
  const columns = useMemo(() => runColumns(table, ['last']), [table]);
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ParallelCoordinates | null>(null);

  useEffect(() => {
    if (!host.current) return undefined;
    const made = new ParallelCoordinates(host.current, { theme: chartTheme(theme) });
    chart.current = made;
    made.on.hover((hover) => highlight.set(hover && { key: hover.key, run: { id: hover.key } }));
    made.on.brush((next) => onBrush(next.brushes));
    made.on.order((order) => adjust({ axis: order }));
    made.on.axis((key) => {
      const now = new URLSearchParams(window.location.search).getAll('log');
      adjust({ log: now.includes(key) ? now.filter((one) => one !== key) : [...now, key] });
    });
    const off = highlight.subscribe(() => made.setFocus(highlight.key));
    return () => {
      off();
      made.destroy();
      chart.current = null;
    };
  }, [highlight]);
  useEffect(() => {
    const rows = result.series.map((series) => ({ key: series.key, label: runTitle(series.run), color: marker(series).color }));
    chart.current?.setData({ rows, columns: axes });
  }, [result, axes, marker]);
  useEffect(() => {
    chart.current?.setOptions({
      theme: chartTheme(theme),
      order: keys,
      scales: Object.fromEntries(logs.map((key) => [key, 'log' as const])),
      colorBy: by === ALONG ? (keys[keys.length - 1] ?? null) : null,
      curved: view.curve,
      brushes,
    });
  }, [theme, keys, logs.join('\n'), by, view.curve, brushes]);

  const has = Object.keys(brushes).length > 0;
  return (
    <div className={`params-page ${by === ALONG ? 'along' : ''}`}>
      <div className="params-bar" role="toolbar" aria-label="Chart">
        <AxesButton columns={possible} chosen={keys} standard={standard} onChange={(next) => adjust({ axis: next.length ? next : null, brush: null })} />
        <Choice
          label="Colour by"
          value={by}
          options={[
            { value: ALONG, label: 'Colour: last axis' },
            ...possible.filter(({ id }) => id.startsWith('params.')).map(({ id, label }) => ({ value: id, label: `Colour: ${label}` })),
          ]}
          onChange={(next) => adjust({ by: next || null })}
        />
        <Button small icon="wave" active={view.curve} aria-pressed={view.curve} onClick={() => change({ curve: !view.curve })}>
          Curves
        </Button>
        {has && (
          <Button small icon="reset" onClick={() => adjust({ brush: null })}>
            Clear brushes
          </Button>
        )}
        <span className="stretch" />
        <span className="count">Drag along an axis to filter. Click its name for a log scale, drag the name to move it.</span>
      </div>
      <Split
        at={view.split}
        onMove={(split) => change({ split }, 'adjust')}
        top={
          <div className="params-stage">
            <div ref={host} className="params-chart" />
            {axes.length === 0 && (
              <Notice icon="axis" title="No axis to draw">
                <p>These runs do not differ in their params and have no metric in common. Choose axes above.</p>
              </Notice>
            )}
          </div>
        }
        bottom={<RunPanel table={table} series={kept} columns={columns} view={view} change={change} marker={marker} highlight={highlight} />}
      />
    </div>
  );
}

const onBrush = (brushes: Brushes): void => adjust({ brush: brushTexts(brushes) }, { replace: true });
