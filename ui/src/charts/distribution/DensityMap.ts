/** Distributions over steps: a column per step, shaded by density. Steps are picked by click, drag or key. */
import { itemAt } from '../../text/lists';
import { drawTags, formatX, yTicksFor, type AxesFrame } from '../axes';
import { makeSignal } from '../events';
import { formatValue } from '../format';
import { colorAt } from '../gradient';
import type { Pen } from '../pen';
import { makeScale } from '../scales';
import { lightTheme } from '../theme';
import type { ChartTheme, Range } from '../types';
import { columnEdges, densities, extentOf, nearestIndex, quantile } from './bins';
import { Distribution, type DistributionAxes } from './Distribution';
import type { DistributionSeries } from './types';

export interface DensityOptions {
  readonly theme: ChartTheme;
  readonly xLabel: string;
  /** The color of the densest values; default: the theme's gradient. */
  readonly gradient?: readonly string[];
}

export interface StepHover {
  readonly index: number;
  readonly step: number;
}

const NOTHING: DistributionSeries = { steps: new Float64Array(0), histograms: [] };
const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: 10,
  PageDown: -10,
  Home: -Infinity,
  End: Infinity,
};

export class DensityMap extends Distribution<DensityOptions> {
  readonly on = { hover: makeSignal<StepHover | null>(), pick: makeSignal<StepHover>() };

  private data = NOTHING;
  private chosen = -1;
  private at: number | null = null;

  constructor(host: HTMLElement, options: Partial<DensityOptions> = {}) {
    super(host, { theme: lightTheme, xLabel: 'Step', ...options });
    this.surface.tabIndex = 0;
    Object.assign(this.surface.style, { cursor: 'crosshair', touchAction: 'pan-y' });
    this.listen(this.surface);
  }

  setData(data: DistributionSeries): void {
    this.data = data;
    this.schedule('view');
  }

  /** The index of the marked step. */
  choose(index: number): void {
    if (index === this.chosen) return;
    this.chosen = index;
    this.drawPointer();
  }

  protected override axes(): DistributionAxes {
    const { steps, histograms } = this.data;
    const values: Range = extentOf(histograms) ?? [0, 1];
    return {
      x: stepDomain(steps),
      xKind: 'step',
      y: (plot) => makeScale('linear', values, [plot.bottom, plot.top]),
      yTicks: yTicksFor,
    };
  }

  protected override drawData(pen: Pen, { plot, x, y, ratio }: AxesFrame): void {
    const { theme, gradient = theme.gradient } = this.options;
    const { steps, histograms } = this.data;
    const edges = columnEdges(steps.map(x.of), plot.left, plot.right);
    const whole = (at: number): number => Math.round(at * ratio) / ratio;
    histograms.forEach((histogram, column) => {
      const [left, right] = [whole(edges[column] ?? NaN), whole(edges[column + 1] ?? NaN)];
      const dense = densities(histogram);
      for (let bin = 0; bin < dense.length; bin++) {
        const density = dense[bin] ?? NaN;
        if (!(density > 0)) continue;
        const top = whole(y.of(histogram.edges[bin + 1] ?? NaN));
        const bottom = Math.max(whole(y.of(histogram.edges[bin] ?? NaN)), top + 1 / ratio);
        const strength = Math.sqrt(density);
        pen.globalAlpha = Math.min(1, 0.12 + 1.5 * strength);
        pen.fillStyle = colorAt(gradient, strength);
        pen.fillRect(left, top, Math.max(right - left, 1 / ratio), bottom - top);
      }
    });
  }

  protected override isEmpty(): boolean {
    return this.data.steps.length === 0;
  }

  protected override summary(): string {
    const { steps, histograms } = this.data;
    const extent = extentOf(histograms);
    if (steps.length === 0 || !extent) return 'Distributions over steps: nothing to show.';
    const values = `values ${formatValue(extent[0])} to ${formatValue(extent[1])}`;
    const span = `${steps.length} steps from ${steps[0]} to ${steps[steps.length - 1]}`;
    return `Distributions over steps: ${span}, ${values}. Arrow keys choose a step.`;
  }

  protected override drawPointer(): void {
    const { pointer } = this.layers;
    pointer.clear();
    const frame = this.shown;
    if (!frame || this.data.steps.length === 0) return;
    this.drawMark(frame, this.chosen, this.options.theme.text);
    const index = this.at;
    if (index === null) return;
    this.drawMark(frame, index, this.options.theme.crosshair);
    const step = this.data.steps[index] ?? NaN;
    drawTags(pointer.pen, frame, this.options.theme, frame.x.of(step), formatX(step, 'step', frame.x), 0, null);
  }

  private drawMark({ plot, x }: AxesFrame, index: number, color: string): void {
    const step = this.data.steps[index];
    if (step === undefined) return;
    const at = Math.round(x.of(step)) + 0.5;
    const { pen } = this.layers.pointer;
    pen.strokeStyle = color;
    pen.lineWidth = 1;
    pen.setLineDash([]);
    pen.beginPath();
    pen.moveTo(at, plot.top);
    pen.lineTo(at, plot.bottom);
    pen.stroke();
  }

  private listen(surface: HTMLCanvasElement): void {
    const { signal } = this.stop;
    let pressed = false;
    const under = (event: PointerEvent): number | null => {
      if (!this.shown || this.data.steps.length === 0) return null;
      const px = event.clientX - surface.getBoundingClientRect().left;
      return nearestIndex(this.data.steps, this.shown.x.invert(px));
    };
    surface.addEventListener(
      'pointermove',
      (event) => {
        this.moveTo(under(event));
        if (pressed) this.pick(under(event));
      },
      { signal },
    );
    surface.addEventListener('pointerleave', () => this.moveTo(null), { signal });
    surface.addEventListener(
      'pointerdown',
      (event) => {
        if (event.button !== 0) return;
        pressed = true;
        this.pick(under(event));
      },
      { signal },
    );
    window.addEventListener('pointerup', () => (pressed = false), { signal });
    surface.addEventListener('keydown', (event) => this.key(event) && event.preventDefault(), { signal });
  }

  private moveTo(index: number | null): void {
    if (index === this.at) return;
    this.at = index;
    this.drawPointer();
    this.on.hover.emit(index === null ? null : { index, step: this.data.steps[index] ?? NaN });
  }

  private pick(index: number | null): void {
    if (index === null) return;
    this.choose(index);
    this.on.pick.emit({ index, step: this.data.steps[index] ?? NaN });
  }

  private key(event: KeyboardEvent): boolean {
    const by = KEYS[event.key];
    const count = this.data.steps.length;
    if (by === undefined || count === 0 || event.altKey || event.ctrlKey || event.metaKey) return false;
    const index = Math.max(0, Math.min(count - 1, (this.chosen < 0 ? count - 1 : this.chosen) + by));
    this.pick(index);
    const histogram = itemAt(this.data.histograms, index);
    this.status.textContent = `Step ${this.data.steps[index]}: median ${formatValue(quantile(histogram, 0.5))}`;
    return true;
  }
}

/** Half a column beyond the first and the last step. */
function stepDomain(steps: Float64Array): Range {
  const count = steps.length;
  if (count === 0) return [0, 1];
  const first = steps[0] ?? NaN;
  const last = steps[count - 1] ?? NaN;
  if (count === 1) return [first - 0.5, first + 0.5];
  return [first - ((steps[1] ?? NaN) - first) / 2, last + (last - (steps[count - 2] ?? NaN)) / 2];
}
