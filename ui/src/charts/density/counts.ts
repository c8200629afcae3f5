/**
 * How many lines pass each cell of a plot, as datashader counts them: a line counts once in each cell that it touches.
 * For each column of a line only its upper and lower end are written, so steep lines cost no more than flat ones.
 */
import type { Pixels } from '../scales';

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** The corner, and the size of a cell, in CSS pixels. */
  readonly left: number;
  readonly top: number;
  readonly wide: number;
  readonly high: number;
}

export class Counter {
  /** Row after row, with one more for what ends at the bottom. */
  private readonly ends: Int32Array;
  private started = false;
  /** The column that the line is in, and the rows it has reached there. */
  private column = 0;
  private low = 0;
  private high = 0;
  private x = 0;
  private y = 0;

  constructor(private readonly grid: Grid) {
    this.ends = new Int32Array(grid.columns * (grid.rows + 1));
  }

  add({ px, py }: Pixels): void {
    const { left, top, wide, high } = this.grid;
    for (let i = 0; i < px.length; i++) {
      const x = ((px[i] ?? NaN) - left) / wide;
      const y = ((py[i] ?? NaN) - top) / high;
      if (x === x && y === y) this.lineTo(x, y);
      else this.finish();
    }
    this.finish();
  }

  /** Calls back with each cell that lines pass, row after row, and forgets the lines. */
  take(each: (column: number, row: number, count: number) => void): void {
    const { ends } = this;
    const { columns, rows } = this.grid;
    const counts = new Int32Array(columns);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        const count = (counts[column] ?? 0) + (ends[at] ?? 0);
        counts[column] = count;
        if (count > 0) each(column, row, count);
      }
    }
    ends.fill(0);
  }

  private lineTo(x: number, y: number): void {
    const here = Math.floor(x);
    if (!this.started) this.enter(here, y);
    else if (here !== this.column) this.cross(x, y, here);
    this.reach(y);
    this.x = x;
    this.y = y;
  }

  private enter(column: number, y: number): void {
    this.started = true;
    this.column = column;
    this.low = this.high = y;
  }

  private reach(y: number): void {
    if (y < this.low) this.low = y;
    if (y > this.high) this.high = y;
  }

  private finish(): void {
    if (this.started) this.mark(this.column, this.low, this.high);
    this.started = false;
  }

  /** Through the columns up to the one with (x, y), of which those outside the grid are skipped. */
  private cross(x: number, y: number, here: number): void {
    const { column: from } = this;
    const { columns } = this.grid;
    const forward = here > from;
    const slope = (y - this.y) / (x - this.x);
    const levelAt = (edge: number): number => this.y + slope * (edge - this.x);
    this.reach(levelAt(forward ? from + 1 : from));
    this.mark(from, this.low, this.high);
    const first = Math.max(0, (forward ? from : here) + 1);
    const end = Math.min(columns, forward ? here : from);
    if (first < end) this.fill(first, end, levelAt(first), slope);
    this.enter(here, levelAt(forward ? here : here + 1));
  }

  /** Whole columns, on the way from a level. This loop is most of the work of a density. */
  private fill(first: number, end: number, level: number, slope: number): void {
    const { ends } = this;
    const { columns, rows } = this.grid;
    let row = this.rowAt(level);
    for (let column = first; column < end; column++) {
      level += slope;
      const next = level < 0 ? -1 : level >= rows ? rows : level | 0;
      const start = slope < 0 ? next : row;
      const stop = slope < 0 ? row : next;
      row = next;
      const upper = (start < 0 ? 0 : start) * columns + column;
      const lower = (stop < rows ? stop + 1 : rows) * columns + column;
      ends[upper] = (ends[upper] ?? 0) + 1;
      ends[lower] = (ends[lower] ?? 0) - 1;
    }
  }

  private mark(column: number, low: number, high: number): void {
    const { columns, rows } = this.grid;
    if (column < 0 || column >= columns) return;
    const upper = Math.max(0, this.rowAt(low)) * columns + column;
    const lower = Math.min(rows, this.rowAt(high) + 1) * columns + column;
    this.ends[upper] = (this.ends[upper] ?? 0) + 1;
    this.ends[lower] = (this.ends[lower] ?? 0) - 1;
  }

  /** -1 above the grid, and the number of rows below it. */
  private rowAt(level: number): number {
    return level < 0 ? -1 : level >= this.grid.rows ? this.grid.rows : level | 0;
  }
}
