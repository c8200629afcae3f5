/** Quantile lines above a density, with their names at the right. */
import { fontOf, type AxesFrame } from '../axes';
import { tracePath } from '../path';
import type { Pen } from '../pen';
import type { Pixels } from '../scales';
import type { Trace } from '../trace';
import type { ChartTheme } from '../types';
import type { Grid } from './counts';
import { quantiles } from './quantiles';

interface Quantile {
  readonly part: number;
  readonly label: string;
  readonly dash: readonly number[];
}

export const MEDIAN: readonly Quantile[] = [{ part: 0.5, label: 'median', dash: [] }];
export const SPREAD: readonly Quantile[] = [
  { part: 0.05, label: '5 %', dash: [1, 3] },
  { part: 0.25, label: '25 %', dash: [4, 3] },
  ...MEDIAN,
  { part: 0.75, label: '75 %', dash: [4, 3] },
  { part: 0.95, label: '95 %', dash: [1, 3] },
];

export function drawQuantiles(
  pen: Pen,
  traces: readonly Trace[],
  grid: Grid,
  frame: AxesFrame,
  theme: ChartTheme,
  color: string,
  wanted: readonly Quantile[],
): void {
  const paths = quantiles(
    traces,
    grid,
    wanted.map(({ part }) => part),
  );
  let above = Infinity;
  paths.forEach((path, at) => {
    const { label, dash } = wanted[at] ?? { label: '', dash: [] };
    strokeOnGround(pen, path, frame.ratio, dash, theme);
    const end = endOf(path);
    if (!end || above - end.y < theme.fontSize) return;
    above = end.y;
    drawLabel(pen, label, end.x, end.y, color, theme);
  });
}

/** With a rim in the color of the page, so that it can be seen in the densest place. */
function strokeOnGround(pen: Pen, { px, py }: Pixels, ratio: number, dash: readonly number[], theme: ChartTheme): void {
  pen.lineJoin = 'round';
  for (const [style, width, alpha, dashes] of [
    [theme.background, 3.5, 0.75, []],
    [theme.text, 1.5, 1, dash],
  ] as const) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.globalAlpha = alpha;
    pen.setLineDash([...dashes]);
    pen.beginPath();
    tracePath(pen, px, py, 1 / ratio);
    pen.stroke();
  }
  pen.setLineDash([]);
}

function endOf({ px, py }: Pixels): { readonly x: number; readonly y: number } | null {
  const last = py.findLastIndex((y) => y === y);
  return last < 0 ? null : { x: px[last] ?? NaN, y: py[last] ?? NaN };
}

function drawLabel(pen: Pen, text: string, right: number, y: number, color: string, theme: ChartTheme): void {
  pen.font = fontOf(theme, 500);
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  const width = pen.measureText(text).width + 6;
  pen.globalAlpha = 0.75;
  pen.fillStyle = theme.background;
  pen.fillRect(right - width, y - theme.fontSize / 2 - 2, width, theme.fontSize + 4);
  pen.globalAlpha = 1;
  pen.fillStyle = color;
  pen.fillText(text, right - 3, y);
}
