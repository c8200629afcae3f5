/**
 * Base class of charts of runs: the hovered row, and a row pinned or highlighted from outside, all by key. Each chart
 * decides how to draw rows and what gestures mean.
 */
import { Chart } from './chart';
import { makeSignal } from './events';
import type { Intents, Position } from './gestures';
import { Painter } from './painter';
import type { ChartTheme } from './types';

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

/** `part`: the lines in other colors, at unchanged positions. */
type StalePart = 'part' | 'pointer';

const SMALLEST = 40;

export abstract class Plot<
  D extends { readonly rows: readonly PlotRow[] },
  O extends { readonly theme: ChartTheme },
  V,
  H extends PlotHover,
> extends Chart<O, StalePart> {
  protected readonly hover = makeSignal<H | null>();
  protected readonly picked = makeSignal<H | null>();
  protected readonly painter = new Painter(this.layers, this.layers.lines);
  protected view: V | null = null;
  protected pointer: Position | null = null;
  /** Keys of rows. */
  protected hovered: string | null = null;
  protected pinned: string | null = null;
  protected focus: string | null = null;

  constructor(
    host: HTMLElement,
    protected data: D,
    options: O,
  ) {
    super(host, options);
    this.take(this.intents());
  }

  setData(data: D): void {
    this.data = data;
    this.schedule('view');
  }

  /** Highlights a row while the pointer is elsewhere on the page. */
  setFocus(key: string | null): void {
    if (this.focus === key) return;
    this.focus = key;
    this.schedule('pointer');
  }

  /** Keeps a row highlighted until another is picked; emits nothing. */
  setPin(key: string | null): void {
    if (this.pinned === key) return;
    this.pinned = key;
    this.schedule('pointer');
  }

  override destroy(): void {
    this.painter.stop();
    if (this.hovered !== null) this.hover.emit(null);
    super.destroy();
  }

  /** Lays out everything in the host and begins to paint it. */
  protected abstract paint(): V;
  protected abstract drawPointer(view: V): void;
  protected abstract summary(view: V): string;
  /** Repaints the lines only. */
  protected paintPart(_view: V): void {}
  /** Index of the row at a position; -1 if there is none. */
  protected abstract rowAt(view: V, at: Position): number;
  /** null for a row that the axes cannot show. */
  protected abstract hoverOf(view: V, index: number): H | null;
  protected abstract intents(): Intents;

  protected override refresh(stale: ReadonlySet<StalePart | 'view'>): number {
    if (stale.has('view')) this.repaint();
    else if (stale.has('part') && this.view) this.paintPart(this.view);
    if (!this.view) return 0;
    this.findHovered(this.view);
    this.drawPointer(this.view);
    return stale.has('view') || stale.has('part') ? this.painter.owed : 0;
  }

  protected point(at: Position | null): void {
    this.pointer = at;
    this.schedule('pointer');
  }

  /** The index of the highlighted row: the hovered one, else the pinned one, else the one highlighted from outside. */
  protected get lit(): number {
    const key = this.hovered ?? this.pinned ?? this.focus;
    return key === null ? -1 : this.data.rows.findIndex((row) => row.key === key && !row.hidden);
  }

  /** Pins a row; -1 pins none. */
  protected pick(index: number): void {
    const picked = this.view && this.hoverOf(this.view, index);
    if (!picked && this.pinned === null) return;
    this.setPin(picked?.key ?? null);
    this.picked.emit(picked);
  }

  /** Escape releases a pinned row. */
  protected release(): boolean {
    const held = this.pinned !== null;
    this.pick(-1);
    return held;
  }

  private repaint(): void {
    if (!this.fits(SMALLEST, SMALLEST)) return;
    this.view = this.paint();
    this.describe(this.summary(this.view));
  }

  private findHovered(view: V): void {
    const hover = this.pointer ? this.hoverOf(view, this.rowAt(view, this.pointer)) : null;
    if ((hover?.key ?? null) === this.hovered) return;
    this.hovered = hover?.key ?? null;
    this.hover.emit(hover);
  }
}
