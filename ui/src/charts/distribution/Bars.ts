/** One histogram: a bar per bin, as wide as its bin. The hovered bin is described in words. */
import { yTicksFor, type AxesFrame } from '../axes';
import { makeSignal } from '../events';
import { formatValue } from '../format';
import type { Pen } from '../pen';
import { makeScale } from '../scales';
import { lightTheme } from '../theme';
import type { ChartTheme, Range } from '../types';
import { extentOf, totalOf } from './bins';
import { Distribution, type DistributionAxes } from './Distribution';
import type { HistogramArrays } from './types';

export interface BarsOptions {
  readonly theme: ChartTheme;
  readonly color: string;
  readonly xLabel: string;
  /** The range of the x axis; default: the range of the histogram. */
  readonly range?: Range | null;
}

export interface BinHover {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly share: number;
}

const NOTHING: HistogramArrays = { edges: Float64Array.of(0, 1), counts: new Float64Array(1) };

export class Bars extends Distribution<BarsOptions> {
  readonly on = { hover: makeSignal<BinHover | null>() };

  private data = NOTHING;
  private at: number | null = null;

  constructor(host: HTMLElement, options: Partial<BarsOptions> = {}) {
    super(host, { theme: lightTheme, color: '#3083da', xLabel: '', ...options });
    const { signal } = this.stop;
    this.surface.addEventListener('pointermove', (event) => this.moveTo(this.under(event)), { signal });
    this.surface.addEventListener('pointerleave', () => this.moveTo(null), { signal });
  }

  setData(data: HistogramArrays | null): void {
    this.data = data ?? NOTHING;
    this.at = null;
    this.schedule('view');
  }

  protected override axes(): DistributionAxes {
    const most = this.data.counts.reduce((a, b) => Math.max(a, b), 0) || 1;
    return {
      x: this.options.range ?? extentOf([this.data]) ?? [0, 1],
      xKind: 'value',
      y: (plot) => makeScale('linear', [0, most * 1.05], [plot.bottom, plot.top]),
      yTicks: yTicksFor,
    };
  }

  protected override drawData(pen: Pen, { plot, x, y }: AxesFrame): void {
    const { color } = this.options;
    const { edges, counts } = this.data;
    pen.fillStyle = color;
    const gap = x.of(edges[1] ?? NaN) - x.of(edges[0] ?? NaN) > 4 ? 1 : 0;
    for (let bin = 0; bin < counts.length; bin++) {
      const count = counts[bin] ?? NaN;
      if (!(count > 0)) continue;
      const [left, right] = [x.of(edges[bin] ?? NaN), x.of(edges[bin + 1] ?? NaN)];
      const top = y.of(count);
      pen.fillRect(left, top, Math.max(1, right - left - gap), plot.bottom - top);
    }
  }

  protected override isEmpty(): boolean {
    return totalOf(this.data) === 0;
  }

  protected override summary(): string {
    const extent = extentOf([this.data]);
    if (!extent) return 'Histogram without samples';
    return `Histogram of ${totalOf(this.data)} samples from ${formatValue(extent[0])} to ${formatValue(extent[1])}`;
  }

  protected override drawPointer(): void {
    const { pointer } = this.layers;
    pointer.clear();
    if (!this.shown || this.at === null) return;
    const { plot, x } = this.shown;
    const { edges } = this.data;
    const [left, right] = [x.of(edges[this.at] ?? NaN), x.of(edges[this.at + 1] ?? NaN)];
    pointer.pen.fillStyle = this.options.theme.selection;
    pointer.pen.fillRect(left, plot.top, Math.max(1, right - left), plot.bottom - plot.top);
  }

  private under(event: PointerEvent): number | null {
    if (!this.shown) return null;
    const value = this.shown.x.invert(event.clientX - this.surface.getBoundingClientRect().left);
    const { edges, counts } = this.data;
    const bin = edges.findIndex((edge) => edge > value) - 1;
    return bin >= 0 && bin < counts.length && totalOf(this.data) > 0 ? bin : null;
  }

  private moveTo(bin: number | null): void {
    if (bin === this.at) return;
    this.at = bin;
    this.drawPointer();
    if (bin === null) return this.on.hover.emit(null);
    const { edges, counts } = this.data;
    const count = counts[bin] ?? NaN;
    const low = edges[bin] ?? NaN;
    const high = edges[bin + 1] ?? NaN;
    this.on.hover.emit({ low, high, count, share: count / totalOf(this.data) });
  }
}
