/** Base class of charts that are cheap to draw: each change redraws everything. */
import { Chart } from './chart';
import type { Pen } from './pen';
import type { ChartTheme } from './types';

const MIN_WIDTH = 60;

export abstract class Drawing<O extends { readonly theme: ChartTheme }> extends Chart<O> {
  /** The height of an exported image of this width. */
  heightFor(_width: number): number {
    return this.layers.height;
  }

  /** Draws everything that does not move with the pointer. */
  protected abstract paint(pen: Pen): void;
  protected abstract drawPointer(): void;
  protected abstract summary(): string;

  protected override refresh(): number {
    if (!this.fits(MIN_WIDTH, 0)) return 0;
    this.layers.axes.clear();
    this.paint(this.layers.axes.pen);
    this.drawPointer();
    this.describe(this.summary());
    return 0;
  }

  protected override pictureHeight(width: number): number {
    return this.heightFor(width);
  }
}
