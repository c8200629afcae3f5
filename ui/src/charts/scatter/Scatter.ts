/** Runs as points over two of their params or metrics, with a trend; categories have places of their own. */
import { drawAxes, drawNotes } from '../axes';
import type { Column } from '../column';
import { ringedDot } from '../draw';
import { makeSignal } from '../events';
import { formatValue } from '../format';
import { brushRect, listen, type Intents, type Place } from '../gestures';
import { Layers, onRatioChange } from '../layers';
import { drawAll, Painter } from '../painter';
import type { Pen } from '../pen';
import { drawBrush, drawCrosshair } from '../pointer';
import { makeScale, zoomAround } from '../scales';
import { sheetBlob, sheetCanvas, sheetSVG, type Drawable, type PictureOptions, type Sheet } from '../sheet';
import { addStatus } from '../speech';
import { lightTheme } from '../theme';
import type { Off, Range, Zoom } from '../types';
import { brushed, drawable, sameRange, WHOLE } from '../zoom';
import { pointsJob, radiusFor } from './draw';
import type { ScatterData, ScatterHover, ScatterOptions } from './types';
import { makeScatterView, nearestOf, stepFrom, type ScatterView } from './view';

const REACH = 24;
const REST = 150;
const DEFAULTS: ScatterOptions = {
  theme: lightTheme,
  xScale: 'linear',
  yScale: 'linear',
  xRange: null,
  yRange: null,
  trend: 'none',
  trendBy: 'all',
};
const NOTHING: ScatterData = {
  rows: [],
  x: { key: '', label: '', values: new Float64Array() },
  y: { key: '', label: '', values: new Float64Array() },
};
const ZOOM_KEYS: Readonly<Record<string, number>> = { '+': 0.6, '=': 0.6, '-': 1 / 0.6 };
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export class Scatter implements Drawable {
  readonly on = {
    hover: makeSignal<ScatterHover | null>(),
    pick: makeSignal<ScatterHover | null>(),
    zoom: makeSignal<Zoom>(),
  };

  private readonly layers: Layers;
  private readonly painter: Painter;
  private readonly status: HTMLElement;
  private readonly observer: ResizeObserver;
  private readonly leave: readonly Off[];
  private options: ScatterOptions;
  private data: ScatterData = NOTHING;
  private view: ScatterView | null = null;
  private pointer: Place | null = null;
  private brush: { readonly from: Place; readonly to: Place } | null = null;
  private hovered: string | null = null;
  private pinned: string | null = null;
  private focus: string | null = null;
  private frame = 0;
  private resting = 0;
  private stale = { view: true, pointer: true };

  constructor(host: HTMLElement, options: Partial<ScatterOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.layers = new Layers(host);
    this.painter = new Painter(this.layers, this.layers.lines);
    this.status = addStatus(host);
    const surface = this.layers.pointer.canvas;
    surface.removeAttribute('aria-hidden');
    surface.tabIndex = 0;
    surface.setAttribute('role', 'img');
    Object.assign(surface.style, {
      touchAction: 'pan-y',
      userSelect: 'none',
      cursor: 'crosshair',
      outlineOffset: '-2px',
    });
    this.leave = [listen(surface, this.intents()), onRatioChange(() => this.resize())];
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.schedule('view');
  }

  setData(data: ScatterData): void {
    this.data = data;
    this.schedule('view');
  }

  setOptions(options: Partial<ScatterOptions>): void {
    this.options = { ...this.options, ...options };
    this.schedule('view');
  }

  /** Rings a point for a pointer that is elsewhere on the page. */
  setFocus(key: string | null): void {
    this.focus = key;
    this.schedule('pointer');
  }

  /** Keeps a point ringed until another is picked; does not emit. */
  setPin(key: string | null): void {
    this.pinned = key;
    this.schedule('pointer');
  }

  resize(): void {
    if (this.layers.outgrown) this.schedule('view');
  }

  drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    const view = makeScatterView(this.data, this.options, { width, height, ratio }, pen);
    this.drawFurniture(pen, view);
    drawAll(pointsJob(view, this.data, this.options.theme), pen);
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
    clearTimeout(this.resting);
    this.painter.stop();
    this.observer.disconnect();
    for (const off of this.leave) off();
    for (const signal of Object.values(this.on)) signal.clear();
    this.status.remove();
    this.layers.remove();
  }

  private sheet({ width, height, title, legend }: PictureOptions): Sheet {
    const size = { width: width ?? this.layers.width, chartHeight: height ?? this.layers.height };
    return { panels: [{ chart: this }], theme: this.options.theme, ...size, title, legend };
  }

  private schedule(what: keyof Scatter['stale']): void {
    this.stale[what] = true;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      const { view } = this.stale;
      this.stale = { view: false, pointer: false };
      if (view) this.repaint();
      if (this.view) this.drawPointer(this.view);
    });
  }

  private repaint(): void {
    const { layers } = this;
    if (layers.outgrown) layers.fit();
    if (layers.width < 40 || layers.height < 40) return;
    const view = (this.view = makeScatterView(this.data, this.options, layers, layers.axes.pen));
    this.painter.paint(pointsJob(view, this.data, this.options.theme), () => {
      layers.clear(layers.axes);
      this.drawFurniture(layers.axes.pen, view);
    });
    const surface = layers.pointer.canvas;
    surface.style.outlineColor = this.options.theme.selectionEdge;
    const { x, y } = this.data;
    surface.setAttribute(
      'aria-label',
      `Scatter plot of ${view.rows.length} runs, ${y.label} over ${x.label}.` +
        ' Arrow keys move between points, plus and minus zoom, Escape releases.',
    );
  }

  private drawFurniture(pen: Pen, { frame, notes, rows }: ScatterView): void {
    const { theme } = this.options;
    drawAxes(pen, frame, { theme, xLabel: this.data.x.label, yLabel: this.data.y.label });
    drawNotes(pen, frame, theme, notes, rows.length === 0);
  }

  private drawPointer(view: ScatterView): void {
    const { pointer: layer } = this.layers;
    const { theme } = this.options;
    this.layers.clear(layer);
    if (this.brush) return drawBrush(layer.pen, brushRect(this.brush.from, this.brush.to, view.frame.plot), theme);
    this.findHovered(view);
    const key = this.hovered ?? this.pinned ?? this.focus;
    const at = key === null ? -1 : view.rows.findIndex((row) => this.data.rows[row]!.key === key);
    const row = view.rows[at];
    if (row === undefined) return;
    const { x, y } = this.data;
    const said = { x: () => textOf(x, row), y: () => textOf(y, row) };
    drawCrosshair(layer.pen, view.frame, theme, said, x.values[row]!, y.values[row]!);
    ringedDot(
      layer.pen,
      view.px[at]!,
      view.py[at]!,
      radiusFor(view.rows.length) + 2,
      this.data.rows[row]!.color,
      theme,
    );
  }

  private findHovered(view: ScatterView): void {
    const at = this.pointer ? nearestOf(view, this.pointer.x, this.pointer.y, REACH) : -1;
    const hover = this.hoverOf(view, at);
    if ((hover?.key ?? null) === this.hovered) return;
    this.hovered = hover?.key ?? null;
    this.on.hover.emit(hover);
  }

  private hoverOf(view: ScatterView, at: number): ScatterHover | null {
    const index = view.rows[at];
    if (index === undefined) return null;
    const { x, y, rows } = this.data;
    const place = { px: view.px[at]!, py: view.py[at]! };
    return { key: rows[index]!.key, index, x: x.values[index]!, y: y.values[index]!, ...place };
  }

  private intents(): Intents {
    return {
      point: (at) => this.point(at),
      click: (at) => {
        this.point(at);
        this.pick(this.view ? nearestOf(this.view, at.x, at.y, REACH) : -1);
      },
      brush: (from, to) => {
        this.brush = { from, to };
        this.schedule('pointer');
      },
      brushEnd: (from, to) => {
        this.brush = null;
        this.point(to);
        if (!this.view) return;
        const { frame } = this.view;
        const { xRange: x, yRange: y } = this.options;
        this.zoomTo(brushed(brushRect(from, to, frame.plot), frame, { x, y }));
      },
      brushCancel: () => {
        this.brush = null;
        this.schedule('pointer');
      },
      pan: (dx, dy) =>
        this.zoomBy((scale, by) => [scale.invert(scale.range[0] - by), scale.invert(scale.range[1] - by)], {
          x: dx,
          y: dy,
        }),
      wheel: (at, factor) => this.zoomBy((scale, pixel) => zoomAround(scale, scale.invert(pixel), factor), at),
      reset: () => {
        this.setPin(null);
        this.zoomTo(WHOLE);
      },
      key: (event) => this.key(event),
    };
  }

  private point(at: Place | null): void {
    this.pointer = at;
    this.schedule('pointer');
  }

  private pick(at: number): void {
    const picked = this.view && this.hoverOf(this.view, at);
    if (!picked && this.pinned === null) return;
    this.setPin(picked?.key ?? null);
    this.on.pick.emit(picked);
  }

  /** The same change of both axes, of the zoom as it will be drawn next. */
  private zoomBy(change: (scale: ScatterView['frame']['x'], at: number) => Range, at: Place): void {
    if (!this.view) return;
    const { frame } = this.view;
    const { xRange, yRange } = this.options;
    const x = xRange ? makeScale(frame.x.kind, xRange, frame.x.range) : frame.x;
    const y = yRange ? makeScale(frame.y.kind, yRange, frame.y.range) : frame.y;
    this.zoomTo({ x: change(x, at.x), y: change(y, at.y) }, REST);
  }

  private zoomTo(zoom: Zoom | null, rest = 0): void {
    if (!zoom || !this.view) return;
    const { xRange, yRange } = this.options;
    const { x, y } = this.view.frame;
    if (sameRange(xRange, zoom.x) && sameRange(yRange, zoom.y)) return;
    if (!drawable(zoom.x, x.kind) || !drawable(zoom.y, y.kind)) return;
    this.setOptions({ xRange: zoom.x, yRange: zoom.y });
    clearTimeout(this.resting);
    if (rest === 0) this.on.zoom.emit(zoom);
    else this.resting = window.setTimeout(() => this.on.zoom.emit(zoom), rest);
  }

  private key(event: KeyboardEvent): boolean {
    const { view } = this;
    if (event.altKey || event.ctrlKey || event.metaKey || !view) return false;
    const { plot } = view.frame;
    const factor = ZOOM_KEYS[event.key];
    const step = STEPS[event.key];
    if (event.key === 'Escape') {
      const held = this.pinned !== null;
      this.pick(-1);
      return held;
    }
    if (event.key === '0') this.zoomTo(WHOLE);
    else if (factor !== undefined) {
      const centre = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
      this.zoomBy((scale, pixel) => zoomAround(scale, scale.invert(pixel), factor), centre);
    } else if (step !== undefined) this.step(view, step * (event.shiftKey ? 10 : 1));
    else return false;
    return true;
  }

  private step(view: ScatterView, by: number): void {
    const from = view.rows.findIndex((row) => this.data.rows[row]!.key === this.pinned);
    const next = stepFrom(view, from, by);
    const row = view.rows[next];
    if (row === undefined) return;
    const { x, y, rows } = this.data;
    this.status.textContent = `${rows[row]!.label}: ${x.label} ${textOf(x, row)}, ${y.label} ${textOf(y, row)}`;
    this.pick(next);
  }
}

function textOf({ values, categories }: Column, row: number): string {
  return categories?.[values[row]!] ?? formatValue(values[row]!);
}
