/** Distributions over steps: a curve per step, the first at the top, each in front of the one before. Steps are picked by click. */
import { drawTags, formatX, type AxesFrame } from '../axes';
import { makeSignal } from '../events';
import { formatValue } from '../format';
import { colorAt } from '../gradient';
import type { Pen } from '../pen';
import { makeScale, type Scale } from '../scales';
import { lightTheme } from '../theme';
import type { Tick } from '../ticks';
import { densities, extentOf } from './bins';
import type { DensityOptions, StepHover } from './DensityMap';
import { Distribution, type DistributionAxes } from './Distribution';
import type { DistributionSeries, HistogramArrays } from './types';

const NOTHING: DistributionSeries = { steps: new Float64Array(0), histograms: [] };
/** The height of a curve in rows, and the largest part of the plot that it takes. */
const ROWS = 3;
const LARGEST = 0.45;
/** Pixels between labels of steps. */
const APART = 34;

export class Ridges extends Distribution<DensityOptions> {
  readonly on = { hover: makeSignal<StepHover | null>(), pick: makeSignal<StepHover>() };

  private data = NOTHING;
  private chosen = -1;
  private at: number | null = null;
  private px = 0;

  constructor(host: HTMLElement, options: Partial<DensityOptions> = {}) {
    super(host, { theme: lightTheme, xLabel: '', ...options });
    const { signal } = this.stop;
    this.surface.addEventListener('pointermove', (event) => this.moveTo(this.under(event)), { signal });
    this.surface.addEventListener('pointerleave', () => this.moveTo(null), { signal });
    this.surface.addEventListener('pointerdown', (event) => this.pick(this.under(event)), { signal });
  }

  setData(data: DistributionSeries): void {
    this.data = data;
    this.at = null;
    this.schedule('view');
  }

  /** The index of the marked step. */
  choose(index: number): void {
    if (index === this.chosen) return;
    this.chosen = index;
    this.schedule('view');
  }

  protected override axes(): DistributionAxes {
    const { steps, histograms } = this.data;
    return {
      x: extentOf(histograms) ?? [0, 1],
      xKind: 'value',
      y: (plot) => rowsOf(steps.length, plot),
      yTicks: (rows) => stepTicks(steps, rows),
    };
  }

  protected override drawData(pen: Pen, { plot, x, y }: AxesFrame): void {
    const { theme, gradient = theme.gradient } = this.options;
    const { steps, histograms } = this.data;
    const high = plot.bottom - y.of(steps.length - 1 - ROWS);
    const tall = Math.min(high, (plot.bottom - plot.top) * LARGEST);
    histograms.forEach((histogram, row) => {
      const marked = row === this.chosen;
      tracePath(pen, histogram, x, y.of(row), tall);
      pen.globalAlpha = 0.78;
      pen.fillStyle = theme.background;
      pen.fill();
      pen.globalAlpha = marked ? 0.55 : 0.3;
      pen.fillStyle = colorAt(gradient, steps.length < 2 ? 1 : row / (steps.length - 1));
      pen.fill();
      pen.globalAlpha = 1;
      pen.lineWidth = marked ? 2 : 1;
      pen.setLineDash([]);
      pen.strokeStyle = marked ? theme.text : pen.fillStyle;
      pen.stroke();
    });
  }

  protected override isEmpty(): boolean {
    return this.data.steps.length === 0;
  }

  protected override summary(): string {
    const { steps, histograms } = this.data;
    const extent = extentOf(histograms);
    if (steps.length === 0 || !extent) return 'Distributions as ridgelines: nothing to show.';
    const values = `values ${formatValue(extent[0])} to ${formatValue(extent[1])}`;
    return `Distributions as ridgelines: ${steps.length} steps from ${steps[0]} to ${steps[steps.length - 1]}, ${values}.`;
  }

  protected override drawPointer(): void {
    const { pointer } = this.layers;
    pointer.clear();
    const frame = this.shown;
    const histogram = this.at === null ? undefined : this.data.histograms[this.at];
    if (!frame || this.at === null || !histogram) return;
    const at = frame.y.of(this.at);
    const { pen } = pointer;
    pen.strokeStyle = this.options.theme.crosshair;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(frame.plot.left, Math.round(at) + 0.5);
    pen.lineTo(frame.plot.right, Math.round(at) + 0.5);
    pen.stroke();
    const step = formatValue(this.data.steps[this.at] ?? NaN);
    drawTags(pen, frame, this.options.theme, this.px, formatX(frame.x.invert(this.px), 'value', frame.x), at, step);
  }

  private under(event: PointerEvent): number | null {
    const count = this.data.steps.length;
    if (!this.shown || count === 0) return null;
    const { left, top } = this.surface.getBoundingClientRect();
    this.px = event.clientX - left;
    return Math.max(0, Math.min(count - 1, Math.round(this.shown.y.invert(event.clientY - top))));
  }

  private moveTo(index: number | null): void {
    const same = index === this.at;
    this.at = index;
    this.drawPointer();
    if (!same) this.on.hover.emit(index === null ? null : { index, step: this.data.steps[index] ?? NaN });
  }

  private pick(index: number | null): void {
    if (index !== null) this.on.pick.emit({ index, step: this.data.steps[index] ?? NaN });
  }
}

/** Where the base of each row is: below the first one's curve, down to the axis. */
function rowsOf(count: number, plot: Readonly<{ top: number; bottom: number }>): Scale {
  const room = Math.min(ROWS, Math.max(1, (count * LARGEST) / (1 - LARGEST)));
  return makeScale('linear', [-room, Math.max(0, count - 1)], [plot.top, plot.bottom]);
}

function stepTicks(steps: Float64Array, rows: Scale): Tick[] {
  const each = Math.max(1, Math.ceil(APART / Math.max(1, rows.of(1) - rows.of(0))));
  return Array.from(steps, (step, row) => ({ value: row, label: formatValue(step) })).filter(
    (_, row) => (steps.length - 1 - row) % each === 0,
  );
}

function tracePath(pen: Pen, histogram: HistogramArrays, x: Scale, base: number, tall: number): void {
  const { edges } = histogram;
  const dense = densities(histogram);
  pen.beginPath();
  pen.moveTo(x.of(edges[0] ?? NaN), base);
  dense.forEach((density, bin) => {
    const middle = ((edges[bin] ?? NaN) + (edges[bin + 1] ?? NaN)) / 2;
    pen.lineTo(x.of(middle), base - density * tall);
  });
  pen.lineTo(x.of(edges[dense.length] ?? NaN), base);
}
