/**
 * A chart of many lines in one host element: typed arrays in, pixels out. A change of data repaints; the pointer only moves what
 * lies on layers above, so that hovering costs the same with five lines and five thousand.
 */
import { drawAxes, fontOf, formatX, shortened, type Pen } from './axes';
import { clipTo, drawMarks, drawTrace, livePoint, strokeCost, styleFor } from './draw';
import { makeSignal } from './events';
import { formatValue } from './format';
import { brushRect, listen, type Intents, type Place } from './gestures';
import { moveAlong, type Direction } from './keyboard';
import { Layers } from './layers';
import { indexAt, inside, nearestPoint } from './nearest';
import { drawLines, Painter } from './painter';
import { drawBrush, drawCrosshair, drawDots, drawHovered, slackAt } from './pointer';
import { makeScale, zoomAround, type Scale } from './scales';
import { smooths } from './smooth';
import { lightTheme } from './theme';
import type { Trace } from './trace';
import type { ChartOptions, Hover, Line, Off, Range, Rect, ValueAt, Zoom } from './types';
import { makeView, rawTrace, sameRange, type View } from './view';

export const defaultOptions: ChartOptions = {
  xScale: 'linear',
  yScale: 'linear',
  xKind: 'step',
  xLabel: 'step',
  yLabel: '',
  theme: lightTheme,
  smoothing: { kind: 'none', amount: 0 },
  ignoreOutliers: false,
  xRange: null,
  yRange: null,
  highlight: 'run',
};

/** Up to here every line gets a dot at the crosshair. */
const DOTTED = 30;
/** Estimated milliseconds that lit lines may take, wide and at all. */
const LIT_WIDE = 12;
const LIT_MOST = 40;
/** A click further from every line releases the pin. */
const CLICK_REACH = 40;
const ZOOM_STEP = 0.6;

interface Active {
  readonly trace: Trace;
  readonly hover: Hover;
}

interface Focus {
  readonly key: string | null;
  readonly run: string | null;
}

export class LineChart {
  readonly on = {
    hover: makeSignal<Hover | null>(),
    zoom: makeSignal<Zoom>(),
    pick: makeSignal<Hover | null>(),
  };

  private readonly layers: Layers;
  private readonly painter: Painter;
  private readonly status: HTMLElement;
  private readonly observer: ResizeObserver;
  private readonly deaf: Off;
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');
  private options: ChartOptions;
  private lines: readonly Line[] = [];
  private view: View | null = null;
  private active: Active | null = null;
  private pinned: { readonly key: string; readonly x: number } | null = null;
  private focus: Focus = { key: null, run: null };
  private crosshair: number | null = null;
  private pointer: Place | null = null;
  private brush: { readonly from: Place; readonly to: Place } | null = null;
  private pulse: Animation | null = null;
  private frame = 0;
  private stale = { view: true, lit: true, pointer: true, nearest: false };

  constructor(host: HTMLElement, options: Partial<ChartOptions> = {}) {
    this.options = { ...defaultOptions, ...options };
    this.layers = new Layers(host);
    this.painter = new Painter(this.layers, this.layers.lines);
    this.status = addStatus(host);
    const surface = this.layers.pointer.canvas;
    surface.removeAttribute('aria-hidden');
    surface.tabIndex = 0;
    surface.setAttribute('role', 'img');
    Object.assign(surface.style, { touchAction: 'pan-y', cursor: 'crosshair', outlineOffset: '-2px' });
    this.deaf = listen(surface, this.intents());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.schedule('view');
  }

  setLines(lines: readonly Line[]): void {
    this.lines = lines;
    this.schedule('view');
  }

  setOptions(options: Partial<ChartOptions>): void {
    const next = { ...this.options, ...options };
    const names = Object.keys(next) as (keyof ChartOptions)[];
    const changed = names.filter((name) => !same(name, this.options, next));
    this.options = next;
    if (changed.length === 0) return;
    this.schedule(changed.every((name) => name === 'highlight') ? 'lit' : 'view');
  }

  /** Lights the line of this key, and with `highlight: 'run'` all lines of its run; `run` finds them in a chart that lacks the key. */
  setFocus(key: string | null, run: string | null = null): void {
    if (this.focus.key === key && this.focus.run === run) return;
    this.focus = { key, run };
    this.schedule('lit');
  }

  /** Draws the vertical hair at x, for a pointer that is over another chart. */
  setCrosshair(x: number | null): void {
    if (this.crosshair === x) return;
    this.crosshair = x;
    this.schedule('pointer');
  }

  /** Holds the point of a line nearest to x until it is picked elsewhere or released; does not emit. */
  setPin(pin: { readonly key: string; readonly x: number } | null): void {
    this.pinned = pin;
    this.schedule('nearest');
  }

  /** The point of every visible line nearest to x; a line that has not begun or has ended by then is left out. */
  valuesAt(x: number): ValueAt[] {
    const view = this.current();
    const slack = slackAt(view.frame, x);
    const values: ValueAt[] = [];
    for (const trace of view.traces) {
      const index = indexAt(trace.line.x, x, slack, trace.sorted);
      if (index >= 0) values.push(valueOf(trace, index));
    }
    return values;
  }

  /** The visible window, as it is drawn. */
  window(): { readonly x: Range; readonly y: Range } {
    const { x, y } = this.current().frame;
    return { x: x.domain, y: y.domain };
  }

  resize(): void {
    if (this.layers.fit()) this.schedule('view');
  }

  /** A picture of the chart as it is, without the pointer, drawn afresh at the size asked for. */
  toCanvas(size: { readonly width?: number; readonly height?: number; readonly ratio?: number } = {}): HTMLCanvasElement {
    const { width = this.layers.width, height = this.layers.height, ratio = Math.max(2, this.layers.ratio) } = size;
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext('2d')!;
    pen.scale(ratio, ratio);
    pen.fillStyle = this.options.theme.background;
    pen.fillRect(0, 0, width, height);
    const view = makeView(this.lines, this.options, { width, height, ratio }, pen);
    this.drawFurniture(pen, view);
    drawLines(pen, view, this.options.theme);
    return canvas;
  }

  toPNG(size: Parameters<LineChart['toCanvas']>[0] = {}): Promise<Blob> {
    return new Promise((resolve, reject) => {
      this.toCanvas(size).toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large to encode.'))));
    });
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.painter.stop();
    this.pulse?.cancel();
    this.observer.disconnect();
    this.deaf();
    for (const signal of Object.values(this.on)) signal.clear();
    this.status.remove();
    this.layers.remove();
  }

  private schedule(what: keyof LineChart['stale']): void {
    this.stale[what] = true;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.refresh();
    });
  }

  private refresh(): void {
    const { view, nearest, lit, pointer } = this.stale;
    this.stale = { view: false, lit: false, pointer: false, nearest: false };
    if (this.layers.fit() || view) this.repaint();
    if (!this.view) return;
    const relit = (view || nearest) && this.findActive();
    if (view || lit || relit) this.drawLit(this.view);
    if (view || nearest || lit || pointer) this.drawPointer(this.view);
  }

  private current(): View {
    if (!this.view || this.stale.view) {
      this.layers.fit();
      this.view = makeView(this.lines, this.options, this.layers, this.layers.axes.pen);
    }
    return this.view;
  }

  private repaint(): void {
    if (this.layers.width < 20 || this.layers.height < 20) return;
    const view = (this.view = makeView(this.lines, this.options, this.layers, this.layers.axes.pen));
    this.painter.paint(view, this.options.theme, () => {
      this.layers.clear(this.layers.axes);
      this.drawFurniture(this.layers.axes.pen, view);
      this.drawPulse(view);
    });
    this.describe(view);
  }

  private drawFurniture(pen: Pen, view: View): void {
    const { frame, notes } = view;
    const { theme } = this.options;
    drawAxes(pen, frame, this.options);
    pen.font = fontOf(theme);
    pen.fillStyle = theme.muted;
    pen.textAlign = 'right';
    pen.textBaseline = 'alphabetic';
    const room = (frame.plot.right - frame.plot.left) / 2;
    if (notes.length) pen.fillText(shortened(pen, notes.join(' · '), room), frame.plot.right, frame.plot.top - 8);
    if (view.traces.some((trace) => trace.px.length > 0)) return;
    pen.textAlign = 'center';
    pen.fillText('No points to show', (frame.plot.left + frame.plot.right) / 2, (frame.plot.top + frame.plot.bottom) / 2);
  }

  /** Halos of running lines, on a layer whose opacity the browser animates by itself. */
  private drawPulse(view: View): void {
    const { pulse } = this.layers;
    this.layers.clear(pulse);
    const points = view.traces.map((trace) => ({ trace, at: livePoint(trace, view.frame.plot) })).filter(({ at }) => at);
    for (const { trace, at } of points.slice(0, 100)) {
      pulse.pen.fillStyle = trace.line.color;
      pulse.pen.globalAlpha = 0.35;
      pulse.pen.beginPath();
      pulse.pen.arc(at!.x, at!.y, 7, 0, Math.PI * 2);
      pulse.pen.fill();
    }
    const moving = points.length > 0 && !this.still.matches;
    if (moving && !this.pulse) {
      const timing = { duration: 1100, iterations: Infinity, direction: 'alternate', easing: 'ease-in-out' } as const;
      this.pulse = pulse.canvas.animate([{ opacity: 0.15 }, { opacity: 1 }], timing);
    } else if (!moving) {
      this.pulse?.cancel();
      this.pulse = null;
    }
  }

  /** Finds the point under the pointer, or the pinned one, anew; true when the lit line changed. */
  private findActive(): boolean {
    const before = this.active;
    this.active = this.pinned ? this.pinnedPoint(this.pinned) : this.pointedPoint();
    const a = before?.hover;
    const b = this.active?.hover;
    if (a?.key !== b?.key || a?.index !== b?.index || a?.px !== b?.px || a?.py !== b?.py) this.on.hover.emit(b ?? null);
    return a?.key !== b?.key;
  }

  private pinnedPoint(pin: { readonly key: string; readonly x: number }): Active | null {
    const trace = this.view?.traces.find((t) => t.line.key === pin.key);
    if (!trace) return null;
    const index = indexAt(trace.line.x, pin.x, Infinity, trace.sorted);
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

  /** null when the point is outside the plot or has no place in it. */
  private activeAt(trace: Trace, at: number): Active | null {
    const px = trace.px[at];
    const py = trace.py[at];
    if (px === undefined || py === undefined || !this.view || !inside(px, py, this.view.frame.plot)) return null;
    return { trace, hover: { ...valueOf(trace, trace.from + at), px, py } };
  }

  private litTraces(view: View): readonly Trace[] {
    const key = this.active?.hover.key ?? this.focus.key;
    const focused = view.traces.find((trace) => trace.line.key === key);
    const run = focused?.line.run ?? this.focus.run;
    const explicit = this.active === null && (this.focus.key !== null || this.focus.run !== null);
    if (this.options.highlight === 'none' && !explicit) return focused ? [focused] : [];
    const mates = this.options.highlight === 'run' && run !== null && run !== undefined;
    const lit = view.traces.filter((trace) => trace === focused || (mates && trace.line.run === run));
    const cost = lit.reduce((sum, trace) => sum + strokeCost(trace, view.frame.ratio, true), 0);
    return cost > LIT_MOST && focused ? [focused] : lit;
  }

  private drawLit(view: View): void {
    const { lit: layer, lines } = this.layers;
    const { theme, highlight } = this.options;
    this.layers.clear(layer);
    const lit = this.litTraces(view);
    const dims = lit.length > 0 && lit.length < view.traces.length && (highlight !== 'none' || this.active === null);
    lines.canvas.style.transition = this.still.matches ? '' : 'opacity 90ms linear';
    lines.canvas.style.opacity = dims ? String(theme.dimmed) : '1';
    if (lit.length === 0) return;
    const { pen } = layer;
    const key = this.active?.hover.key ?? this.focus.key;
    const style = { ...styleFor(lit, view.frame.ratio, LIT_WIDE), alpha: 1 };
    pen.save();
    clipTo(pen, view.frame.plot);
    for (const trace of lit) {
      const focused = trace.line.key === key;
      if (focused && smooths(this.options.smoothing)) this.drawRawOf(pen, trace, view);
      if (!focused) drawTrace(pen, trace, style, view.frame.ratio);
    }
    const focused = lit.find((trace) => trace.line.key === key);
    if (focused) drawTrace(pen, focused, styleFor([focused], view.frame.ratio, LIT_WIDE), view.frame.ratio, { extraWidth: 0.75 });
    pen.restore();
    drawMarks(pen, lit, view.frame, theme);
  }

  private drawRawOf(pen: Pen, trace: Trace, { frame }: View): void {
    const raw = rawTrace(trace.line, frame.x, frame.y);
    drawTrace(pen, raw, styleFor([raw], frame.ratio, LIT_WIDE), frame.ratio);
  }

  private drawPointer(view: View): void {
    const { pointer: layer } = this.layers;
    const { theme } = this.options;
    this.layers.clear(layer);
    const { pen } = layer;
    if (this.brush) return drawBrush(pen, brushRect(this.brush.from, this.brush.to, view.frame.plot), theme);
    const x = this.active?.hover.x ?? this.crosshair;
    if (x === null) return;
    drawCrosshair(pen, view.frame, this.options, x, this.active ? this.active.hover.shown : null);
    const dotted = view.traces.length <= DOTTED ? view.traces : this.litTraces(view).slice(0, DOTTED);
    drawDots(pen, dotted, view.frame, x, theme);
    if (this.active) drawHovered(pen, this.active.hover, this.active.trace.line.color, theme);
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
        this.zoomToBrush(from, to);
      },
      brushCancel: () => {
        this.brush = null;
        this.schedule('nearest');
      },
      pan: (dx, dy) => this.pan(dx, dy),
      wheel: (at, factor) => this.zoomAt(at, factor),
      reset: () => this.zoomTo({ x: null, y: null }),
      key: (event) => this.key(event),
    };
  }

  private click(at: Place): void {
    const near = this.view && nearestPoint(this.view.traces, at.x, at.y, this.view.frame.plot);
    const picked = near && near.distance <= CLICK_REACH ? this.activeAt(near.trace, near.at) : null;
    this.pointer = at;
    this.pin(picked);
  }

  private pin(picked: Active | null): void {
    if (!picked && !this.pinned) return;
    this.pinned = picked && { key: picked.hover.key, x: picked.hover.x };
    this.schedule('nearest');
    this.on.pick.emit(picked?.hover ?? null);
  }

  private zoomToBrush(from: Place, to: Place): void {
    this.schedule('nearest');
    const frame = this.view?.frame;
    if (!frame) return;
    const rect = brushRect(from, to, frame.plot);
    if (rect.right - rect.left < 3 || rect.bottom - rect.top < 3) return;
    const { xRange = null, yRange = null } = this.options;
    this.zoomTo({
      x: rect.along === 'y' ? xRange : [frame.x.invert(rect.left), frame.x.invert(rect.right)],
      y: rect.along === 'x' ? yRange : [frame.y.invert(rect.bottom), frame.y.invert(rect.top)],
    });
  }

  private zoomAt(at: Place, factor: number): void {
    const frame = this.view?.frame;
    if (!frame) return;
    const { x } = frame;
    this.zoomTo({ x: zoomAround(x, x.invert(at.x), factor), y: this.options.yRange ?? null });
  }

  private pan(dx: number, dy: number): void {
    const frame = this.view?.frame;
    if (!frame) return;
    const moved = (scale: Scale, by: number, [a, b]: Range): Range => [scale.invert(a - by), scale.invert(b - by)];
    const y = this.options.yRange ? moved(frame.y, dy, frame.y.range) : null;
    this.zoomTo({ x: moved(frame.x, dx, frame.x.range), y });
  }

  private zoomTo(zoom: Zoom): void {
    const { xRange, yRange, xScale, yScale } = this.options;
    if (sameRange(xRange, zoom.x) && sameRange(yRange, zoom.y)) return;
    if (!drawable(zoom.x, xScale) || !drawable(zoom.y, yScale)) return;
    this.setOptions({ xRange: zoom.x, yRange: zoom.y });
    this.on.zoom.emit(zoom);
  }

  private key(event: KeyboardEvent): boolean {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.view) return false;
    const { plot } = this.view.frame;
    const middle = this.active ? { x: this.active.hover.px, y: this.active.hover.py } : centre(plot);
    if (event.key === 'Escape') {
      const held = this.pinned !== null;
      this.pin(null);
      return held;
    }
    if (event.key === '+' || event.key === '=') this.zoomAt(middle, ZOOM_STEP);
    else if (event.key === '-') this.zoomAt(middle, 1 / ZOOM_STEP);
    else if (event.key === '0') this.zoomTo({ x: null, y: null });
    else return this.step(event.key as Direction, event.shiftKey);
    return true;
  }

  private step(key: Direction, far: boolean): boolean {
    const { view } = this;
    if (!view) return false;
    const { plot } = view.frame;
    const from = this.active ? { trace: this.active.trace, at: this.active.hover.index - this.active.trace.from } : null;
    const next = moveAlong(view.traces, from, key, far ? 10 : 1, plot);
    if (!next) return key.startsWith('Arrow');
    const active = this.activeAt(next.trace, next.at);
    if (active) {
      this.pin(active);
      this.say(active);
    }
    return true;
  }

  private say({ trace, hover }: Active): void {
    const { xKind, xLabel } = this.options;
    const x = formatX(hover.x, xKind, this.view!.frame.x);
    this.status.textContent = `${trace.line.label}: ${formatValue(hover.y)} at ${xLabel || xKind} ${x}`;
  }

  private describe({ traces, frame }: View): void {
    const { xKind, xLabel, yLabel } = this.options;
    const [x0, x1] = frame.x.domain.map((value) => formatX(value, xKind, frame.x));
    const [y0, y1] = frame.y.domain.map((value) => formatValue(value, 3));
    const lines = `${traces.length} line${traces.length === 1 ? '' : 's'}`;
    const keys = 'Arrow keys move between points and lines, plus and minus zoom, Escape releases.';
    const label = `${yLabel || 'Line chart'}: ${lines}, ${xLabel || xKind} ${x0} to ${x1}, values ${y0} to ${y1}. ${keys}`;
    this.layers.pointer.canvas.setAttribute('aria-label', label);
  }
}

function valueOf({ line, shown }: Trace, index: number): ValueAt {
  const x = line.x[index]!;
  return { key: line.key, index, x, y: line.y[index]!, shown: shown[index]!, step: line.steps?.[index] ?? x };
}

function centre(plot: Rect): Place {
  return { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
}

/** A window that the scale can show and that numbers can still tell apart. */
function drawable(range: Range | null, kind: ChartOptions['xScale']): boolean {
  if (range === null) return true;
  const scale = makeScale(kind, range, [0, 1000]);
  const step = scale.invert(1) - scale.invert(0);
  return range[1] > range[0] && range.every(Number.isFinite) && (kind === 'linear' || range[0] > 0) && range[0] + step > range[0];
}

function same(name: keyof ChartOptions, a: ChartOptions, b: ChartOptions): boolean {
  if (name === 'xRange' || name === 'yRange') return sameRange(a[name], b[name]);
  if (name === 'smoothing') return a.smoothing.kind === b.smoothing.kind && a.smoothing.amount === b.smoothing.amount;
  return a[name] === b[name];
}

/** Says what the keyboard reached to those who hear the page. */
function addStatus(host: HTMLElement): HTMLElement {
  const status = document.createElement('div');
  status.setAttribute('role', 'status');
  Object.assign(status.style, { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' });
  host.append(status);
  return status;
}
