import { describe, expect, test } from 'vitest';
import { resultOf, runRow } from '../data/testing';
import { chosenFields, varyingParams } from './channels';
import { averaged, averages, repeatsOf, single } from './repeats';
import { DEFAULT_VIEW, type View } from './view/view';

const runsWith = (rows: readonly Record<string, unknown>[]) =>
  resultOf(rows.map((params, at) => ({ run: runRow(`r${at}`), params, series: [] })));

describe('the params that runs are averaged over', () => {
  test.each([
    'seed',
    'hparams.seed',
    'random_state',
    'data.randomState',
    'trainSeed',
    'split-seed',
    'seed_everything',
    'fold',
    'fold_idx',
    'cv.fold2',
    'repeat',
    'repeats',
    'trial',
    'trial_id',
    'Trial Number',
    'rng',
  ])('%s repeats', (path) => {
    const runs = runsWith([
      { [path]: 1, lr: 0.1 },
      { [path]: 2, lr: 0.2 },
    ]);
    expect(repeatsOf(runs).params).toEqual([path]);
  });

  test.each(['unfolded', 'scaffold', 'trials_per_task', 'seedling', 'industrial', 'fold.size'])(
    '%s does not',
    (path) => {
      const runs = runsWith([
        { [path]: 1, lr: 0.1 },
        { [path]: 2, lr: 0.2 },
      ]);
      expect(repeatsOf(runs).params).toEqual([]);
    },
  );

  test.each<[string, Record<string, unknown>[], string[], string[]]>([
    [
      'the only one that differs',
      [
        { lr: 1, b: 1 },
        { lr: 2, b: 1 },
      ],
      ['lr'],
      [],
    ],
    ['none differs', [{ seed: 1 }, { seed: 1 }], [], []],
    [
      'two of them',
      [
        { seed: 1, fold: 1, lr: 1 },
        { seed: 2, fold: 2, lr: 2 },
      ],
      ['fold', 'seed'],
      [],
    ],
    [
      'a folder and a job for each run',
      [
        { seed: 1, 'out.dir': 'a', jobId: 7, lr: 1 },
        { seed: 2, 'out.dir': 'b', jobId: 8, lr: 2 },
      ],
      ['seed'],
      ['jobId', 'out.dir'],
    ],
    [
      'a folder of several runs',
      [
        { seed: 1, dir: 'a' },
        { seed: 2, dir: 'b' },
        { seed: 3, dir: 'b' },
      ],
      ['seed'],
      [],
    ],
    [
      'other params for each run',
      [
        { seed: 1, lr: 1, opt: 'adam' },
        { seed: 2, lr: 2, opt: 'sgd' },
      ],
      ['seed'],
      [],
    ],
    ['no run', [], [], []],
  ])('%s', (_, rows, params, names) => {
    expect(repeatsOf(runsWith(rows))).toEqual({ params, names });
  });
});

const sweep = runsWith(
  [0.1, 0.2].flatMap((lr) => [0, 1, 2].map((seed) => ({ 'h.lr': lr, 'h.seed': seed, folder: `${lr} ${seed}` }))),
);

test.each<[string, Partial<View>]>([
  ['the default view', {}],
  ['a view that colors by lr', { color: ['params.h.lr'], group: true }],
  ['one that tells single runs apart', { stroke: ['run.hash'], chart: ['metric.name', 'run.name', 'params.h.seed'] }],
  ['one with inverted and inactive channels', { allBut: ['stroke', 'chart'], off: ['color'] }],
])('averages from %s, and back', (_, part) => {
  const before = { ...DEFAULT_VIEW, ...part };
  const repeats = repeatsOf(sweep);
  const view = { ...before, ...averaged(before, repeats) };
  expect([averages(before, repeats), averages(view, repeats)]).toEqual([false, true]);
  const fields = (['color', 'stroke', 'chart'] as const).map((name) =>
    chosenFields(view, name, varyingParams(sweep), ['context.subset']),
  );
  expect(fields).toEqual([['params.h.lr'], part.stroke ? [] : ['context.subset'], ['metric.name']]);
  const after = { ...view, ...single(view) };
  expect([after.group, after.color, averages(after, repeats)]).toEqual([false, ['run.hash'], false]);
});
