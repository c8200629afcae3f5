import { itemAt } from '../text/lists';
import { describe, expect, test } from 'vitest';
import { resultOf, runRow, type Sample } from '../data/testing';
import { Aggregates, bundleName, bundlesOf } from './bundles';
import { groupName, groupNameWithParams, toldFields } from './groupNames';
import { group } from './grouping';

const sample = (id: string, lr: number, seed: number, ...y: number[]): Sample => ({
  run: runRow(id),
  params: { lr, seed },
  series: [
    { name: 'loss', context: { subset: 'train' }, y },
    { name: 'acc', y: [seed] },
  ],
});
const { items: series } = resultOf([sample('a', 0.1, 1, 1, 2), sample('b', 0.1, 2, 3, 6), sample('c', 0.2, 3, 5)]);
const fields = { color: ['params.lr'], stroke: ['context.subset'], chart: ['metric.name'] };
const bundles = bundlesOf(group(series, fields));

describe('lines of one color, stroke and chart', () => {
  test('are one bundle, in the order of charts, colors and strokes', () => {
    expect(bundles.map((bundle) => [groupName(bundle), bundle.members.map(({ run }) => run.id)])).toEqual([
      ['acc · 0.1', ['a', 'b']],
      ['acc · 0.2', ['c']],
      ['loss · 0.1 · train', ['a', 'b']],
      ['loss · 0.2 · train', ['c']],
    ]);
    expect(new Set(bundles.map(({ key }) => key)).size).toBe(4);
  });

  test('are named without what all share and what follows from another param', () => {
    const params = [
      { model: 'a', layers: 18, family: 'x', lr: 1, epochs: 9 },
      { model: 'b', layers: 50, family: 'x', lr: 2, epochs: 9 },
      { model: 'b', layers: 50, family: 'x', lr: 1, epochs: 9 },
      { model: 'c', layers: 34, family: 'y', lr: 1, epochs: 9 },
    ];
    const { items } = resultOf(
      params.map((of, at) => ({ run: runRow(String(at)), params: of, series: [{ name: 'loss', y: [1] }] })),
    );
    const color = ['model', 'layers', 'family', 'lr', 'epochs'].map((path) => `params.${path}`);
    const named = bundlesOf(group(items, { ...fields, color }));
    expect(named.map(groupName)).toEqual(['a · 1', 'b · 1', 'b · 2', 'c · 1']);
    expect(named[0]?.values.map(({ text }) => text)).toContain('18');
  });

  test('have a legend of the fields that tell them apart', () => {
    const { colors } = group(series, { ...fields, color: ['experiment', 'params.lr'] });
    expect([toldFields(colors), colors.map(groupName)]).toEqual([['lr'], ['0.1', '0.2']]);
    const both = group(series, { ...fields, color: ['params.lr', 'params.seed'] }).colors;
    expect(both.map(groupNameWithParams)).toEqual(['lr=0.1 · seed=1', 'lr=0.1 · seed=2', 'lr=0.2 · seed=3']);
    expect(both.map(groupName)).toEqual(['0.1 · 1', '0.1 · 2', '0.2 · 3']);
  });

  test('are named without what they lack, or by that alone', () => {
    const params = [{ lr: 1 }, { seed: 2 }, {}];
    const { items } = resultOf(
      params.map((of, at) => ({ run: runRow(String(at)), params: of, series: [{ name: 'loss', y: [1] }] })),
    );
    const { colors } = group(items, { ...fields, color: ['params.lr', 'params.seed'] });
    expect(colors.map(groupNameWithParams)).toEqual(['lr=1', 'seed=2', 'no lr · no seed']);
    expect(colors.map(groupName)).toEqual(['1', '2', '–']);
  });

  test('are named with a param that only few of them need, and with lists last', () => {
    const params = [0, 1, 2, 3, 4, 5, 6, 7, 8, 8].map((lr, at) => ({
      lr,
      augment: [at],
      batch: at % 9,
      'model.name': at % 2 ? 'x' : 'y',
      warm: at % 2,
    }));
    const { items } = resultOf(
      params.map((of, at) => ({ run: runRow(String(at)), params: of, series: [{ name: 'loss', y: [1] }] })),
    );
    const color = ['lr', 'augment', 'batch', 'model.name', 'warm'].map((path) => `params.${path}`);
    const { colors } = group(items, { ...fields, color });
    expect(colors.map(groupName).slice(7)).toEqual(['7', '8 · warm=0', '8 · warm=1']);
    expect(colors.map(groupNameWithParams).at(-1)).toBe('lr=8 · warm=1');
    expect(toldFields(colors)).toEqual(['lr']);
  });

  test('without any field are one', () => {
    const all = bundlesOf(group(series, { color: [], stroke: [], chart: [] }));
    expect(all.map((bundle) => [bundleName(bundle), bundle.members.length])).toEqual([['All lines', 6]]);
  });

  test('keep their key when others come and go', () => {
    const fewer = bundlesOf(group(series.slice(0, 2), fields));
    expect(fewer.map(({ key }) => key)).toEqual([bundles[0]?.key, bundles[2]?.key]);
  });
});

test('an aggregate is made once for the same points and ways', () => {
  const aggregates = new Aggregates();
  const bundle = itemAt(bundles, 2);
  const made = aggregates.of(bundle.key, bundle.members, { line: 'mean', area: 'minmax' });
  expect([...made.y]).toEqual([2, 4]);
  expect([[...made.low], [...made.high], [...made.count]]).toEqual([
    [1, 2],
    [3, 6],
    [2, 2],
  ]);
  expect(aggregates.of(bundle.key, bundle.members, { line: 'mean', area: 'minmax' })).toBe(made);
  expect(aggregates.of(bundle.key, bundle.members, { line: 'max', area: 'minmax' })).not.toBe(made);
  expect(aggregates.of(bundle.key, bundle.members.slice(1), { line: 'mean', area: 'minmax' })).not.toBe(made);
});
