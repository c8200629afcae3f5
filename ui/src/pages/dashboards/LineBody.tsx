/** Lines over an axis; a brushed window is shown until it is reset. */
import { useMemo, type ReactNode } from 'react';
import type { ChartOptions } from '../../charts';
import { axisKind, axisLabel } from '../../data/axis';
import { startsLogY } from '../../explorer/axisScale';
import { chartTheme } from '../../explorer/chartTheme';
import { useFrame } from '../../parts/useFrame';
import { LineDrawing } from '../home/LineDrawing';
import { xAxisOf } from './boardCurves';
import type { LoadedProps } from './chartProps';
import { ResetZoom } from './ResetZoom';

export function LineBody({ item, shown, curves, series, kept, onKept, onEnlarge }: LoadedProps): ReactNode {
  const { chart } = item;
  const { theme } = useFrame();
  const { zoom } = kept;
  const x = xAxisOf(chart.x);
  const log = chart.y_scale === 'auto' ? startsLogY(series) : chart.y_scale === 'log';
  const options = useMemo<Partial<ChartOptions>>(
    () => ({
      xKind: axisKind(x),
      xLabel: x === 'step' ? '' : axisLabel(x),
      xScale: chart.x_scale === 'log' ? 'log' : 'linear',
      yScale: log ? 'log' : 'linear',
      xBounds: chart.x_range,
      yBounds: chart.y_range,
      xRange: zoom?.x ?? null,
      yRange: zoom?.y ?? null,
      ignoreOutliers: chart.ignore_outliers,
      smoothing: { kind: chart.smoothing > 0 ? 'ema' : 'none', amount: chart.smoothing },
      theme: chartTheme(theme),
    }),
    [chart, x, log, zoom, theme],
  );
  if (series.length === 0) return <p className="quiet board-none">None of the shown runs has this metric.</p>;
  return (
    <>
      <ResetZoom kept={kept} onKept={onKept} />
      <LineDrawing
        id={item.key}
        series={series}
        look={shown.look}
        options={options}
        sync={curves.syncOf(x)}
        onZoom={(window) => onKept({ ...kept, zoom: window.x || window.y ? window : null })}
        onPick={onEnlarge}
      />
    </>
  );
}
