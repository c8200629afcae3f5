import { describe, expect, test } from 'vitest';
import { columnOf, placed, scaleOf, spanOf, type ColumnValue } from './column';

const of = (...cells: ColumnValue[]) => columnOf('a', 'a', cells);

describe('column', () => {
  test.each<[string, ColumnValue[], number[], string[] | undefined]>([
    ['numbers', [1, null, 2.5, NaN], [1, NaN, 2.5, NaN], undefined],
    ['nothing', [null, undefined], [NaN, NaN], undefined],
    ['words', ['b', 'a', null, 'b'], [1, 0, NaN, 1], ['a', 'b']],
    ['numbers among words', [10, 'x', 9, true], [1, 3, 0, 2], ['9', '10', 'true', 'x']],
    ['a word that is spelled NaN', ['NaN', null], [0, NaN], ['NaN']],
  ])('%s', (_, cells, values, categories) => {
    const made = of(...cells);
    expect([...made.values]).toEqual(values);
    expect(made.categories).toEqual(categories);
  });

  test.each([
    ['linear', [-1, 5]],
    ['log', [0.5, 5]],
  ] as const)('the span on a %s scale', (scale, wanted) =>
    expect(spanOf(of(-1, 0.5, 5, Infinity, null), scale)).toEqual(wanted),
  );

  test('categories stand half a step inside, one value has room around it', () => {
    expect(spanOf(of('a', 'b', 'c'), 'linear')).toEqual([-0.5, 2.5]);
    expect(spanOf(of(10), 'linear')).toEqual([9, 11]);
    expect(spanOf(of(null), 'log')).toEqual([0.1, 10]);
    expect(scaleOf(of('a'), 'log')).toBe('linear');
    expect(scaleOf(of(1), 'log')).toBe('log');
  });

  test('zero has no place on a log scale', () =>
    expect([placed(0, 'log'), placed(0, 'linear'), placed(NaN, 'linear')]).toEqual([false, true, false]));
});
