/**
 * Runs as lines across one axis per param or metric. Missing values are drawn on a rail below the axes. Axes are moved
 * by their names, brushed by dragging on them, and both by keys.
 */
import { itemAt } from '../../text/lists';
import { makeSignal } from '../events';
import type { Intents, Position } from '../gestures';
import { drawAll, type Job } from '../painter';
import type { Pen } from '../pen';
import { Plot } from '../plot';
import { lightTheme } from '../theme';
import { dragged, pressAt, sameBrushes, withBrush } from './brushes';
import { drawBrushes, drawLitRow, drawNames, drawParallelAxes, drawValues, parallelJob, textOnAxis } from './draw';
import { Handles } from './handles';
import type { Brushed, Brushes, ParallelData, ParallelHover, ParallelOptions } from './types';
import { crossing, makeParallelView, nearestRow, orderedColumns, rebrushed, type ParallelView } from './view';

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

const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

export class ParallelCoordinates extends Plot<ParallelData, ParallelOptions, ParallelView, ParallelHover> {
  readonly on = {
    hover: this.hover,
    pick: this.picked,
    brush: makeSignal<Brushed>(),
    order: makeSignal<readonly string[]>(),
    /** An axis name was clicked. */
    axis: makeSignal<string>(),
  };

  private readonly handles: Handles;
  private readonly handleHost: HTMLElement;
  /** The brushes before the current drag. */
  private before: Brushes | null = null;
  /** The lines must be painted again after the current paint job. */
  private again = false;

  constructor(host: HTMLElement, options: Partial<ParallelOptions> = {}) {
    super(host, { rows: [], columns: [] }, { ...DEFAULTS, ...options });
    this.handleHost = document.createElement('div');
    host.append(this.handleHost);
    this.handles = new Handles(this.handleHost, this.layers.axes.pen, {
      move: (key, to) => this.moveAxis(key, to),
      name: (key) => this.on.axis.emit(key),
      brush: (key, brush) => this.settle(withBrush(this.options.brushes, key, brush)),
    });
  }

  override setOptions(options: Partial<ParallelOptions>): void {
    if (Object.keys(options).join() !== 'brushes') return super.setOptions(options);
    this.options = { ...this.options, ...options };
    this.schedule('part');
  }

  override drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    const view = makeParallelView(this.data, this.options, { width, height, ratio }, pen);
    if (view.axes.length > 0) drawAll(this.job(view), pen);
    this.drawAbove(pen, view);
    drawNames(pen, view, this.options.theme);
  }

  override destroy(): void {
    this.handles.remove();
    this.handleHost.remove();
    super.destroy();
  }

  protected override paint(): ParallelView {
    const view = makeParallelView(this.data, this.options, this.layers, this.layers.axes.pen);
    this.again = false;
    this.painter.stop();
    this.show(view);
    return view;
  }

  protected override paintPart(before: ParallelView): void {
    this.view = rebrushed(before, this.options.brushes);
    this.show(this.view);
    this.surface.setAttribute('aria-label', this.summary(this.view));
  }

  protected override summary({ axes, rows, kept, brushed }: ParallelView): string {
    const names = axes.map(({ column }) => column.label).join(', ');
    const count = brushed ? `${rows.filter((row) => kept[row]).length} of ${rows.length}` : String(rows.length);
    return `Parallel coordinates of ${count} runs over ${names || 'no axes'}. Arrow up and down move between runs.`;
  }

  protected override rowAt(view: ParallelView, { x, y }: Position): number {
    return this.before ? -1 : nearestRow(view, x, y, REACH);
  }

  protected override hoverOf(view: ParallelView, index: number): ParallelHover | null {
    const row = this.data.rows[index];
    if (!row || view.axes.length === 0) return null;
    const last = view.axes.length - 1;
    const at = this.pointer ?? { x: itemAt(view.axes, last).x, y: crossing(view, index, last) };
    return { key: row.key, index, px: at.x, py: at.y };
  }

  protected override drawPointer(view: ParallelView): void {
    const { lit: layer, lines, pointer } = this.layers;
    const { theme } = this.options;
    const row = view.axes.length > 0 ? this.lit : -1;
    lines.canvas.style.transition = this.still.matches ? '' : 'opacity 90ms linear';
    lines.canvas.style.opacity = row < 0 ? '1' : String(Math.max(0.3, theme.dimmed));
    layer.clear();
    pointer.clear();
    if (row < 0) return;
    drawLitRow(layer.pen, view, row, this.data.rows[row]?.dash);
    drawValues(pointer.pen, view, row, theme);
  }

  protected override intents(): Intents {
    return {
      point: (at) => {
        const over = at && this.view && pressAt(this.view, this.options.brushes, at.x, at.y);
        this.surface.style.cursor = over ? CURSORS[over.grip] : 'default';
        this.point(at);
      },
      click: (at) => {
        const press = this.view && pressAt(this.view, this.options.brushes, at.x, at.y);
        this.point(at);
        if (press) this.settle(withBrush(this.options.brushes, press.axis.column.key, null));
        else this.pick(this.view ? this.rowAt(this.view, at) : -1);
      },
      brush: (from, to) => this.drag(from, to),
      brushEnd: (from, to) => {
        this.drag(from, to);
        const moved = this.before !== null;
        this.before = null;
        this.point(to);
        if (moved) this.settle(this.options.brushes);
      },
      brushCancel: () => {
        if (this.before) this.setOptions({ brushes: this.before });
        this.before = null;
      },
      pan: () => undefined,
      wheel: () => undefined,
      reset: () => undefined,
      key: (event) => this.key(event),
    };
  }

  private job(view: ParallelView): Job {
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

  private show(view: ParallelView): void {
    const { theme, brushes, colorBy } = this.options;
    this.layers.pulse.clear();
    this.drawAbove(this.layers.pulse.pen, view);
    this.paintLines(view);
    this.handles.show(view, brushes, colorBy, theme);
  }

  /** While a brush is dragged over many lines, each paint job finishes before the next begins. */
  private paintLines(view: ParallelView): void {
    this.again = this.painter.busy;
    if (this.again) return;
    if (view.axes.length === 0) return this.layers.lines.clear();
    this.painter.paint(
      this.job(view),
      () => undefined,
      () => this.again && this.view && this.paintLines(this.view),
    );
  }

  /** A drag that begins on an axis moves the brush or edge at its start. */
  private drag(from: Position, to: Position): void {
    if (!this.view) return;
    const before = this.before ?? this.options.brushes;
    const press = pressAt(this.view, before, from.x, from.y);
    if (!press) return;
    this.before = before;
    const { key } = press.axis.column;
    const brush = dragged(this.view, press, to.y) ?? (press.grip === 'new' ? null : (before[key] ?? null));
    const brushes = withBrush(before, key, brush);
    if (!sameBrushes(brushes, this.options.brushes)) this.setOptions({ brushes });
  }

  private settle(brushes: Brushes): void {
    if (!sameBrushes(brushes, this.options.brushes)) this.setOptions({ brushes });
    if (!this.view) return;
    const { rows, kept: passed } = rebrushed(this.view, brushes);
    const kept = rows.filter((row) => passed[row]).map((row) => itemAt(this.data.rows, row).key);
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

  /** Up and down among the rows that pass the brushes, in the order of the last axis. */
  private key(event: KeyboardEvent): boolean {
    const { view } = this;
    if (event.key === 'Escape') return this.release();
    const step = STEPS[event.key];
    if (step === undefined || !view || view.axes.length === 0) return false;
    const last = view.axes.length - 1;
    const height = (row: number) => crossing(view, row, last);
    const rows = view.rows.filter((row) => view.kept[row]).sort((a, b) => height(a) - height(b) || a - b);
    if (rows.length === 0) return true;
    const at = rows.findIndex((row) => itemAt(this.data.rows, row).key === this.pinned);
    const next = itemAt(rows, at < 0 ? 0 : (at + step + rows.length) % rows.length);
    const values = view.axes.map((axis) => `${axis.column.label} ${textOnAxis(axis, next)}`);
    this.status.textContent = `${itemAt(this.data.rows, next).label}: ${values.join(', ')}`;
    this.pick(next);
    return true;
  }
}
