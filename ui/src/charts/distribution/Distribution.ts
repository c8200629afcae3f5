/** Base class of charts of distributions: axes, what is drawn between them, and the part under the pointer above it. */
import { drawAxes, drawNotes, leftMargin, plotRect, xTicksFor, type AxesFrame } from '../axes';
import { Drawing } from '../drawing';
import type { Pen } from '../pen';
import { makeScale, type Scale } from '../scales';
import type { Tick } from '../ticks';
import type { ChartTheme, Range, Rect, XKind } from '../types';
import type { Size } from '../view';

export interface DistributionAxes {
  readonly x: Range;
  readonly xKind: XKind;
  readonly y: (plot: Rect) => Scale;
  readonly yTicks: (y: Scale, plot: Rect) => Tick[];
}

export abstract class Distribution<
  O extends { readonly theme: ChartTheme; readonly xLabel: string },
> extends Drawing<O> {
  /** The axes of the last repaint. */
  protected shown: AxesFrame | null = null;

  override drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    this.draw(pen, { width, height, ratio });
  }

  protected abstract axes(): DistributionAxes;
  protected abstract drawData(pen: Pen, frame: AxesFrame): void;
  protected abstract isEmpty(): boolean;

  protected override paint(pen: Pen): void {
    this.shown = this.draw(pen, this.layers);
  }

  private draw(pen: Pen, size: Size): AxesFrame {
    const frame = this.frameOf(pen, size);
    const labels = { theme: this.options.theme, xLabel: this.options.xLabel, yLabel: '' };
    pen.globalAlpha = 1;
    drawAxes(pen, frame, labels);
    this.drawData(pen, frame);
    pen.globalAlpha = 1;
    drawNotes(pen, frame, labels, [], this.isEmpty());
    return frame;
  }

  private frameOf(pen: Pen, { width, height, ratio }: Size): AxesFrame {
    const { theme, xLabel } = this.options;
    const labels = { xLabel, yLabel: '' };
    const axes = this.axes();
    const rough = plotRect(width, height, labels);
    const plot = plotRect(width, height, labels, leftMargin(pen, axes.yTicks(axes.y(rough), rough), theme));
    const x = makeScale('linear', axes.x, [plot.left, plot.right]);
    const y = axes.y(plot);
    return { width, height, ratio, plot, x, y, xTicks: xTicksFor(x, plot, axes.xKind), yTicks: axes.yTicks(y, plot) };
  }
}
