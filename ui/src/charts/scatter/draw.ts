/** Points of a scatter plot, and the trends above them. */
import { itemAt } from '../../text/lists';
import { fontOf } from '../axes';
import { clipTo, dot } from '../draw';
import { SLICE, type Job } from '../painter';
import { tracePath } from '../path';
import type { Pen } from '../pen';
import type { ChartTheme } from '../types';
import type { ScatterData } from './types';
import { within, type ScatterView, type TrendLine } from './view';

/** Milliseconds per point in software, as measured; only a guide. */
const POINT_COST = 0.006;
const RINGED = 400;

export function radiusFor(count: number): number {
  return count <= 300 ? 4.5 : count <= 2000 ? 3.5 : 2.5;
}

export function pointsJob(view: ScatterView, { rows }: ScatterData, theme: ChartTheme): Job {
  const { px, py, frame, rows: placed } = view;
  const seen = placed.flatMap((_, i) => (within(px[i] ?? NaN, py[i] ?? NaN, frame.plot) ? [i] : []));
  const radius = radiusFor(seen.length);
  return {
    cost: seen.length * POINT_COST,
    *draw(pen) {
      let spent = 0;
      pen.save();
      pen.beginPath();
      pen.rect(
        frame.plot.left - 6,
        frame.plot.top - 6,
        frame.plot.right - frame.plot.left + 12,
        frame.plot.bottom - frame.plot.top + 12,
      );
      pen.clip();
      pen.strokeStyle = theme.background;
      pen.lineWidth = 1;
      pen.globalAlpha = seen.length > 2000 ? 0.55 : 0.85;
      for (const i of seen) {
        pen.fillStyle = itemAt(rows, itemAt(placed, i)).color;
        dot(pen, px[i] ?? NaN, py[i] ?? NaN, radius);
        if (seen.length <= RINGED) pen.stroke();
        if ((spent += POINT_COST) > SLICE) yield void (spent = 0);
      }
      pen.restore();
      drawTrends(pen, view, theme);
    },
  };
}

function drawTrends(pen: Pen, { trends, frame }: ScatterView, theme: ChartTheme): void {
  pen.save();
  clipTo(pen, frame.plot);
  pen.lineJoin = 'round';
  pen.setLineDash([]);
  for (const ground of [true, false]) {
    for (const { color, px, py } of trends) {
      pen.globalAlpha = ground ? 0.8 : 1;
      pen.strokeStyle = ground ? theme.background : color;
      pen.lineWidth = ground ? 5 : 2;
      pen.beginPath();
      tracePath(pen, px, py, 1 / frame.ratio);
      pen.stroke();
    }
  }
  pen.restore();
  drawFits(pen, trends, frame.plot, theme);
}

const APART = 18;

/** The fit of each trend, at its right end, without overlaps. */
function drawFits(pen: Pen, trends: readonly TrendLine[], plot: ScatterView['frame']['plot'], theme: ChartTheme): void {
  pen.font = fontOf(theme, 600);
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  const ends = trends
    .map((trend) => ({
      ...trend,
      y: Math.max(plot.top + 8, Math.min(plot.bottom - 8, (trend.py[trend.py.length - 1] ?? NaN) - 12)),
    }))
    .sort((a, b) => a.y - b.y);
  let above = -Infinity;
  for (const { color, said: text, y } of ends) {
    const at = Math.max(y, above + APART);
    above = at;
    const wide = pen.measureText(text).width;
    pen.globalAlpha = 0.85;
    pen.fillStyle = theme.background;
    pen.beginPath();
    pen.roundRect(plot.right - wide - 12, at - 8, wide + 10, 16, 3);
    pen.fill();
    pen.globalAlpha = 1;
    pen.fillStyle = color;
    pen.fillText(text, plot.right - 7, at + 0.5);
  }
}
