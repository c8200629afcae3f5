/** What a chart of a dashboard shows, by its kind. */
import type { ReactNode } from 'react';
import { Rendered } from '../../parts/NoteText';
import { BarBody } from './BarBody';
import { lacking, metricsOf } from './board';
import type { ChartBodyProps } from './chartProps';
import { LineBody } from './LineBody';
import { MediaBody } from './MediaBody';
import { NumberBody } from './NumberBody';
import { PlotBody } from './PlotBody';
import { useSeriesOf } from './useSeriesOf';

export function ChartBody(props: ChartBodyProps): ReactNode {
  const { chart } = props.item;
  const missing = lacking(chart);
  if (missing !== null) return <p className="quiet board-none">{missing}</p>;
  switch (chart.kind) {
    case 'image':
    case 'figure':
    case 'table':
      return <MediaBody {...props} kind={chart.kind} />;
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
