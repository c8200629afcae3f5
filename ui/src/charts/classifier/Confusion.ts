/** A confusion matrix: a row for each true class, a column for each predicted one, darker where the share is larger. */
import { fontOf, shortened, shortenedFront } from '../axes';
import { Drawing } from '../drawing';
import { makeSignal } from '../events';
import { formatValue } from '../format';
import type { Pen } from '../pen';
import { lightTheme } from '../theme';
import type { ChartTheme, Rect } from '../types';
import { inkOn, shadeOf, sharesOf } from './shares';
import type { ConfusionCounts, ConfusionHover, ShareOf } from './types';

interface ConfusionOptions {
  readonly theme: ChartTheme;
  readonly shareOf: ShareOf;
  /** Without the titles of rows and columns. */
  readonly small: boolean;
}

const NOTHING: ConfusionCounts = { labels: [], counts: [] };
/** Pixels: the widest labels, the smallest cell with a number, the line of a label and of a title. */
const WIDEST = 96;
const NUMBERED = 26;
const LINE = 16;
const TITLE = 18;
const LARGEST_CELL = 96;

interface MatrixPlaces {
  readonly plot: Rect;
  readonly cell: number;
  /** The widest label. */
  readonly labels: number;
}

export class Confusion extends Drawing<ConfusionOptions> {
  readonly on = { hover: makeSignal<ConfusionHover | null>() };

  private data = NOTHING;
  private shares: readonly Float64Array[] = [];
  private at: ConfusionHover | null = null;
  private shown: MatrixPlaces | null = null;

  constructor(host: HTMLElement, options: Partial<ConfusionOptions> = {}) {
    super(host, { theme: lightTheme, shareOf: 'true', small: false, ...options });
    const { signal } = this.stop;
    this.surface.addEventListener('pointermove', (event) => this.moveTo(this.under(event)), { signal });
    this.surface.addEventListener('pointerdown', (event) => this.moveTo(this.under(event)), { signal });
    this.surface.addEventListener('pointerleave', () => this.moveTo(null), { signal });
  }

  setData(data: ConfusionCounts): void {
    this.data = data;
    this.at = null;
    this.schedule('view');
  }

  override drawTo(pen: Pen, width: number, height: number, _ratio: number): void {
    this.draw(pen, this.placesOf(pen, width, height));
  }

  private placesOf(pen: Pen, width: number, height: number): MatrixPlaces {
    const { theme, small } = this.options;
    const { labels } = this.data;
    pen.font = fontOf(theme);
    const most = Math.min(WIDEST, width / 4);
    const widest = Math.min(most, Math.max(0, ...labels.slice(0, 200).map((text) => pen.measureText(text).width)));
    const title = small ? 0 : TITLE;
    const left = title + widest + 10;
    const room = Math.min(width - left - 8, height - 8 - LINE - title);
    const cell = Math.max(0.5, Math.min(LARGEST_CELL, room / Math.max(1, labels.length)));
    const side = cell * labels.length;
    const start = small ? left + Math.max(0, (width - left - 8 - side) / 2) : left;
    return { plot: { left: start, top: 6, right: start + side, bottom: 6 + side }, cell, labels: widest };
  }

  private draw(pen: Pen, places: MatrixPlaces): void {
    const { theme, shareOf, small } = this.options;
    const { labels, counts } = this.data;
    const { plot, cell } = places;
    this.shares = sharesOf(counts, shareOf);
    pen.globalAlpha = 1;
    pen.setLineDash([]);
    const gap = cell > 6 ? 1 : 0;
    counts.forEach((row, i) =>
      row.forEach((_, j) => {
        pen.fillStyle = this.colorOf(i, j);
        pen.fillRect(plot.left + j * cell, plot.top + i * cell, cell - gap, cell - gap);
      }),
    );
    if (cell >= NUMBERED) this.drawNumbers(pen, places);
    this.drawLabels(pen, places);
    pen.font = fontOf(theme, 500);
    pen.fillStyle = theme.muted;
    if (!small && labels.length > 0) {
      pen.textAlign = 'center';
      pen.textBaseline = 'alphabetic';
      const across = plot.right - plot.left;
      pen.fillText(shortened(pen, 'Predicted →', across), (plot.left + plot.right) / 2, plot.bottom + LINE + TITLE - 4);
      pen.textAlign = 'left';
      pen.fillText(shortened(pen, '↓ True', plot.left - 4), 4, plot.bottom + LINE - 3);
    }
  }

  private colorOf(row: number, column: number): string {
    const { theme } = this.options;
    const share = this.shares[row]?.[column] ?? 0;
    return shadeOf(share, theme.gradient, theme.grid);
  }

  private drawNumbers(pen: Pen, { plot, cell }: MatrixPlaces): void {
    const { theme, shareOf } = this.options;
    pen.font = fontOf(theme, 500);
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    this.data.counts.forEach((row, i) =>
      row.forEach((count, j) => {
        const share = this.shares[i]?.[j] ?? 0;
        const text = shareOf === 'all' ? formatValue(count, 3) : `${formatValue(share * 100, 3)} %`;
        if (pen.measureText(text).width > cell - 4) return;
        pen.fillStyle = share > 0 ? inkOn(this.colorOf(i, j)) : theme.muted;
        pen.fillText(text, plot.left + (j + 0.5) * cell, plot.top + (i + 0.5) * cell);
      }),
    );
  }

  /** As many as have room. */
  private drawLabels(pen: Pen, { plot, cell, labels: widest }: MatrixPlaces): void {
    const { theme } = this.options;
    const { labels } = this.data;
    pen.font = fontOf(theme);
    pen.fillStyle = theme.muted;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    const every = Math.ceil(LINE / cell);
    labels.forEach((label, i) => {
      if (i % every === 0)
        pen.fillText(shortenedFront(pen, label, widest + 1), plot.left - 6, plot.top + (i + 0.5) * cell);
    });
    pen.textAlign = 'center';
    const room = Math.max(cell, 34);
    const across = Math.ceil(room / cell);
    labels.forEach((label, j) => {
      if (j % across === 0)
        pen.fillText(
          shortenedFront(pen, label, across * cell - 4),
          plot.left + (j + 0.5) * cell,
          plot.bottom + LINE / 2,
        );
    });
  }

  protected override paint(pen: Pen): void {
    const { width, height } = this.layers;
    this.shown = this.placesOf(pen, width, height);
    this.draw(pen, this.shown);
  }

  protected override summary(): string {
    const { labels } = this.data;
    return labels.length === 0 ? 'Confusion matrix without classes' : `Confusion matrix of ${labels.length} classes`;
  }

  protected override drawPointer(): void {
    const { pointer } = this.layers;
    pointer.clear();
    if (!this.shown || !this.at) return;
    const { plot, cell } = this.shown;
    pointer.pen.strokeStyle = this.options.theme.text;
    pointer.pen.lineWidth = 2;
    pointer.pen.strokeRect(plot.left + this.at.column * cell, plot.top + this.at.row * cell, cell, cell);
  }

  private under(event: PointerEvent): ConfusionHover | null {
    if (!this.shown) return null;
    const { plot, cell } = this.shown;
    const { left, top } = this.surface.getBoundingClientRect();
    const column = Math.floor((event.clientX - left - plot.left) / cell);
    const row = Math.floor((event.clientY - top - plot.top) / cell);
    const inside = Math.min(row, column) >= 0 && Math.max(row, column) < this.data.labels.length;
    return inside ? { row, column } : null;
  }

  private moveTo(next: ConfusionHover | null): void {
    if (next?.row === this.at?.row && next?.column === this.at?.column) return;
    this.at = next;
    this.drawPointer();
    this.on.hover.emit(next);
  }
}
