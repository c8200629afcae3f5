/**
 * What charts of runs have in common: a host with its layers, one repaint a frame, the row under the pointer, a row that is
 * held or lit from outside, all by key, and pictures. How rows are drawn and what gestures mean is up to each chart.
 */
import { makeSignal } from './events';
import { listen, type Intents, type Place } from './gestures';
import { Layers, onRatioChange } from './layers';
import { Painter } from './painter';
import type { Pen } from './pen';
import { sheetBlob, sheetCanvas, sheetSVG, type Drawable, type PictureOptions, type Sheet } from './sheet';
import { addStatus } from './speech';
import type { ChartTheme, Off } from './types';

export interface PlotRow {
  readonly key: string;
  readonly label: string;
  readonly color: string;
  readonly hidden?: boolean;
}

export interface PlotHover {
  readonly key: string;
  readonly index: number;
  readonly px: number;
  readonly py: number;
}

/** `part`: the lines in another light, with everything in its place. */
type Stale = 'view' | 'part' | 'pointer';
type Picture = PictureOptions & { ratio?: number };

const SMALLEST = 40;

export abstract class Plot<
  D extends { readonly rows: readonly PlotRow[] },
  O extends { readonly theme: ChartTheme },
  V,
  H extends PlotHover,
> implements Drawable {
  protected readonly hover = makeSignal<H | null>();
  protected readonly picked = makeSignal<H | null>();
  protected readonly layers: Layers;
  protected readonly painter: Painter;
  protected readonly surface: HTMLCanvasElement;
  protected readonly status: HTMLElement;
  protected view: V | null = null;
  protected pointer: Place | null = null;
  /** Keys of rows. */
  protected hovered: string | null = null;
  protected pinned: string | null = null;
  protected focus: string | null = null;
  private readonly observer: ResizeObserver;
  private readonly leave: readonly Off[];
  private readonly stale = new Set<Stale>();
  private frame = 0;

  constructor(
    protected readonly host: HTMLElement,
    protected data: D,
    protected options: O,
  ) {
    this.layers = new Layers(host);
    this.painter = new Painter(this.layers, this.layers.lines);
    this.surface = this.layers.pointer.canvas;
    this.surface.removeAttribute('aria-hidden');
    this.surface.setAttribute('role', 'img');
    this.surface.tabIndex = 0;
    Object.assign(this.surface.style, { touchAction: 'pan-y', userSelect: 'none', outlineOffset: '-2px' });
    this.status = addStatus(host);
    this.leave = [listen(this.surface, this.intents()), onRatioChange(() => this.resize())];
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.schedule('view');
  }

  setData(data: D): void {
    this.data = data;
    this.schedule('view');
  }

  setOptions(options: Partial<O>): void {
    this.options = { ...this.options, ...options };
    this.schedule('view');
  }

  /** Lights a row for a pointer that is elsewhere on the page. */
  setFocus(key: string | null): void {
    if (this.focus === key) return;
    this.focus = key;
    this.schedule('pointer');
  }

  /** Keeps a row lit until another is picked; does not emit. */
  setPin(key: string | null): void {
    if (this.pinned === key) return;
    this.pinned = key;
    this.schedule('pointer');
  }

  resize(): void {
    if (this.layers.outgrown) this.schedule('view');
  }

  abstract drawTo(pen: Pen, width: number, height: number, ratio: number): void;

  toCanvas({ ratio = 2, ...picture }: Picture = {}): HTMLCanvasElement {
    return sheetCanvas(this.sheet(picture), ratio);
  }

  toPNG({ ratio = 2, ...picture }: Picture = {}): Promise<Blob> {
    return sheetBlob(this.sheet(picture), 'png', ratio);
  }

  toSVG(picture: PictureOptions = {}): string {
    return sheetSVG(this.sheet(picture));
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.painter.stop();
    this.observer.disconnect();
    for (const off of this.leave) off();
    if (this.hovered !== null) this.hover.emit(null);
    this.hover.clear();
    this.picked.clear();
    this.status.remove();
    this.layers.remove();
  }

  /** Places everything in the host and begins to paint it. */
  protected abstract paint(): V;
  protected abstract drawPointer(view: V): void;
  protected abstract summary(view: V): string;
  /** The lines anew where everything else stays. */
  protected paintPart(_view: V): void {}
  /** Index of the row at a place; -1 where there is none. */
  protected abstract rowAt(view: V, at: Place): number;
  /** null for a row that has no place. */
  protected abstract hoverOf(view: V, index: number): H | null;
  protected abstract intents(): Intents;

  protected schedule(what: Stale): void {
    this.stale.add(what);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const [whole, part] = [this.stale.has('view'), this.stale.has('part')];
      this.stale.clear();
      if (whole) this.repaint();
      else if (part && this.view) this.paintPart(this.view);
      if (!this.view) return;
      this.findHovered(this.view);
      this.drawPointer(this.view);
    });
  }

  protected point(at: Place | null): void {
    this.pointer = at;
    this.schedule('pointer');
  }

  /** The row that is lit, as an index: what is under the pointer, else what is held, else what is lit from outside. */
  protected get lit(): number {
    const key = this.hovered ?? this.pinned ?? this.focus;
    return key === null ? -1 : this.data.rows.findIndex((row) => row.key === key && !row.hidden);
  }

  /** Holds a row, or with -1 none. */
  protected pick(index: number): void {
    const picked = this.view && this.hoverOf(this.view, index);
    if (!picked && this.pinned === null) return;
    this.setPin(picked?.key ?? null);
    this.picked.emit(picked);
  }

  /** Escape lets go of a held row. */
  protected release(): boolean {
    const held = this.pinned !== null;
    this.pick(-1);
    return held;
  }

  private repaint(): void {
    const { layers, surface } = this;
    if (layers.outgrown) layers.fit();
    if (layers.width < SMALLEST || layers.height < SMALLEST) return;
    this.view = this.paint();
    surface.style.outlineColor = this.options.theme.selectionEdge;
    surface.setAttribute('aria-label', this.summary(this.view));
  }

  private findHovered(view: V): void {
    const found = this.pointer ? this.hoverOf(view, this.rowAt(view, this.pointer)) : null;
    if ((found?.key ?? null) === this.hovered) return;
    this.hovered = found?.key ?? null;
    this.hover.emit(found);
  }

  private sheet({ width, height, title, legend }: PictureOptions): Sheet {
    const size = { width: width ?? this.layers.width, chartHeight: height ?? this.layers.height };
    return { panels: [{ chart: this }], theme: this.options.theme, ...size, title, legend };
  }
}
