/**
 * Cells in the strength of the lines that pass them. It grows with the logarithm of their number, so that a single line
 * beside thousands can be seen.
 */
import { penOf } from '../pen';
import type { ChartTheme } from '../types';
import type { Counter, Grid } from './counts';

export type Rgb = readonly [number, number, number];

/** The number of lines in each cell, and the mean of their colors. */
export class Ink {
  private readonly counts: Uint32Array;
  private readonly colors: Float32Array;
  private plain = false;

  constructor(private readonly grid: Grid) {
    this.counts = new Uint32Array(grid.columns * grid.rows);
    this.colors = new Float32Array(3 * grid.columns * grid.rows);
  }

  /** `color`: null for one that the gradient gives. */
  add(counter: Counter, color: Rgb | null): void {
    const { counts, colors, grid } = this;
    this.plain ||= color === null;
    counter.take((column, row, count) => {
      const at = row * grid.columns + column;
      counts[at] = (counts[at] ?? 0) + count;
      if (color) for (let c = 0; c < 3; c++) colors[3 * at + c] = (colors[3 * at + c] ?? 0) + count * (color[c] ?? 0);
    });
  }

  picture(theme: ChartTheme): HTMLCanvasElement {
    const { counts, colors, grid } = this;
    const canvas = document.createElement('canvas');
    canvas.width = grid.columns;
    canvas.height = grid.rows;
    const image = new ImageData(grid.columns, grid.rows);
    const gradient = this.plain ? theme.gradient.map(rgbOf) : null;
    const strength = strengths(counts);
    counts.forEach((count, at) => {
      if (count === 0) return;
      const part = strength(count);
      const shade = gradient?.[Math.round(part * (gradient.length - 1))];
      for (let c = 0; c < 3; c++) image.data[4 * at + c] = shade ? (shade[c] ?? 0) : (colors[3 * at + c] ?? 0) / count;
      image.data[4 * at + 3] = 255 * (FAINTEST + (1 - FAINTEST) * part);
    });
    penOf(canvas).putImageData(image, 0, 0);
    return canvas;
  }
}

/** The opacity of a single line. */
const FAINTEST = 0.4;

/** How strong a cell with so many lines is, 0 to 1. */
export function strengths(counts: Uint32Array): (count: number) => number {
  const most = counts.reduce((high, count) => Math.max(high, count), 1);
  const whole = Math.log(most) || 1;
  return (count) => Math.log(count) / whole;
}

export function rgbOf(color: string): Rgb {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1, 1];
  const pen = penOf(canvas);
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}
