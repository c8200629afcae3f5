/**
 * The common part of all charts: a host with layers, repaints in turns, size and pixel density, a text for screen
 * readers, image export, and cleanup. Each chart decides what to draw and what gestures mean.
 */
import type { Signals } from './events';
import { listen, type Intents } from './gestures';
import { Layers, onRatioChange } from './layers';
import type { Pen } from './pen';
import { sheetBlob, sheetCanvas, sheetSVG, type Drawable, type PictureOptions, type ExportSheet } from './sheet';
import { addStatus } from './speech';
import { Turns } from './turns';
import type { ChartTheme } from './types';

type ChartPicture = PictureOptions & { ratio?: number };

/** Those of all charts of the page. */
const turns = new Turns();

/** `S` names the parts that can be outdated; 'view' means everything. */
export abstract class Chart<O extends { readonly theme: ChartTheme }, S extends string = never> implements Drawable {
  abstract readonly on: Signals;
  protected readonly layers: Layers;
  /** The topmost canvas, which receives pointer and keyboard. */
  protected readonly surface: HTMLCanvasElement;
  /** The text that screen readers announce when it changes. */
  protected readonly status: HTMLElement;
  protected readonly still = matchMedia('(prefers-reduced-motion: reduce)');
  /** Removes the listeners of the page. */
  protected readonly stop = new AbortController();
  private readonly observer = new ResizeObserver(() => this.resize());
  private stale = new Set<S | 'view'>();

  constructor(
    host: HTMLElement,
    protected options: O,
  ) {
    this.layers = new Layers(host);
    this.surface = this.layers.pointer.canvas;
    this.surface.removeAttribute('aria-hidden');
    this.surface.setAttribute('role', 'img');
    this.surface.setAttribute('aria-label', 'Chart');
    this.surface.style.outlineOffset = '-2px';
    this.status = addStatus(host);
    this.stop.signal.addEventListener(
      'abort',
      onRatioChange(() => this.resize()),
    );
    this.observer.observe(host);
    this.schedule('view');
  }

  /** The chart without the pointer, drawn again. */
  abstract drawTo(pen: Pen, width: number, height: number, ratio: number): void;

  setOptions(options: Partial<O>): void {
    this.options = { ...this.options, ...options };
    this.schedule('view');
  }

  resize(): void {
    if (this.layers.outgrown) this.schedule('view');
  }

  toCanvas({ ratio = Math.max(2, this.layers.ratio), ...picture }: ChartPicture = {}): HTMLCanvasElement {
    return sheetCanvas(this.sheet(picture), ratio);
  }

  toPNG({ ratio = Math.max(2, this.layers.ratio), ...picture }: ChartPicture = {}): Promise<Blob> {
    return sheetBlob(this.sheet(picture), 'png', ratio);
  }

  toSVG(picture: PictureOptions = {}): string {
    return sheetSVG(this.sheet(picture));
  }

  destroy(): void {
    turns.leave(this.turn);
    this.observer.disconnect();
    this.stop.abort();
    for (const signal of Object.values(this.on)) signal.clear();
    this.status.remove();
    this.layers.remove();
  }

  /** Draws the outdated parts. Returns about how many milliseconds the browser takes for the strokes. */
  protected abstract refresh(stale: ReadonlySet<S | 'view'>): number;

  protected schedule(what: S | 'view'): void {
    this.stale.add(what);
    turns.wait(this.turn);
  }

  private readonly turn = (): number => {
    const { stale } = this;
    this.stale = new Set();
    return this.refresh(stale);
  };

  protected isStale(what: S | 'view'): boolean {
    return this.stale.has(what);
  }

  /** Takes the size of the host; false if it is too small to draw in. */
  protected fits(width: number, height: number): boolean {
    if (this.layers.outgrown) this.layers.fit();
    return this.layers.width >= width && this.layers.height >= height;
  }

  protected describe(summary: string): void {
    this.surface.style.outlineColor = this.options.theme.selectionEdge;
    this.surface.setAttribute('aria-label', summary);
  }

  /** Translates pointer, wheel and keys on the chart into intents. */
  protected take(intents: Intents): void {
    this.surface.tabIndex = 0;
    Object.assign(this.surface.style, { touchAction: 'pan-y', userSelect: 'none' });
    this.stop.signal.addEventListener('abort', listen(this.surface, intents));
  }

  protected pictureHeight(_width: number): number {
    return this.layers.height;
  }

  private sheet({
    width = this.layers.width,
    height = this.pictureHeight(width),
    title,
    legend,
  }: PictureOptions): ExportSheet {
    return { panels: [{ chart: this }], theme: this.options.theme, width, chartHeight: height, title, legend };
  }
}
