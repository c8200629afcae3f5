/** Quantile lines above a density, with their names at the right. */
import { fontOf, type AxesFrame } from '../axes';
import { tracePath } from '../path';
import type { Pen } from '../pen';
import type { Pixels } from '../scales';
import type { Trace } from '../trace';
import type { ChartTheme, Rect } from '../types';
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

/** `taken`: where labels of other lines are; its own are added. */
export function drawQuantiles(
  pen: Pen,
  traces: readonly Trace[],
  grid: Grid,
  frame: AxesFrame,
  theme: ChartTheme,
  color: string,
  wanted: readonly Quantile[],
  taken: Rect[],
): void {
  const paths = quantiles(
    traces,
    grid,
    wanted.map(({ part }) => part),
  );
  paths.forEach((path, at) => strokeOnGround(pen, path, frame.ratio, wanted[at]?.dash ?? [], theme));
  pen.font = fontOf(theme, 500);
  paths.forEach((path, at) => {
    const label = wanted[at]?.label ?? '';
    const room = { width: pen.measureText(label).width + 6, height: theme.fontSize + 4 };
    const place = labelPlace(path, room, frame.plot, taken);
    if (!place) return;
    taken.push(place);
    drawLabel(pen, label, place, color, theme);
  });
}

const GAP = 3;

/** At the end of a line, above what it passes there or below; null where neither is free. */
export function labelPlace(
  { px, py }: Pixels,
  { width, height }: { readonly width: number; readonly height: number },
  plot: Rect,
  taken: readonly Rect[],
): Rect | null {
  const last = py.findLastIndex((y) => y === y);
  if (last < 0) return null;
  const right = px[last] ?? NaN;
  const passed = [...py.subarray(0, last + 1)].filter((y, at) => y === y && (px[at] ?? NaN) >= right - width);
  const boxAt = (top: number): Rect => ({ left: right - width, right, top, bottom: top + height });
  const places = [boxAt(Math.min(...passed) - GAP - height), boxAt(Math.max(...passed) + GAP)];
  const free = ({ left, top, bottom }: Rect): boolean =>
    top >= plot.top &&
    bottom <= plot.bottom &&
    taken.every((other) => other.bottom <= top || other.top >= bottom || other.right <= left || other.left >= right);
  return places.find(free) ?? null;
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

function drawLabel(pen: Pen, text: string, { left, right, top, bottom }: Rect, color: string, theme: ChartTheme): void {
  pen.font = fontOf(theme, 500);
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.globalAlpha = 0.75;
  pen.fillStyle = theme.background;
  pen.fillRect(left, top, right - left, bottom - top);
  pen.globalAlpha = 1;
  pen.fillStyle = color;
  pen.fillText(text, right - 3, (top + bottom) / 2);
}
