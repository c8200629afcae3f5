/** A year of days, shaded by activity. Days are picked by click or key. */
import { itemAt } from '../../text/lists';
import { fontOf } from '../axes';
import { Drawing } from '../drawing';
import { makeSignal } from '../events';
import { formatDay } from '../format';
import type { Pen } from '../pen';
import { lightTheme } from '../theme';
import type { ChartTheme } from '../types';
import { cellsUntil, dateOf, dayOf, levelOf, monthsOf, type DayCell, type DayText } from './days';

export interface CalendarOptions {
  readonly theme: ChartTheme;
  /** The color of the busiest days; the others are fainter. */
  readonly color: string;
  /** The last day shown; default: today. */
  readonly last?: DayText;
  /** The noun for the counted things, singular and plural. */
  readonly noun: readonly [string, string];
}

export interface DayHover {
  readonly day: DayText;
  readonly count: number;
  readonly px: number;
  readonly py: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** The opacity for zero and for the four quarters. */
const LEVELS = [1, 0.3, 0.52, 0.76, 1];
const WEEKDAYS = ['Mon', '', 'Wed', '', 'Fri', '', ''];
const LEFT = 32;
const TOP = 20;
const FOOT = 26;
const MOST_WEEKS = 53;
const LEAST_CELL = 11;
const MOST_CELL = 18;
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -7,
  ArrowRight: 7,
  ArrowUp: -1,
  ArrowDown: 1,
  Home: -400,
  End: 400,
};

interface CalendarLayout {
  readonly cell: number;
  readonly cells: readonly DayCell[];
}

export class Calendar extends Drawing<CalendarOptions> {
  readonly on = { hover: makeSignal<DayHover | null>(), pick: makeSignal<DayHover>() };

  private counts: ReadonlyMap<DayText, number> = new Map();
  private at: DayText | null = null;

  constructor(host: HTMLElement, options: Partial<CalendarOptions> = {}) {
    super(host, { theme: lightTheme, color: '#3083da', noun: ['run', 'runs'], ...options });
    this.surface.tabIndex = 0;
    this.listen(this.surface);
  }

  /** The count of each day; missing days have zero. */
  setDays(counts: ReadonlyMap<DayText, number>): void {
    this.counts = counts;
    this.schedule('view');
  }

  override drawTo(pen: Pen, width: number): void {
    const { theme } = this.options;
    const { cell, cells } = this.layOut(width);
    const busy = [...this.counts.values()].filter((count) => count > 0).sort((a, b) => a - b);
    pen.globalAlpha = 1;
    for (const { day, column, row } of cells) {
      this.drawSquare(pen, LEFT + column * cell, TOP + row * cell, cell - 3, levelOf(this.counts.get(day) ?? 0, busy));
    }
    this.drawWords(pen, theme, cell, cells);
    this.drawScale(pen, theme, cell, LEFT + (itemAt(cells, cells.length - 1).column + 1) * cell - 3);
  }

  /** The height that the host needs at a width. */
  override heightFor(width: number): number {
    return TOP + 7 * this.layOut(width).cell + FOOT;
  }

  /** As many weeks as fit, up to a year. */
  private layOut(width: number): CalendarLayout {
    const room = width - LEFT - 4;
    const weeks = Math.max(4, Math.min(MOST_WEEKS, Math.floor(room / LEAST_CELL)));
    const cell = Math.max(LEAST_CELL, Math.min(MOST_CELL, Math.floor(room / weeks)));
    return { cell, cells: cellsUntil(this.options.last ?? dayOf(new Date()), weeks) };
  }

  private drawSquare(pen: Pen, x: number, y: number, size: number, level: number): void {
    const { theme, color } = this.options;
    pen.fillStyle = level === 0 ? theme.grid : color;
    pen.globalAlpha = itemAt(LEVELS, level);
    pen.beginPath();
    pen.roundRect(x, y, size, size, 2.5);
    pen.fill();
    pen.globalAlpha = 1;
  }

  private drawWords(pen: Pen, theme: ChartTheme, cell: number, cells: readonly DayCell[]): void {
    pen.font = fontOf(theme);
    pen.fillStyle = theme.muted;
    pen.textBaseline = 'alphabetic';
    pen.textAlign = 'left';
    for (const { month, column } of monthsOf(cells)) pen.fillText(itemAt(MONTHS, month), LEFT + column * cell, TOP - 7);
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    WEEKDAYS.forEach((name, row) => name && pen.fillText(name, LEFT - 7, TOP + row * cell + (cell - 3) / 2));
  }

  private drawScale(pen: Pen, theme: ChartTheme, cell: number, right: number): void {
    const y = TOP + 7 * cell + 6;
    pen.font = fontOf(theme);
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    pen.fillStyle = theme.muted;
    pen.fillText('more', right, y + 5);
    const start = right - pen.measureText('more').width - 8 - 5 * 13;
    pen.fillText('less', start - 4, y + 5);
    LEVELS.forEach((_, level) => this.drawSquare(pen, start + level * 13, y, 10, level));
  }

  protected override paint(pen: Pen): void {
    this.drawTo(pen, this.layers.width);
  }

  protected override summary(): string {
    const total = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    return `Calendar of ${this.words(total)}. Arrow keys move between days, Enter picks one.`;
  }

  private words(count: number): string {
    return `${count} ${this.options.noun[count === 1 ? 0 : 1]}`;
  }

  protected override drawPointer(): void {
    const { pointer } = this.layers;
    pointer.clear();
    const { cell, cells } = this.layOut(this.layers.width);
    const focused = cells.find(({ day }) => day === this.at);
    if (!focused) return;
    pointer.pen.strokeStyle = this.options.theme.text;
    pointer.pen.lineWidth = 1.5;
    pointer.pen.beginPath();
    pointer.pen.roundRect(LEFT + focused.column * cell - 1, TOP + focused.row * cell - 1, cell - 1, cell - 1, 3.5);
    pointer.pen.stroke();
  }

  private hoverOf(day: DayText): DayHover {
    const { cell, cells } = this.layOut(this.layers.width);
    const target = cells.find((candidate) => candidate.day === day);
    const place = { px: LEFT + ((target?.column ?? 0) + 0.5) * cell, py: TOP + ((target?.row ?? 0) + 0.5) * cell };
    return { day, count: this.counts.get(day) ?? 0, ...place };
  }

  private listen(surface: HTMLCanvasElement): void {
    const { signal } = this.stop;
    const under = (event: PointerEvent): DayText | null => {
      const box = surface.getBoundingClientRect();
      const { cell, cells } = this.layOut(this.layers.width);
      const column = Math.floor((event.clientX - box.left - LEFT) / cell);
      const row = Math.floor((event.clientY - box.top - TOP) / cell);
      return cells.find((candidate) => candidate.column === column && candidate.row === row)?.day ?? null;
    };
    surface.addEventListener('pointermove', (event) => this.moveTo(under(event)), { signal });
    surface.addEventListener('pointerleave', () => this.moveTo(null), { signal });
    surface.addEventListener('click', (event) => this.pick(under(event)), { signal });
    surface.addEventListener('keydown', (event) => this.key(event) && event.preventDefault(), { signal });
  }

  private moveTo(day: DayText | null): void {
    if (day === this.at) return;
    this.at = day;
    this.surface.style.cursor = day ? 'pointer' : 'default';
    this.drawPointer();
    this.on.hover.emit(day === null ? null : this.hoverOf(day));
  }

  private pick(day: DayText | null): void {
    if (day !== null) this.on.pick.emit(this.hoverOf(day));
  }

  private key(event: KeyboardEvent): boolean {
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    if (event.key === 'Enter' || event.key === ' ') {
      this.pick(this.at);
      return this.at !== null;
    }
    const by = STEPS[event.key];
    if (by === undefined) return false;
    const { cells } = this.layOut(this.layers.width);
    const from = cells.findIndex(({ day }) => day === this.at);
    const next = from < 0 ? cells.length - 1 : Math.max(0, Math.min(cells.length - 1, from + by));
    const { day } = itemAt(cells, next);
    this.moveTo(day);
    const { count } = this.hoverOf(day);
    this.status.textContent = `${formatDay(dateOf(day))} ${day.slice(0, 4)}: ${this.words(count)}`;
    return true;
  }
}
