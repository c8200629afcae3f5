import { describe, expect, test } from 'vitest';
import { columnOf, ticksKind, placed, scaleOf, spanOf, spansDecades, type ColumnValue } from './column';

const of = (...cells: ColumnValue[]) => columnOf('a', 'a', cells);

describe('column', () => {
  test.each<[string, ColumnValue[], number[], string[] | undefined]>([
    ['numbers', [1, null, 2.5, NaN], [1, NaN, 2.5, NaN], undefined],
    ['nothing', [null, undefined], [NaN, NaN], undefined],
    ['words', ['b', 'a', null, 'b'], [1, 0, NaN, 1], ['a', 'b']],
    ['numbers among words', [10, 'x', 9, true], [2, 3, 1, 0], ['true', '9', '10', 'x']],
    ['numbers as words', ['1e-3', '0.25', '0.5', '-1'], [1, 2, 3, 0], ['-1', '1e-3', '0.25', '0.5']],
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

  test.each<[ColumnValue[], boolean, string]>([
    [[0.001, 0.1, null], true, 'value'],
    [[1, 10, 99], false, 'step'],
    [[1, 100, NaN, Infinity], true, 'step'],
    [[0, 1, 1000], false, 'step'],
    [[-1, 1000.5], false, 'value'],
    [['1', '1000'], false, 'step'],
    [[], false, 'step'],
  ])('%j spans decades: %s, and has ticks of a %s', (cells, wide, kind) => {
    expect([spansDecades(of(...cells)), ticksKind(of(...cells))]).toEqual([wide, kind]);
  });
});
