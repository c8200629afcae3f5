/** One chart in place of all charts of a dashboard: lines with the controls of the metrics explorer. */
import { useMemo, type ReactNode } from 'react';
import { useView } from '../../explorer/view/useView';
import { Button } from '../../parts/design/controls';
import { Boundary } from '../../parts/design/Boundary';
import { Enlarged } from '../home/Enlarged';
import { EnlargedHead, EnlargedPanel, type EnlargedHeadProps } from '../home/EnlargedPanel';
import { titleOf, type BoardChart } from './board';
import { ChartBody } from './ChartBody';
import type { ChartBodyProps } from './chartProps';
import { queryOf, viewOf, withView } from './explorerAddress';
import { useChartView } from './useChartView';

interface EnlargedChartProps
  extends Omit<ChartBodyProps, 'onEnlarge' | 'kept' | 'onKept'>, Omit<EnlargedHeadProps, 'title'> {
  sources: readonly string[];
}

export function EnlargedChart(props: EnlargedChartProps): ReactNode {
  const { item, visible, sources, onChart, onClose, onStep, ...body } = props;
  const { chart } = item;
  const [kept, onKept] = useChartView(chart);
  const head = { title: titleOf(chart), onClose, onStep };
  const q = useMemo(() => queryOf(chart, visible, sources), [chart, visible, sources]);
  const standard = useMemo(() => ({ ...viewOf(chart), q }), [chart, q]);
  if (chart.kind === 'line' && chart.metrics.length > 0)
    return (
      <Enlarged
        id={item.key}
        q={q}
        standard={standard}
        actions={onChart && <KeepView item={item} onChart={onChart} />}
        {...head}
      />
    );
  return (
    <EnlargedPanel title={head.title} onClose={onClose}>
      <EnlargedHead {...head} />
      <figure className="chart wall-tile board-tile board-enlarged" aria-label={head.title}>
        <Boundary resetOn={chart}>
          <ChartBody item={item} visible={visible} onChart={onChart} kept={kept} onKept={onKept} {...body} />
        </Boundary>
      </figure>
    </EnlargedPanel>
  );
}

/** Axes and smoothing that were tried become those of the chart. */
function KeepView({ item, onChart }: { item: BoardChart; onChart: (item: BoardChart) => void }): ReactNode {
  const [view] = useView();
  const chart = withView(item.chart, view);
  if (JSON.stringify(chart) === JSON.stringify(item.chart)) return null;
  return (
    <Button
      look="outline"
      title="The chart of the dashboard gets these axes and this smoothing"
      onClick={() => onChart({ ...item, chart })}
    >
      Keep for this chart
    </Button>
  );
}
