/** What small charts have in common: a host with its layers, one repaint a frame, and words for those who do not see. */
import { Layers, onRatioChange } from './layers';
import type { Pen } from './pen';
import { sheetSVG, type Drawable, type PictureOptions } from './sheet';
import { addStatus } from './speech';
import type { ChartTheme, Off } from './types';

const LEAST_WIDTH = 60;

export abstract class Drawing<O extends { readonly theme: ChartTheme }> implements Drawable {
  protected readonly layers: Layers;
  protected readonly surface: HTMLCanvasElement;
  protected readonly status: HTMLElement;
  /** Ends what listens to the page. */
  protected readonly stop = new AbortController();
  private readonly observer: ResizeObserver;
  private readonly leave: Off;
  private frame = 0;

  constructor(
    host: HTMLElement,
    protected options: O,
  ) {
    this.layers = new Layers(host);
    this.status = addStatus(host);
    this.surface = this.layers.pointer.canvas;
    this.surface.removeAttribute('aria-hidden');
    this.surface.setAttribute('role', 'img');
    this.surface.style.outlineOffset = '-2px';
    this.leave = onRatioChange(() => this.resize());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.schedule();
  }

  abstract drawTo(pen: Pen, width: number, height: number, ratio: number): void;

  setOptions(options: Partial<O>): void {
    this.options = { ...this.options, ...options };
    this.schedule();
  }

  resize(): void {
    if (this.layers.outgrown) this.schedule();
  }

  /** The height of a picture of this width. */
  heightFor(_width: number): number {
    return this.layers.height;
  }

  toSVG({ width = this.layers.width, height = this.heightFor(width), title }: PictureOptions = {}): string {
    return sheetSVG({ panels: [{ chart: this }], theme: this.options.theme, width, chartHeight: height, title });
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.stop.abort();
    this.leave();
    this.status.remove();
    this.layers.remove();
  }

  /** Draws what does not move with the pointer. */
  protected abstract paint(pen: Pen): void;
  protected abstract drawPointer(): void;
  protected abstract summary(): string;

  protected schedule(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.repaint();
    });
  }

  private repaint(): void {
    const { layers, surface } = this;
    if (layers.outgrown) layers.fit();
    if (layers.width < LEAST_WIDTH) return;
    layers.clear(layers.axes);
    this.paint(layers.axes.pen);
    this.drawPointer();
    surface.style.outlineColor = this.options.theme.selectionEdge;
    surface.setAttribute('aria-label', this.summary());
  }
}
