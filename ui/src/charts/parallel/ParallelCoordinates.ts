/**
 * Runs as lines across one axis a param or metric. What a run lacks is drawn on a rail below, never left out. Axes are
 * moved by their names, brushed by dragging on them, and both by keys.
 */
import { makeSignal } from '../events';
import { Layers, onRatioChange } from '../layers';
import { drawAll, Painter } from '../painter';
import type { Pen } from '../pen';
import { sheetBlob, sheetCanvas, sheetSVG, type Drawable, type PictureOptions, type Sheet } from '../sheet';
import { addStatus } from '../speech';
import { lightTheme } from '../theme';
import type { Off } from '../types';
import { dragged, pressAt, sameBrushes, withBrush, type Press } from './brushes';
import { drawBrushes, drawLitRow, drawNames, drawParallelAxes, drawValues, parallelJob, valueText } from './draw';
import { Handles } from './handles';
import type { AxisBrush, Brushed, ParallelData, ParallelHover, ParallelOptions } from './types';
import { makeParallelView, nearestRow, orderedColumns, rebrushed, type ParallelView } from './view';

const REACH = 14;
const DEFAULTS: ParallelOptions = {
  theme: lightTheme,
  order: [],
  scales: {},
  colorBy: null,
  curved: false,
  brushes: {},
};
const CURSORS = { new: 'crosshair', move: 'grab', top: 'ns-resize', bottom: 'ns-resize' } as const;

export class ParallelCoordinates implements Drawable {
  readonly on = {
    hover: makeSignal<ParallelHover | null>(),
    pick: makeSignal<ParallelHover | null>(),
    brush: makeSignal<Brushed>(),
    order: makeSignal<readonly string[]>(),
    /** An axis was clicked by its name. */
    axis: makeSignal<string>(),
  };

  private readonly layers: Layers;
  private readonly painter: Painter;
  private readonly handles: Handles;
  private readonly handleHost: HTMLElement;
  private readonly status: HTMLElement;
  private readonly observer: ResizeObserver;
  private readonly stop = new AbortController();
  private readonly leave: Off;
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');
  private options: ParallelOptions;
  private data: ParallelData = { rows: [], columns: [] };
  private view: ParallelView | null = null;
  private hovered = -1;
  private pointer: { readonly x: number; readonly y: number } | null = null;
  private focus: string | null = null;
  private pinned: string | null = null;
  private press: Press | null = null;
  private frame = 0;
  /** The lines have to be painted once more when the painting under way is done. */
  private again = false;
  private stale = { view: true, brush: false, lit: true };

  constructor(host: HTMLElement, options: Partial<ParallelOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.layers = new Layers(host);
    this.painter = new Painter(this.layers, this.layers.lines);
    const surface = this.layers.pointer.canvas;
    surface.removeAttribute('aria-hidden');
    surface.setAttribute('role', 'img');
    surface.tabIndex = 0;
    Object.assign(surface.style, { touchAction: 'pan-y', userSelect: 'none', outlineOffset: '-2px' });
    this.handleHost = document.createElement('div');
    host.append(this.handleHost);
    this.handles = new Handles(this.handleHost, this.layers.axes.pen, {
      move: (key, to) => this.moveAxis(key, to),
      name: (key) => this.on.axis.emit(key),
      brush: (key, brush) => this.brush(key, brush, true),
    });
    this.status = addStatus(host);
    this.listen(surface);
    this.leave = onRatioChange(() => this.resize());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.schedule('view');
  }

  setData(data: ParallelData): void {
    this.data = data;
    this.schedule('view');
  }

  setOptions(options: Partial<ParallelOptions>): void {
    this.options = { ...this.options, ...options };
    this.schedule(Object.keys(options).join() === 'brushes' ? 'brush' : 'view');
  }

  /** Lights a row for a pointer that is elsewhere on the page. */
  setFocus(key: string | null): void {
    if (this.focus === key) return;
    this.focus = key;
    this.schedule('lit');
  }

  /** Keeps a row lit until another is picked; does not emit. */
  setPin(key: string | null): void {
    this.pinned = key;
    this.schedule('lit');
  }

  resize(): void {
    if (this.layers.outgrown) this.schedule('view');
  }

  drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    const view = makeParallelView(this.data, this.options, { width, height, ratio }, pen);
    if (view.axes.length > 0) drawAll(this.job(view), pen);
    this.drawAbove(pen, view);
    drawNames(pen, view, this.options.theme);
  }

  toCanvas({ ratio = 2, ...picture }: PictureOptions & { ratio?: number } = {}): HTMLCanvasElement {
    return sheetCanvas(this.sheet(picture), ratio);
  }

  toPNG({ ratio = 2, ...picture }: PictureOptions & { ratio?: number } = {}): Promise<Blob> {
    return sheetBlob(this.sheet(picture), 'png', ratio);
  }

  toSVG(picture: PictureOptions = {}): string {
    return sheetSVG(this.sheet(picture));
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.painter.stop();
    this.observer.disconnect();
    this.stop.abort();
    this.leave();
    for (const signal of Object.values(this.on)) signal.clear();
    this.handles.remove();
    this.handleHost.remove();
    this.status.remove();
    this.layers.remove();
  }

  private sheet({ width, height, title, legend }: PictureOptions): Sheet {
    const size = { width: width ?? this.layers.width, chartHeight: height ?? this.layers.height };
    return { panels: [{ chart: this }], theme: this.options.theme, ...size, title, legend };
  }

  private schedule(what: keyof ParallelCoordinates['stale']): void {
    this.stale[what] = true;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const { view, brush } = this.stale;
      this.stale = { view: false, brush: false, lit: false };
      if (view) this.repaint();
      else if (brush && this.view) this.rebrush(this.view);
      if (this.view) this.drawLit(this.view);
    });
  }

  private job(view: ParallelView): ReturnType<typeof parallelJob> {
    return parallelJob(
      view,
      this.data.rows.map((row) => row.dash),
      this.options.theme,
    );
  }

  private drawAbove(pen: Pen, view: ParallelView): void {
    const { theme, colorBy, brushes } = this.options;
    drawParallelAxes(pen, view, colorBy, theme);
    drawBrushes(pen, view, brushes, theme);
  }

  private repaint(): void {
    const { layers } = this;
    if (layers.outgrown) layers.fit();
    if (layers.width < 40 || layers.height < 60) return;
    this.view = makeParallelView(this.data, this.options, layers, layers.axes.pen);
    this.again = false;
    this.painter.stop();
    this.show(this.view);
  }

  private rebrush(before: ParallelView): void {
    this.show((this.view = rebrushed(before, this.options.brushes)));
  }

  private show(view: ParallelView): void {
    const { layers } = this;
    const { theme, brushes, colorBy } = this.options;
    layers.clear(layers.pulse);
    this.drawAbove(layers.pulse.pen, view);
    this.paintLines();
    this.handles.show(view, brushes, colorBy, theme);
    const surface = layers.pointer.canvas;
    surface.style.outlineColor = theme.selectionEdge;
    surface.setAttribute('aria-label', this.summary(view));
  }

  /** While a brush is dragged over very many lines, each picture of them is finished before the next begins. */
  private paintLines(): void {
    const { view } = this;
    this.again = this.painter.busy;
    if (!view || this.again) return;
    if (view.axes.length === 0) return this.layers.clear(this.layers.lines);
    this.painter.paint(
      this.job(view),
      () => undefined,
      () => this.again && this.paintLines(),
    );
  }

  private summary({ axes, rows, kept, brushed }: ParallelView): string {
    const names = axes.map(({ column }) => column.label).join(', ');
    const count = brushed ? `${rows.filter((row) => kept[row]).length} of ${rows.length}` : String(rows.length);
    return `Parallel coordinates of ${count} runs over ${names || 'no axes'}. Arrow up and down move between runs.`;
  }

  private drawLit(view: ParallelView): void {
    const { lit, lines, pointer } = this.layers;
    this.findHovered(view);
    const held = this.hovered < 0 ? this.indexOf(this.pinned ?? this.focus) : this.hovered;
    lines.canvas.style.transition = this.still.matches ? '' : 'opacity 90ms linear';
    lines.canvas.style.opacity = held < 0 ? '1' : String(Math.max(0.3, this.options.theme.dimmed));
    this.layers.clear(lit);
    this.layers.clear(pointer);
    if (held < 0 || this.data.rows[held]?.hidden || view.axes.length === 0) return;
    drawLitRow(lit.pen, view, held, this.data.rows[held]?.dash);
    drawValues(pointer.pen, view, held, this.options.theme);
  }

  private indexOf(key: string | null): number {
    return key === null ? -1 : this.data.rows.findIndex((row) => row.key === key);
  }

  private findHovered(view: ParallelView): void {
    const { pointer } = this;
    const found = pointer && !this.press ? nearestRow(view, pointer.x, pointer.y, REACH) : -1;
    if (pointer && found !== this.hovered) {
      this.hovered = found;
      this.on.hover.emit(this.hoverOf(found));
    } else if (!pointer && this.hovered >= this.data.rows.length) this.hovered = -1;
  }

  private hoverOf(index: number): ParallelHover | null {
    const row = this.data.rows[index];
    return row && this.pointer ? { key: row.key, index, px: this.pointer.x, py: this.pointer.y } : null;
  }

  private brush(key: string, brush: AxisBrush | null, settled: boolean): void {
    const brushes = withBrush(this.options.brushes, key, brush);
    if (!sameBrushes(brushes, this.options.brushes)) this.setOptions({ brushes });
    if (!settled || !this.view) return;
    const { rows, kept: passed } = rebrushed(this.view, brushes);
    const kept = rows.filter((row) => passed[row]).map((row) => this.data.rows[row]!.key);
    this.status.textContent = `${kept.length} of ${rows.length} runs kept`;
    this.on.brush.emit({ brushes, kept });
  }

  private moveAxis(key: string, to: number): void {
    const order = orderedColumns(this.data.columns, this.options.order).map((column) => column.key);
    const from = order.indexOf(key);
    const place = Math.max(0, Math.min(order.length - 1, to));
    if (from < 0 || from === place) return;
    order.splice(place, 0, ...order.splice(from, 1));
    this.setOptions({ order });
    this.status.textContent = `Axis ${place + 1} of ${order.length}`;
    this.on.order.emit(order);
  }

  private listen(surface: HTMLCanvasElement): void {
    const { signal } = this.stop;
    const place = (event: PointerEvent) => {
      const box = surface.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const add = (
      name: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel' | 'pointerleave',
      does: (event: PointerEvent) => void,
    ) => surface.addEventListener(name, does, { signal });
    add('pointerdown', (event) => {
      if (event.button !== 0 || !this.view) return;
      const { x, y } = place(event);
      this.press = pressAt(this.view, this.options.brushes, x, y);
      if (this.press) surface.setPointerCapture(event.pointerId);
    });
    add('pointermove', (event) => this.point(place(event), surface));
    add('pointerup', (event) => this.release(place(event)));
    add('pointercancel', () => (this.press = null));
    add('pointerleave', () => this.pointAway());
    surface.addEventListener('keydown', (event) => this.key(event) && event.preventDefault(), { signal });
  }

  private point(at: { readonly x: number; readonly y: number }, surface: HTMLElement): void {
    this.pointer = at;
    const { press, view } = this;
    if (press && view) this.brush(press.axis.column.key, dragged(view, press, at.y) ?? this.brushBefore(press), false);
    else if (view) {
      const over = pressAt(view, this.options.brushes, at.x, at.y);
      surface.style.cursor = over ? CURSORS[over.grip] : 'default';
    }
    this.schedule('lit');
  }

  private brushBefore(press: Press): AxisBrush | null {
    return press.grip === 'new' ? null : (this.options.brushes[press.axis.column.key] ?? null);
  }

  private pointAway(): void {
    if (this.press) return;
    this.pointer = null;
    if (this.hovered >= 0) this.on.hover.emit(null);
    this.hovered = -1;
    this.schedule('lit');
  }

  private release(at: { readonly x: number; readonly y: number }): void {
    const { press, view } = this;
    this.press = null;
    if (!press || !view) return this.pick();
    const clicked = Math.abs(at.y - press.from) < 3;
    const brush = clicked ? null : dragged(view, press, at.y);
    this.brush(press.axis.column.key, brush, true);
  }

  private pick(): void {
    const picked = this.hoverOf(this.hovered);
    if (!picked && this.pinned === null) return;
    this.setPin(picked?.key ?? null);
    this.on.pick.emit(picked);
  }

  /** Up and down among the kept rows, in the order of the last axis. */
  private key(event: KeyboardEvent): boolean {
    const { view } = this;
    if (event.key === 'Escape' && this.pinned !== null) {
      this.setPin(null);
      this.on.pick.emit(null);
      return true;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined || !view || view.axes.length === 0) return false;
    const last = view.axes.length - 1;
    const height = (row: number) => view.ys[row * view.axes.length + last]!;
    const rows = view.rows.filter((row) => view.kept[row]).sort((a, b) => height(a) - height(b) || a - b);
    if (rows.length === 0) return true;
    const at = rows.indexOf(this.indexOf(this.pinned));
    const next = rows[at < 0 ? 0 : (at + step + rows.length) % rows.length]!;
    const row = this.data.rows[next]!;
    this.setPin(row.key);
    const values = view.axes.map((axis) => `${axis.column.label} ${valueText(axis, next)}`);
    this.status.textContent = `${row.label}: ${values.join(', ')}`;
    this.on.pick.emit({ key: row.key, index: next, px: view.axes[last]!.x, py: height(next) });
    return true;
  }
}
