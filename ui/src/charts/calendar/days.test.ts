import { describe, expect, test } from 'vitest';
import { itemAt } from '../../text/lists';
import { cellsUntil, dateOf, dayOf, levelOf, monthsOf } from './days';

describe('days', () => {
  test.each(['2024-02-29', '2026-01-01', '2026-12-31'])('%s is read as it is written', (day) =>
    expect(dayOf(dateOf(day))).toBe(day),
  );

  test('a year of weeks ends with the day, Monday on top', () => {
    const cells = cellsUntil('2026-11-25', 53);
    expect(cells.at(-1)).toEqual({ day: '2026-11-25', column: 52, row: 2 });
    expect(cells[0]).toEqual({ day: '2025-11-24', column: 0, row: 0 });
    expect(cells.length).toBe(52 * 7 + 3);
    expect(new Set(cells.map(({ column, row }) => `${column} ${row}`)).size).toBe(cells.length);
    expect(new Set(cells.map(({ day }) => day)).size).toBe(cells.length);
  });

  test.each([
    ['2026-11-23', 1, 0],
    ['2026-11-29', 7, 6],
  ])('the week of %s has %d days', (day, count, row) => {
    const cells = cellsUntil(day, 1);
    expect(cells.length).toBe(count);
    expect(cells.at(-1)).toEqual({ day, column: 0, row });
  });

  test('months are named where they begin, and no two names collide', () => {
    const months = monthsOf(cellsUntil('2026-11-23', 53));
    expect(months.map(({ month }) => month)).toEqual([11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const columns = months.map(({ column }) => column);
    expect(Math.min(...columns.slice(1).map((column, i) => column - itemAt(columns, i)))).toBeGreaterThan(2);
  });

  test.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [5, 3],
    [9, 4],
    [100, 4],
  ])('%d runs among days of 1 1 2 5 9 are level %d', (count, level) =>
    expect(levelOf(count, [1, 1, 2, 5, 9])).toBe(level),
  );
});
