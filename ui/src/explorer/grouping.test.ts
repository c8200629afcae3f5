import { describe, expect, test } from 'vitest';
import { resultOf, runRow, type Sample } from '../data/testing';
import { groupName } from './groupNames';
import { group, groupBy } from './grouping';

const sample = (id: string, created: number, params: Record<string, unknown>, ...subsets: string[]): Sample => ({
  run: runRow(id, { created_at: created, name: `run ${id}`, experiment: params.lr === 10 ? 'late' : 'early' }),
  params,
  series: subsets.map((subset) => ({ name: 'loss', context: { subset }, y: [1] })),
});

const { items: series } = resultOf([
  sample('a', 3, { lr: 10, opt: 'adam' }, 'train', 'val'),
  sample('b', 2, { lr: 9, opt: 'sgd' }, 'train'),
  sample('c', 1, { opt: 'adam' }, 'train'),
]);

const TABLE: [string, string[], string[]][] = [
  ['no field: one group', [], ['']],
  ['numbers by size, missing last', ['params.lr'], ['9', '10', '–']],
  ['runs by age', ['run.hash'], ['run c', 'run b', 'run a']],
  ['context', ['context.subset'], ['train', 'val']],
  ['two fields', ['params.opt', 'context.subset'], ['adam · train', 'adam · val', 'sgd · train']],
  ['a field that nothing has', ['params.gone'], ['–']],
  ['experiment', ['experiment'], ['early', 'late']],
];

describe('groupBy', () => {
  test.each(TABLE)('%s', (_, fields, labels) => {
    expect(groupBy(series, fields).map(groupName)).toEqual(labels);
  });

  test('does not depend on the order of the series', () => {
    for (const [, fields] of TABLE) {
      const there = groupBy(series, fields).map(({ key }) => key);
      expect(groupBy(series.toReversed(), fields).map(({ key }) => key)).toEqual(there);
    }
  });

  test('values that read the same but are of another type are other groups', () => {
    const mixed = resultOf(['1', 1, true, 'true'].map((value, at) => sample(String(at), at, { flag: value }, 'train')));
    expect(groupBy(mixed.items, ['params.flag'])).toHaveLength(4);
  });
});

test('every series has a color, a stroke and one chart', () => {
  const grouping = group(series, { color: ['run.hash'], stroke: ['context.subset'], chart: ['params.opt'] });
  expect(series.map(({ key }) => [grouping.colorOf.get(key), grouping.strokeOf.get(key)])).toEqual([
    [2, 0],
    [2, 1],
    [1, 0],
    [0, 0],
  ]);
  expect(grouping.charts.map((chart) => chart.items.length)).toEqual([3, 1]);
});
