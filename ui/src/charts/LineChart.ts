/**
 * A chart of many lines in one host element: typed arrays in, pixels out. A data change repaints all; the pointer only
 * repaints the layers above, so hovering costs the same with five lines as with five thousand.
 */
import { drawAxes, drawNotes, formatX, type AxesFrame } from './axes';
import { Chart } from './chart';
import { makeSignal } from './events';
import { formatValue } from './format';
import { brushRect, type Intents, type Position } from './gestures';
import { moveAlong, type MoveKey } from './keyboard';
import { drawLit, findLit, type Focus, type LitTraces } from './lit';
import { indexAt, inside, nearestPoint } from './nearest';
import { changedOptions, defaultOptions } from './options';
import { drawAll, linesJob, Painter } from './painter';
import { drawBrush, drawCrosshair, drawDots, drawHovered, slackAt } from './pointer';
import type { Pen } from './pen';
import { Pulse } from './pulse';
import { spoken, summary } from './speech';
import type { Trace } from './trace';
import type { ChartOptions, Hover, Line, Range, Rect, ValueAt, ZoomRange } from './types';
import { makeView, type ChartView } from './view';
import { brushed, drawable, panned, presentFrame, sameRange, WHOLE, zoomedAt, zoomOf } from './zoom';

/** Up to this number, every line gets a dot at the crosshair. */
const DOTTED = 30;
/** A click farther than this from every line releases the pin. */
const CLICK_REACH = 40;
/** Milliseconds after which a wheel or pan gesture counts as finished. */
const REST = 150;
const SMALLEST = 20;
/** A density is one picture: much fainter, it would vanish with every move of the pointer. */
const DIMMED_DENSITY = 0.45;
const ZOOM_KEYS: Readonly<Record<string, number>> = { '+': 0.6, '=': 0.6, '-': 1 / 0.6 };

interface Active {
  readonly trace: Trace;
  readonly hover: Hover;
}

interface HeldPoint {
  readonly key: string;
  readonly x: number;
}

type StaleLayer = 'lit' | 'pointer' | 'nearest';

export class LineChart extends Chart<ChartOptions, StaleLayer> {
  readonly on = {
    hover: makeSignal<Hover | null>(),
    zoom: makeSignal<ZoomRange>(),
    pick: makeSignal<Hover | null>(),
    /** A click far from every line, while none is pinned. */
    blank: makeSignal<Position>(),
  };

  private readonly painter = new Painter(this.layers, this.layers.lines);
  private readonly pulse = new Pulse(this.layers.pulse, this.still);
  private lines: readonly Line[] = [];
  /** The lines of the last repaint. */
  private drawn: readonly Line[] = [];
  private view: ChartView | null = null;
  private active: Active | null = null;
  private pinned: HeldPoint | null = null;
  private focus: Focus = { key: null, run: null };
  private crosshair: number | null = null;
  private pointer: Position | null = null;
  private brush: { readonly from: Position; readonly to: Position } | null = null;
  private lit: LitTraces = { traces: [], focused: null, dims: false };
  private resting = 0;

  constructor(host: HTMLElement, options: Partial<ChartOptions> = {}) {
    super(host, { ...defaultOptions, ...options });
    this.surface.style.cursor = 'crosshair';
    this.take(this.intents());
  }

  setLines(lines: readonly Line[]): void {
    this.lines = lines;
    this.schedule('view');
  }

  override setOptions(options: Partial<ChartOptions>): void {
    const next = { ...this.options, ...options };
    const changed = changedOptions(this.options, next).filter((name) => name !== 'drag');
    this.options = next;
    if (changed.length === 0) return;
    this.schedule(changed.every((name) => name === 'highlight') ? 'lit' : 'view');
  }

  /**
   * Highlights the line with this key, and with `highlight: 'run'` all lines of its run. `run` identifies the run in a
   * chart without the key.
   */
  setFocus(key: string | null, run: string | null = null): void {
    if (this.focus.key === key && this.focus.run === run) return;
    this.focus = { key, run };
    if (!this.active) this.schedule('lit');
  }

  /** Draws the vertical crosshair at x while the pointer is over another chart. */
  setCrosshair(x: number | null): void {
    if (this.crosshair === x) return;
    this.crosshair = x;
    this.schedule('pointer');
  }

  /** Pins the point of a line nearest to x until it is changed or released; emits nothing. */
  setPin(pin: HeldPoint | null): void {
    this.pinned = pin;
    this.schedule('nearest');
  }

  /** The point of every visible line nearest to x, except lines that do not reach x. */
  valuesAt(x: number): ValueAt[] {
    const view = this.current();
    const slack = slackAt(view.frame, x);
    const values: ValueAt[] = [];
    for (const trace of view.traces) {
      const index = indexAt(trace.line.x, x, slack, trace.sorted);
      if (index >= 0) values.push(pointValue(trace, index));
    }
    return values;
  }

  /** The extent of the axes. */
  extent(): { readonly x: Range; readonly y: Range } {
    const { x, y } = this.current().frame;
    return { x: x.domain, y: y.domain };
  }

  override drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    const view = makeView(this.lines, this.options, { width, height, ratio }, pen);
    this.drawFurniture(pen, view);
    drawAll(linesJob(view, this.options.theme), pen);
  }

  override destroy(): void {
    clearTimeout(this.resting);
    this.painter.stop();
    this.pulse.stop();
    if (this.active) this.on.hover.emit(null);
    super.destroy();
  }

  protected override refresh(stale: ReadonlySet<StaleLayer | 'view'>): number {
    const view = stale.has('view');
    if (view) this.repaint();
    if (!this.view) return 0;
    const relit = (view || stale.has('nearest')) && this.findActive();
    if (view || relit || stale.has('lit')) this.drawLit(this.view);
    this.drawPointer(this.view);
    return view ? this.painter.owed : 0;
  }

  private current(): ChartView {
    if (!this.view || this.isStale('view')) {
      this.view = makeView(this.lines, this.options, this.layers, this.layers.axes.pen);
    }
    return this.view;
  }

  private repaint(): void {
    if (!this.fits(SMALLEST, SMALLEST)) return;
    const before = this.drawn === this.lines ? this.view : null;
    this.drawn = this.lines;
    const view = (this.view = makeView(this.lines, this.options, this.layers, this.layers.axes.pen));
    const furnish = (): void => {
      this.layers.axes.clear();
      this.drawFurniture(this.layers.axes.pen, view);
      this.layers.pulse.clear();
      this.pulse.show(view);
    };
    const meanwhile = (): void => {
      if (!before || !isAlike(before.frame, view.frame)) return;
      this.layers.lines.stretch(placeOf(view.frame, before.frame), view.frame.plot);
      furnish();
    };
    this.painter.paint({ ...linesJob(view, this.options.theme), meanwhile }, furnish);
    this.describe(summary(view, this.options));
  }

  private drawFurniture(pen: Pen, view: ChartView): void {
    drawAxes(pen, view.frame, this.options);
    const empty = view.traces.every((trace) => trace.px.length === 0);
    drawNotes(pen, view.frame, this.options, view.notes, empty);
  }

  /** Finds the hovered or pinned point again; true if the highlighted line changed. */
  private findActive(): boolean {
    const before = this.active;
    this.active = this.pinnedPoint() ?? this.pointedPoint();
    const a = before?.hover;
    const b = this.active?.hover;
    if (a?.key !== b?.key || a?.index !== b?.index || a?.px !== b?.px || a?.py !== b?.py) this.on.hover.emit(b ?? null);
    return a?.key !== b?.key;
  }

  private pinnedPoint(): Active | null {
    const { pinned } = this;
    const trace = pinned && this.view?.traces.find((t) => t.line.key === pinned.key);
    if (!trace) return null;
    const index = indexAt(trace.line.x, pinned.x, Infinity, trace.sorted);
    return index < 0 ? null : this.activeAt(trace, index - trace.from);
  }

  private pointedPoint(): Active | null {
    if (!this.pointer || !this.view || this.brush) return null;
    const { x, y } = this.pointer;
    const { plot } = this.view.frame;
    if (x < plot.left - 8 || x > plot.right + 8 || y < plot.top - 8 || y > plot.bottom + 8) return null;
    const near = nearestPoint(this.view.traces, x, y, plot);
    return near && this.activeAt(near.trace, near.at);
  }

  /** null if the point is outside the plot or the axis cannot show it. */
  private activeAt(trace: Trace, at: number): Active | null {
    const px = trace.px[at];
    const py = trace.py[at];
    if (px === undefined || py === undefined || !this.view || !inside(px, py, this.view.frame.plot)) return null;
    return { trace, hover: { ...pointValue(trace, trace.from + at), px, py } };
  }

  private drawLit(view: ChartView): void {
    const { lit: layer, lines } = this.layers;
    const pointed = this.active && { key: this.active.hover.key, run: null };
    const asked = !pointed && (this.focus.key !== null || this.focus.run !== null);
    this.lit = findLit(view, pointed ?? this.focus, this.options.highlight, asked);
    lines.canvas.style.transition = this.still.matches ? '' : 'opacity 90ms linear';
    const dimmed = view.crowd.length ? DIMMED_DENSITY : this.options.theme.dimmed;
    lines.canvas.style.opacity = this.lit.dims ? String(dimmed) : '1';
    layer.clear();
    if (this.lit.traces.length > 0) drawLit(layer.pen, this.lit, view, this.options);
  }

  private drawPointer(view: ChartView): void {
    const { pointer: layer } = this.layers;
    const { theme } = this.options;
    layer.clear();
    if (this.brush) return drawBrush(layer.pen, brushRect(this.brush.from, this.brush.to, view.frame.plot), theme);
    const x = this.active?.hover.x ?? this.crosshair;
    if (x === null) return;
    const { pen } = layer;
    const said = { x: (value: number) => formatX(value, this.options.xKind, view.frame.x), y: formatValue };
    drawCrosshair(pen, view.frame, theme, said, x, this.active ? this.active.hover.shown : null);
    const dotted = view.traces.length <= DOTTED ? view.traces : this.lit.traces.slice(0, DOTTED);
    drawDots(pen, dotted, view.frame, x, theme);
    if (this.active) drawHovered(pen, this.active.hover, this.active.trace.line.color, view.frame, theme);
  }

  private intents(): Intents {
    return {
      point: (at) => {
        this.pointer = at;
        this.schedule('nearest');
      },
      click: (at) => this.click(at),
      brush: (from, to) => {
        this.brush = { from, to };
        this.schedule('nearest');
      },
      brushEnd: (from, to) => {
        this.brush = null;
        this.pointer = to;
        this.schedule('nearest');
        this.zoomBy((frame, before) => brushed(brushRect(from, to, frame.plot), frame, before));
      },
      brushCancel: () => {
        this.brush = null;
        this.schedule('nearest');
      },
      pans: () => {
        const { drag, xRange, yRange } = this.options;
        return drag === 'pan' || (drag === 'once' && Boolean(xRange ?? yRange));
      },
      pan: (dx, dy) => this.zoomBy((frame, before) => panned(dx, dy, frame, before), REST),
      wheel: (at, factor) => this.zoomBy((frame, before) => zoomedAt(at, factor, frame, before), REST),
      reset: () => {
        this.pin(null);
        this.zoomTo(WHOLE);
      },
      key: (event) => this.key(event),
    };
  }

  private click(at: Position): void {
    const near = this.view && nearestPoint(this.view.traces, at.x, at.y, this.view.frame.plot);
    const picked = near && near.distance <= CLICK_REACH ? this.activeAt(near.trace, near.at) : null;
    this.pointer = at;
    if (!picked && !this.pinned) this.on.blank.emit(at);
    this.pin(picked);
  }

  private pin(picked: Active | null): void {
    if (!picked && !this.pinned) return;
    this.pinned = picked && { key: picked.hover.key, x: picked.hover.x };
    this.schedule('nearest');
    this.on.pick.emit(picked?.hover ?? null);
  }

  /** Shows and reports the zoom of a gesture. A gesture in many steps is reported once it has finished. */
  private zoomBy(change: (frame: ChartView['frame'], before: ZoomRange) => ZoomRange | null, rest = 0): void {
    const zoom = this.view && change(presentFrame(this.view.frame, this.options), zoomOf(this.options));
    if (zoom) this.zoomTo(zoom, rest);
  }

  private zoomTo(zoom: ZoomRange, rest = 0): void {
    const { xRange, yRange, xScale, yScale } = this.options;
    if (sameRange(xRange, zoom.x) && sameRange(yRange, zoom.y)) return;
    if (!drawable(zoom.x, xScale) || !drawable(zoom.y, yScale)) return;
    this.setOptions({ xRange: zoom.x, yRange: zoom.y });
    clearTimeout(this.resting);
    if (rest === 0) this.on.zoom.emit(zoom);
    else this.resting = window.setTimeout(() => this.on.zoom.emit(zoom), rest);
  }

  private key(event: KeyboardEvent): boolean {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.view) return false;
    const { plot } = this.view.frame;
    const middle = this.active ? { x: this.active.hover.px, y: this.active.hover.py } : center(plot);
    if (event.key === 'Escape') {
      const held = this.pinned !== null;
      this.pin(null);
      return held;
    }
    const factor = ZOOM_KEYS[event.key];
    if (factor !== undefined) this.zoomBy((frame, before) => zoomedAt(middle, factor, frame, before));
    else if (event.key === '0') this.zoomTo(WHOLE);
    else return this.step(event.key as MoveKey, event.shiftKey);
    return true;
  }

  private step(key: MoveKey, far: boolean): boolean {
    const { view } = this;
    if (!view) return false;
    const { plot } = view.frame;
    const from = this.active
      ? { trace: this.active.trace, at: this.active.hover.index - this.active.trace.from }
      : null;
    const next = moveAlong(view.traces, from, key, far ? 10 : 1, plot);
    if (!next) return key.startsWith('Arrow');
    const active = this.activeAt(next.trace, next.at);
    if (active) {
      this.pin(active);
      this.status.textContent = spoken(active.trace.line, active.hover, view, this.options);
    }
    return true;
  }
}

function pointValue({ line, shown, area }: Trace, index: number): ValueAt {
  const x = line.x[index] ?? NaN;
  const y = line.y[index] ?? NaN;
  const value = { key: line.key, index, x, y, shown: shown[index] ?? NaN, step: line.steps?.[index] ?? x };
  const count = line.counts?.[index];
  return {
    ...value,
    ...(area && { low: area.low[index] ?? NaN, high: area.high[index] ?? NaN }),
    ...(count !== undefined && { count }),
  };
}

/** Whether a picture in one frame, stretched, is the picture in the other one. */
const isAlike = (a: AxesFrame, b: AxesFrame): boolean =>
  a.width === b.width && a.height === b.height && a.ratio === b.ratio && a.x.kind === b.x.kind && a.y.kind === b.y.kind;

/** Where in one frame the extent of another one is. */
function placeOf({ x, y }: AxesFrame, within: AxesFrame): Rect {
  return {
    left: within.x.of(x.domain[0]),
    right: within.x.of(x.domain[1]),
    top: within.y.of(y.domain[1]),
    bottom: within.y.of(y.domain[0]),
  };
}

function center(plot: Rect): Position {
  return { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
}
