/** The days of a year in local time, in weeks. */
import { itemAt } from '../../text/lists';

/** As 2026-11-23. */
export type DayText = string;

export interface DayCell {
  readonly day: DayText;
  /** Week from the left; day of the week from the top, Monday first. */
  readonly column: number;
  readonly row: number;
}

export function dayOf(at: Date): DayText {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function dateOf(day: DayText): Date {
  const [year = NaN, month = NaN, date = NaN] = day.split('-').map(Number);
  return new Date(year, month - 1, date);
}

/** Whole weeks up to and including the day; the last week may be incomplete. */
export function cellsUntil(last: DayText, weeks: number): DayCell[] {
  const end = dateOf(last);
  const lastRow = weekday(end);
  const cells: DayCell[] = [];
  for (let back = (weeks - 1) * 7 + lastRow; back >= 0; back--) {
    const at = new Date(end.getFullYear(), end.getMonth(), end.getDate() - back);
    cells.push({ day: dayOf(at), column: weeks - 1 - Math.floor((back + 6 - lastRow) / 7), row: weekday(at) });
  }
  return cells;
}

function weekday(at: Date): number {
  return (at.getDay() + 6) % 7;
}

/** The months with the column of their first day; a month that began earlier is left out if there is no room. */
export function monthsOf(cells: readonly DayCell[]): { readonly month: number; readonly column: number }[] {
  const months = cells
    .filter(({ day }, i) => day.endsWith('-01') || i === 0)
    .map(({ day, column }) => ({ month: Number(day.slice(5, 7)) - 1, column }));
  const [first, second] = months;
  return first && second && second.column - first.column < 3 ? months.slice(1) : months;
}

/** 0 for none, then 1 to 4 by quarters of the busiest days. */
export function levelOf(count: number, sortedCounts: readonly number[]): number {
  if (!(count > 0) || sortedCounts.length === 0) return 0;
  const last = sortedCounts.length - 1;
  const at = (part: number) => itemAt(sortedCounts, Math.min(last, Math.floor(part * sortedCounts.length)));
  return 1 + [0.25, 0.5, 0.75].filter((part) => count > at(part)).length;
}
