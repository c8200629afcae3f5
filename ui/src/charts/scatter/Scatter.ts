/** Runs as points over two of their params or metrics, with a trend. Axes may be categorical. */
import { itemAt } from '../../text/lists';
import { drawAxes, drawNotes } from '../axes';
import type { ChartColumn } from '../column';
import { bounded } from '../domain';
import { ringedDot } from '../draw';
import { makeSignal } from '../events';
import { formatValue } from '../format';
import { brushRect, type Intents, type Position } from '../gestures';
import { drawAll } from '../painter';
import type { Pen } from '../pen';
import { Plot } from '../plot';
import { drawBrush, drawCrosshair } from '../pointer';
import { makeScale, zoomAround } from '../scales';
import { lightTheme } from '../theme';
import type { Range, ZoomRange } from '../types';
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

export class Scatter extends Plot<ScatterData, ScatterOptions, ScatterView, ScatterHover> {
  readonly on = { hover: this.hover, pick: this.picked, zoom: makeSignal<ZoomRange>() };

  private brush: { readonly from: Position; readonly to: Position } | null = null;
  private resting = 0;

  constructor(host: HTMLElement, options: Partial<ScatterOptions> = {}) {
    super(host, NOTHING, { ...DEFAULTS, ...options });
    this.surface.style.cursor = 'crosshair';
  }

  override drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    const view = makeScatterView(this.data, this.options, { width, height, ratio }, pen);
    this.drawFurniture(pen, view);
    drawAll(pointsJob(view, this.data, this.options.theme), pen);
  }

  override destroy(): void {
    clearTimeout(this.resting);
    super.destroy();
  }

  protected override paint(): ScatterView {
    const { layers } = this;
    const view = makeScatterView(this.data, this.options, layers, layers.axes.pen);
    this.painter.paint(pointsJob(view, this.data, this.options.theme), () => {
      layers.axes.clear();
      this.drawFurniture(layers.axes.pen, view);
    });
    return view;
  }

  protected override summary({ rows, trends }: ScatterView): string {
    const { x, y } = this.data;
    const fits = trends.map((trend) => ` ${trend.said}.`).join('');
    return (
      `Scatter plot of ${rows.length} runs, ${y.label} over ${x.label}.${fits}` +
      ' Arrow keys move between points, plus and minus zoom, Escape releases.'
    );
  }

  protected override rowAt(view: ScatterView, { x, y }: Position): number {
    return this.brush ? -1 : (view.rows[nearestOf(view, x, y, REACH)] ?? -1);
  }

  protected override hoverOf(view: ScatterView, index: number): ScatterHover | null {
    const at = view.rows.indexOf(index);
    const row = this.data.rows[index];
    if (at < 0 || !row) return null;
    const { x, y } = this.data;
    const place = { px: view.px[at] ?? NaN, py: view.py[at] ?? NaN };
    return { key: row.key, index, x: x.values[index] ?? NaN, y: y.values[index] ?? NaN, ...place };
  }

  private drawFurniture(pen: Pen, { frame, notes, rows }: ScatterView): void {
    const { theme } = this.options;
    const labels = { theme, xLabel: this.data.x.label, yLabel: this.data.y.label };
    drawAxes(pen, frame, labels);
    drawNotes(pen, frame, labels, notes, rows.length === 0);
  }

  protected override drawPointer(view: ScatterView): void {
    const { pointer: layer } = this.layers;
    const { theme } = this.options;
    layer.clear();
    if (this.brush) return drawBrush(layer.pen, brushRect(this.brush.from, this.brush.to, view.frame.plot), theme);
    const row = this.lit;
    const lit = this.hoverOf(view, row);
    if (!lit) return;
    const { x, y } = this.data;
    const said = { x: () => rowText(x, row), y: () => rowText(y, row) };
    drawCrosshair(layer.pen, view.frame, theme, said, lit.x, lit.y);
    ringedDot(layer.pen, lit.px, lit.py, radiusFor(view.rows.length) + 2, itemAt(this.data.rows, row).color, theme);
  }

  protected override intents(): Intents {
    return {
      point: (at) => this.point(at),
      click: (at) => {
        this.point(at);
        this.pick(this.view ? this.rowAt(this.view, at) : -1);
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
        this.release();
        this.zoomTo(WHOLE);
      },
      key: (event) => this.key(event),
    };
  }

  /** The same change of both axes, applied to the pending zoom. */
  private zoomBy(change: (scale: ScatterView['frame']['x'], at: number) => Range, at: Position): void {
    if (!this.view) return;
    const { frame } = this.view;
    const { xRange, yRange } = this.options;
    const x = xRange ? makeScale(frame.x.kind, bounded(frame.x.domain, xRange, frame.x.kind), frame.x.range) : frame.x;
    const y = yRange ? makeScale(frame.y.kind, bounded(frame.y.domain, yRange, frame.y.kind), frame.y.range) : frame.y;
    this.zoomTo({ x: change(x, at.x), y: change(y, at.y) }, REST);
  }

  private zoomTo(zoom: ZoomRange | null, rest = 0): void {
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
    if (event.key === 'Escape') return this.release();
    if (event.key === '0') this.zoomTo(WHOLE);
    else if (factor !== undefined) {
      const center = { x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2 };
      this.zoomBy((scale, pixel) => zoomAround(scale, scale.invert(pixel), factor), center);
    } else if (step !== undefined) this.step(view, step * (event.shiftKey ? 10 : 1));
    else return false;
    return true;
  }

  private step(view: ScatterView, by: number): void {
    const from = view.rows.findIndex((row) => itemAt(this.data.rows, row).key === this.pinned);
    const row = view.rows[stepFrom(view, from, by)];
    if (row === undefined) return;
    const { x, y, rows } = this.data;
    this.status.textContent = `${itemAt(rows, row).label}: ${x.label} ${rowText(x, row)}, ${y.label} ${rowText(y, row)}`;
    this.pick(row);
  }
}

function rowText({ values, categories }: ChartColumn, row: number): string {
  const value = values[row] ?? NaN;
  return categories?.[value] ?? formatValue(value);
}
