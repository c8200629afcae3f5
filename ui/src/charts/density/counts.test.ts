import { describe, expect, test } from 'vitest';
import { Counter } from './counts';

type Point = readonly [number, number];

/** The counts of a grid of 5 columns and 4 rows, row by row; a dot is a cell without a line. */
function counted(...lines: readonly (readonly Point[])[]): string[] {
  const counter = new Counter({ columns: 5, rows: 4, left: 0, top: 0, wide: 1, high: 1 });
  for (const points of lines) {
    counter.add({ px: Float32Array.from(points, ([x]) => x), py: Float32Array.from(points, ([, y]) => y) });
  }
  const rows = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => '.'));
  counter.take((column, row, count) => {
    (rows[row] ?? [])[column] = String(count);
  });
  return rows.map((row) => row.join(''));
}

const level = (y: number): Point[] => [
  [0.5, y],
  [4.5, y],
];

describe('counts of lines in cells', () => {
  test.each<[string, readonly Point[][], string[]]>([
    ['no line', [], ['.....', '.....', '.....', '.....']],
    ['a level line', [level(1.5)], ['.....', '11111', '.....', '.....']],
    ['lines on one another', [level(1.5), level(1.2)], ['.....', '22222', '.....', '.....']],
    [
      'lines that cross',
      [
        level(1.5),
        [
          [2.5, 0.5],
          [2.6, 3.5],
        ],
      ],
      ['..1..', '11211', '..1..', '..1..'],
    ],
    [
      'a steep line fills its column',
      [
        [
          [1.2, 3.5],
          [1.8, 0.5],
        ],
      ],
      ['.1...', '.1...', '.1...', '.1...'],
    ],
    [
      'a line that goes up and down in a column counts once',
      [
        [
          [1.1, 2.5],
          [1.3, 0.5],
          [1.5, 3.5],
          [1.7, 1.5],
        ],
      ],
      ['.1...', '.1...', '.1...', '.1...'],
    ],
    [
      'a slope',
      [
        [
          [0, 3.5],
          [4.5, -1],
        ],
      ],
      ['..11.', '.11..', '11...', '1....'],
    ],
    [
      'a gap',
      [
        [
          [0.5, 1.5],
          [1.5, 1.5],
          [2.5, NaN],
          [3.5, 1.5],
          [4.5, 1.5],
        ],
      ],
      ['.....', '11.11', '.....', '.....'],
    ],
    ['a lone point', [[[2.5, 2.5]]], ['.....', '.....', '..1..', '.....']],
    [
      'lone points between gaps',
      [
        [
          [0.5, NaN],
          [2.5, 2.5],
          [3.5, NaN],
        ],
      ],
      ['.....', '.....', '..1..', '.....'],
    ],
    [
      'from far left to far right',
      [
        [
          [-1e6, 2.5],
          [1e6, 2.5],
        ],
      ],
      ['.....', '.....', '11111', '.....'],
    ],
    ['above and below the plot', [level(-3), level(9)], ['.....', '.....', '.....', '.....']],
    [
      'through the plot from above to below',
      [
        [
          [2.5, -1e6],
          [2.5, 1e6],
        ],
      ],
      ['..1..', '..1..', '..1..', '..1..'],
    ],
    [
      'a line that turns back counts again',
      [
        [
          [0.5, 0.5],
          [2.5, 0.5],
          [0.5, 0.5],
        ],
      ],
      ['221..', '.....', '.....', '.....'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(counted(...lines)).toEqual(expected);
  });

  test('taking the counts forgets the lines', () => {
    const counter = new Counter({ columns: 2, rows: 2, left: 0, top: 0, wide: 1, high: 1 });
    counter.add({ px: Float32Array.of(0.5, 1.5), py: Float32Array.of(0.5, 0.5) });
    const seen: number[] = [];
    counter.take((_column, _row, count) => seen.push(count));
    counter.take((_column, _row, count) => seen.push(count));
    expect(seen).toEqual([1, 1]);
  });

  test('each column of a line counts it in at least one cell, and a cell counts a line once', () => {
    const wave: Point[] = Array.from({ length: 41 }, (_, i) => [i / 8, 2 + 1.9 * Math.sin(i)]);
    for (const row of counted(wave)) expect(row).toMatch(/^[.1]{5}$/);
    const rows = counted(wave);
    for (let column = 0; column < 5; column++) expect(rows.some((row) => row[column] === '1')).toBe(true);
  });
});
