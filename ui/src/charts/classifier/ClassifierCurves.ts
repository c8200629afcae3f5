/** ROC or precision-recall curves over each other. The point next to the pointer is marked. */
import { drawAxes, drawNotes, plotRect, xTicksFor, yTicksFor, type AxesFrame } from '../axes';
import { Drawing } from '../drawing';
import { makeSignal } from '../events';
import type { Pen } from '../pen';
import { makeScale } from '../scales';
import { lightTheme } from '../theme';
import type { ChartTheme } from '../types';
import { nearestPoint } from './nearest';
import type { ClassifierCurve, CurveHover, CurveKind } from './types';

interface CurvesOptions {
  readonly theme: ChartTheme;
  readonly kind: CurveKind;
  /** Without titles of the axes. */
  readonly small: boolean;
}

const TITLES: Readonly<Record<CurveKind, { readonly xLabel: string; readonly yLabel: string }>> = {
  roc: { xLabel: 'False positive rate', yLabel: 'True positive rate' },
  pr: { xLabel: 'Recall', yLabel: 'Precision' },
};
const NAMES: Readonly<Record<CurveKind, string>> = { roc: 'ROC', pr: 'precision-recall' };
/** Pixels from the pointer: the whole plot, since curves lie far apart. */
const REACH = 4_000;
const DOT = 4;

export class ClassifierCurves extends Drawing<CurvesOptions> {
  readonly on = { hover: makeSignal<CurveHover | null>() };

  private curves: readonly ClassifierCurve[] = [];
  private lit: number | null = null;
  private at: CurveHover | null = null;
  private shown: AxesFrame | null = null;

  constructor(host: HTMLElement, options: Partial<CurvesOptions> = {}) {
    super(host, { theme: lightTheme, kind: 'roc', small: false, ...options });
    const { signal } = this.stop;
    this.surface.addEventListener('pointermove', (event) => this.moveTo(this.under(event)), { signal });
    this.surface.addEventListener('pointerdown', (event) => this.moveTo(this.under(event)), { signal });
    this.surface.addEventListener('pointerleave', () => this.moveTo(null), { signal });
  }

  setData(curves: readonly ClassifierCurve[]): void {
    this.curves = curves;
    this.at = null;
    this.schedule('view');
  }

  /** The curve before which the others stand back; null: none. */
  light(curve: number | null): void {
    if (curve === this.lit) return;
    this.lit = curve;
    this.schedule('view');
  }

  override drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    this.draw(pen, this.frameOf(width, height, ratio));
  }

  private get titles(): { readonly xLabel: string; readonly yLabel: string } {
    return this.options.small ? { xLabel: '', yLabel: '' } : TITLES[this.options.kind];
  }

  private frameOf(width: number, height: number, ratio: number): AxesFrame {
    const plot = plotRect(width, height, this.titles);
    const x = makeScale('linear', [0, 1], [plot.left, plot.right]);
    const y = makeScale('linear', [0, 1], [plot.bottom, plot.top]);
    return { width, height, ratio, plot, x, y, xTicks: xTicksFor(x, plot, 'value'), yTicks: yTicksFor(y, plot) };
  }

  private draw(pen: Pen, frame: AxesFrame): void {
    const { theme, kind } = this.options;
    const { x, y } = frame;
    pen.globalAlpha = 1;
    drawAxes(pen, frame, { theme, ...this.titles });
    if (kind === 'roc') {
      pen.strokeStyle = theme.crosshair;
      pen.lineWidth = 1;
      pen.setLineDash([4, 4]);
      pen.beginPath();
      pen.moveTo(x.of(0), y.of(0));
      pen.lineTo(x.of(1), y.of(1));
      pen.stroke();
    }
    pen.lineJoin = 'round';
    this.curves.forEach((curve, place) => {
      pen.globalAlpha = this.lit === null || this.lit === place ? 1 : theme.dimmed;
      pen.strokeStyle = curve.color;
      pen.setLineDash([...curve.dash]);
      pen.lineWidth = this.lit === place ? 2.5 : 1.75;
      this.trace(pen, curve, frame);
      pen.stroke();
    });
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    drawNotes(pen, frame, this.options, [], this.curves.length === 0);
  }

  /** Precision counts from the recall before: across first, then up or down. */
  private trace(pen: Pen, curve: ClassifierCurve, { x, y }: AxesFrame): void {
    pen.beginPath();
    if (this.options.kind === 'pr') pen.moveTo(x.of(0), y.of(curve.y[0] ?? NaN));
    curve.x.forEach((value, i) => {
      const [px, py] = [x.of(value), y.of(curve.y[i] ?? NaN)];
      if (this.options.kind === 'pr') {
        pen.lineTo(x.of(curve.x[i - 1] ?? 0), py);
        pen.lineTo(px, py);
      } else if (i === 0) pen.moveTo(px, py);
      else pen.lineTo(px, py);
    });
  }

  protected override paint(pen: Pen): void {
    const { width, height, ratio } = this.layers;
    this.shown = this.frameOf(width, height, ratio);
    this.draw(pen, this.shown);
  }

  protected override summary(): string {
    const count = this.curves.length;
    const name = NAMES[this.options.kind];
    return count === 0 ? `No ${name} curves` : `${count} ${name} ${count === 1 ? 'curve' : 'curves'}`;
  }

  protected override drawPointer(): void {
    const { pointer } = this.layers;
    pointer.clear();
    const curve = this.at === null ? undefined : this.curves[this.at.curve];
    if (!this.shown || !this.at || !curve) return;
    const { pen } = pointer;
    pen.fillStyle = curve.color;
    pen.strokeStyle = this.options.theme.background;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(this.shown.x.of(this.at.x), this.shown.y.of(this.at.y), DOT, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }

  private under(event: PointerEvent): CurveHover | null {
    if (!this.shown) return null;
    const { left, top } = this.surface.getBoundingClientRect();
    return nearestPoint(this.curves, [event.clientX - left, event.clientY - top], this.shown, REACH);
  }

  private moveTo(point: CurveHover | null): void {
    if (point === null && this.at === null) return;
    this.at = point;
    this.drawPointer();
    this.on.hover.emit(point);
  }
}
