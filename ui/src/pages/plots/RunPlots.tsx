/** Charts of runs above their table: toolbar, charts, legend, tooltip and image export. */
import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import type { Drawable, ExportSheet } from '../../charts';
import type { Item } from '../../data/result';
import { Button } from '../../parts/design/controls';
import { gridFor } from '../../explorer/ChartGrid';
import type { Column } from '../../explorer/columns';
import { ExportDialog } from '../../explorer/ExportDialog';
import { groupName } from '../../explorer/groupNames';
import { ControlLine, ControlGroup } from '../../explorer/ControlLine';
import { Legend } from '../../explorer/Legend';
import { LegendButton, PointerButton } from '../../explorer/panels';
import { Split } from '../../explorer/Split';
import { Stage } from '../../explorer/Stage';
import { ChannelPickers } from '../../explorer/Toolbar';
import { useViewport } from '../../parts/virtual';
import type { Channel } from '../../explorer/view/view';
import { RunPanel } from '../runs/RunPanel';
import type { RunPageProps } from '../runs/RunCondition';
import { RUN_VIEW } from '../runs/runView';
import { PlotCard, type PlotDrawing, type PlotChart } from './PlotCard';
import { RunTip } from './RunTip';
import type { Plots } from './usePlots';
import './plots.css';

interface RunPlotsProps<C extends PlotChart> extends RunPageProps {
  plots: Plots;
  drawing: PlotDrawing<C>;
  /** Why there is nothing to draw; null if there is. */
  empty: ReactNode;
  /** The channel that these charts lack. */
  without?: Channel;
  /** Charts that need width rather than height. */
  wide?: boolean;
  /** The columns of the axes. */
  axes: readonly Column<Item>[];
  /** The runs that the table lists; default: all. */
  kept?: readonly Item[];
  none?: ReactNode;
  /** The title of the exported image. */
  title: string;
  /** More controls for the toolbar. */
  children: ReactNode;
}

export function RunPlots<C extends PlotChart>(props: RunPlotsProps<C>): ReactNode {
  const {
    table,
    view,
    change,
    plots,
    drawing,
    empty,
    without,
    wide = false,
    axes,
    kept,
    none,
    title,
    children,
  } = props;
  const { result, theme, style, columns, highlight, pointer, told } = plots;
  const { grouping, fields } = style;
  const [exporting, setExporting] = useState(false);
  const charts = useRef(new Map<string, Drawable>());
  const byKey = useMemo(() => new Map(result.items.map((series) => [series.key, series])), [result.items]);
  const panels = useCallback((): ExportSheet['panels'] => {
    const groups = fields.chart.length > 0 ? grouping.charts : grouping.charts.slice(0, 1);
    return groups.flatMap((group) => {
      const chart = charts.current.get(group.key);
      return chart ? [{ title: groupName(group) || undefined, chart }] : [];
    });
  }, [grouping.charts, fields.chart]);
  const legended = view.legend && (fields.color.length > 0 || fields.stroke.length > 0 || fields.chart.length > 0);
  return (
    <div className={`plots-page ${fields.color.length + fields.stroke.length > 0 ? '' : 'plain'}`}>
      <ControlLine
        tools={
          <ControlGroup on="middle">
            <PointerButton view={view} change={change} result={result} told={told} lines={false} />
            <Button
              icon="download"
              tip="Charts as a picture"
              disabled={empty !== null}
              onClick={() => setExporting(true)}
            />
          </ControlGroup>
        }
        last={<LegendButton view={view} change={change} />}
      >
        <ChannelPickers view={view} change={change} result={result} without={without} standard={RUN_VIEW} />
        <span className="rule" />
        {children}
      </ControlLine>
      <Split
        at={view.split}
        onMove={(split) => change({ split }, 'adjust')}
        top={
          <Stage
            view={view}
            change={change}
            grouping={grouping}
            legend={
              legended && (
                <Legend
                  grouping={grouping}
                  by={fields}
                  hiding={{ hidden: view.hidden, solo: view.solo }}
                  onChange={(hiding) => change(hiding)}
                  markerOf={style.markerOf}
                  highlight={highlight}
                  shown={style.shown}
                />
              )
            }
          >
            {empty ?? <PlotGrid drawing={drawing} plots={plots} view={view} wide={wide} charts={charts.current} />}
          </Stage>
        }
        bottom={
          <RunPanel
            table={table}
            columns={columns}
            items={kept}
            bundles={null}
            view={view}
            change={change}
            shown={style.shown}
            marker={style.marker}
            highlight={highlight}
            onToggle={plots.onToggle}
            onHold={plots.onHold}
            none={none}
            tools={
              view.hidden.length > 0 && (
                <Button small icon="eye" onClick={() => change({ hidden: [], solo: null })}>
                  Show all runs
                </Button>
              )
            }
          />
        }
      />
      <RunTip
        pointer={pointer}
        byKey={byKey}
        names={style.names}
        marker={style.marker}
        axes={axes}
        fields={view.tip ?? told}
        view={view}
      />
      {exporting && (
        <ExportDialog
          panels={panels}
          legend={style.legend()}
          theme={theme}
          title={title}
          onClose={() => setExporting(false)}
        />
      )}
    </div>
  );
}

function PlotGrid<C extends PlotChart>({
  drawing,
  plots,
  view,
  wide,
  charts,
}: Pick<RunPlotsProps<C>, 'drawing' | 'plots' | 'view'> & {
  wide: boolean;
  charts: Map<string, Drawable>;
}): ReactNode {
  const panel = useRef<HTMLDivElement>(null);
  const { width, height } = useViewport(panel);
  const { grouping, shown, fields } = plots.style;
  const grid = gridFor(grouping.charts.length, wide ? width / 2 : width, height);
  return (
    <div
      ref={panel}
      className="charts"
      role="region"
      aria-label="Charts"
      tabIndex={-1}
      onScroll={() => plots.pointer.hover(null)}
    >
      {width > 0 && (
        <div
          className="charts-grid"
          style={{ gridTemplateColumns: `repeat(${grid.columns}, minmax(0, 1fr))`, gridAutoRows: `${grid.height}px` }}
        >
          {grouping.charts.map((group) => (
            <PlotCard
              key={group.key}
              group={group}
              drawn={group.items.reduce((count, { key }) => count + (shown.has(key) ? 1 : 0), 0)}
              titled={fields.chart.length > 0}
              drawing={drawing}
              pin={view.pin?.key ?? null}
              onPin={plots.pin}
              highlight={plots.highlight}
              pointer={plots.pointer}
              charts={charts}
            />
          ))}
        </div>
      )}
    </div>
  );
}
