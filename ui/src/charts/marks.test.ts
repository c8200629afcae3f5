import { describe, expect, test } from 'vitest';
import { marksOf } from './marks';
import { makeScale } from './scales';
import { trace, unit } from './testing';

const marks = (y: readonly number[], x?: readonly number[]) => marksOf(trace(y, x), unit.x, unit.y);

describe('marks', () => {
  test.each([
    ['NaN', [1, NaN, 2], [{ kind: 'nan', from: 10, to: 10, count: 1 }]],
    ['+inf', [1, Infinity, 2], [{ kind: '+inf', from: 10, to: 10, count: 1 }]],
    ['-inf', [1, -Infinity, 2], [{ kind: '-inf', from: 10, to: 10, count: 1 }]],
    ['a stretch', [1, NaN, NaN, NaN], [{ kind: 'nan', from: 10, to: 30, count: 3 }]],
    [
      'kinds apart',
      [NaN, Infinity],
      [
        { kind: 'nan', from: 0, to: 0, count: 1 },
        { kind: '+inf', from: 10, to: 10, count: 1 },
      ],
    ],
    [
      'stretches apart',
      [NaN, 1, NaN],
      [
        { kind: 'nan', from: 0, to: 0, count: 1 },
        { kind: 'nan', from: 20, to: 20, count: 1 },
      ],
    ],
    ['nothing', [1, 2, 1e300], []],
  ])('%s', (_, y, wanted) =>
    expect(
      marks(
        y,
        y.map((__, i) => i * 10),
      ),
    ).toEqual(wanted),
  );

  test('marks closer than they are wide become one', () => {
    expect(marks([NaN, 1, NaN], [10, 11, 12])).toEqual([{ kind: 'nan', from: 10, to: 12, count: 2 }]);
  });

  test('values to the left of the window are not marked', () => {
    expect(marks([NaN, 1, 1, NaN], [-50, 10, 20, 200])).toEqual([]);
  });

  test('a log scale marks zero and less', () => {
    const scales = { x: unit.x, y: makeScale('log', [1, 100], [100, 0]) };
    const made = trace([1, 0, -3, 5], [0, 10, 20, 30], {}, scales);
    expect(marksOf(made, scales.x, scales.y)).toEqual([{ kind: 'nonpositive', from: 10, to: 20, count: 2 }]);
  });
});
