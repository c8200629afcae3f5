/** A line for a table cell: its shape with its extremes, and a dot at its end. */
import { dot } from './draw';
import { tracePath } from './path';
import { penOf, type Pen } from './pen';
import { makeScale, project } from './scales';

export interface Spark {
  readonly color: string;
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel; default: the screen's. */
  readonly ratio?: number;
}

const EDGE = 2.5;

/** Draws on its own canvas, which it sizes. */
export function drawSparkline(canvas: HTMLCanvasElement, values: Float64Array, spark: Spark): void {
  const { width, height, ratio = window.devicePixelRatio } = spark;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = penOf(canvas);
  pen.scale(ratio, ratio);
  paintSparkline(pen, values, { ...spark, ratio });
}

/** Evenly spaced, from edge to edge; a flat line is in the middle. */
export function paintSparkline(pen: Pen, values: Float64Array, { color, width, height, ratio = 1 }: Spark): void {
  const [low, high] = finiteExtent(values);
  if (!(low <= high)) return;
  const x = makeScale('linear', [0, Math.max(1, values.length - 1)], [EDGE, width - EDGE]);
  const y = makeScale('linear', low < high ? [low, high] : [low - 1, high + 1], [height - EDGE, EDGE]);
  const px = project(x, Float64Array.from(values.keys()), 0, values.length);
  const py = project(y, values, 0, values.length);
  pen.strokeStyle = color;
  pen.lineWidth = 1.25;
  pen.lineJoin = 'round';
  pen.beginPath();
  tracePath(pen, px, py, 1 / ratio);
  pen.stroke();
  const last = py.findLastIndex((value) => value === value);
  pen.fillStyle = color;
  dot(pen, px[last] ?? NaN, py[last] ?? NaN, 2);
}

function finiteExtent(values: Float64Array): readonly [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
