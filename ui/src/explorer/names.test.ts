import { expect, test } from 'vitest';
import { resultOf, runRow } from '../data/testing';
import { labelOf, labelsBy, runNames } from './names';

type Row = [name: string | null, params: Record<string, unknown>];

const id = (at: number): string => `${at}`.repeat(32);

const TABLE: [string, Row[], string[]][] = [
  [
    'names without what all of them share',
    [
      ['lr=0.0003 hidden=8 seed=0', {}],
      ['lr=0.0003 hidden=8 seed=1', {}],
    ],
    ['seed=0', 'seed=1'],
  ],
  [
    'differing params instead of ids',
    [
      [null, { 'hparams.lr': 0.1, 'hparams.seed': 1, batch: 32 }],
      [null, { 'hparams.lr': 0.2, 'hparams.seed': 1, batch: 32 }],
    ],
    ['lr=0.1', 'lr=0.2'],
  ],
  [
    'the hash where no param differs',
    [
      [null, { lr: 0.1 }],
      [null, { lr: 0.1 }],
      [null, {}],
    ],
    ['lr=0.1 00000000', 'lr=0.1 11111111', '22222222'],
  ],
  [
    'params for runs of one name only',
    [
      ['baseline', { lr: 0.1, seed: 1 }],
      ['baseline', { lr: 0.1, seed: 2 }],
      ['other', { lr: 0.3, seed: 3 }],
    ],
    ['baseline · seed=1', 'baseline · seed=2', 'other'],
  ],
  [
    'some with a name',
    [
      ['adam with a warmup', {}],
      [null, {}],
      ['sgd with a warmup', {}],
    ],
    ['adam', '11111111', 'sgd'],
  ],
  [
    'of many params those that tell runs apart, a folder last',
    [
      [null, { a: 1, b: 1, c: 7, d: 1, output_dir: 'x/0' }],
      [null, { a: 1, b: 2, c: 8, d: 1, output_dir: 'x/1' }],
      [null, { a: 2, b: 1, c: 9, d: 2, output_dir: 'x/2' }],
      [null, { a: 2, b: 2, c: 7, d: 2, output_dir: 'x/3' }],
    ],
    ['a=1 c=7', 'a=1 c=8', 'a=2 c=9', 'a=2 c=7'],
  ],
  [
    'a seed last, though each run has its own',
    [
      [null, { lr: 0.1, seed: 1 }],
      [null, { lr: 0.2, seed: 2 }],
      [null, { lr: 0.3, seed: 3 }],
      [null, { lr: 0.3, seed: 4 }],
    ],
    ['lr=0.1 seed=1', 'lr=0.2 seed=2', 'lr=0.3 seed=3', 'lr=0.3 seed=4'],
  ],
  [
    'no lists and objects',
    [
      [null, { layers: [1, 2], depth: 2 }],
      [null, { layers: [1], depth: 1 }],
    ],
    ['depth=2', 'depth=1'],
  ],
];

test.each(TABLE)('%s', (_, rows, expected) => {
  const result = resultOf(rows.map(([name, params], at) => ({ run: runRow(id(at), { name }), params, series: [] })));
  expect(result.runs.map(runNames(result))).toEqual(expected);
});

test('a run that came later is called by its whole name', () => {
  const { runs, paths } = resultOf([{ run: runRow(id(1), { name: 'a later run with a name' }), series: [] }]);
  expect(runs.map(runNames({ runs: [], paths }))).toEqual(['a later run with a name']);
});

test('where room is short, names keep the ends in which they differ', () => {
  const names = Array.from(
    { length: 4 },
    (_, at) => `${at < 2 ? 'a' : 'b'}-model lr=${at}e-3 epochs=${at % 2}00 batch=${at < 2 ? 32 : 64}`,
  );
  const result = resultOf(names.map((name, at) => ({ run: runRow(id(at), { name }), series: [] })));
  const { tail = 0, longest } = runNames(result);
  const short = result.runs.map(runNames(result));
  expect(longest).toBe(Math.max(...short.map(({ length }) => length)));
  expect(new Set(short.map((name) => name.slice(0, 25 - tail) + name.slice(name.length - tail))).size).toBe(4);
});

test.each<[string | null, Record<string, unknown>, string]>([
  ['baseline', { lr: 0.1 }, 'baseline'],
  [null, {}, '11111111'],
  [null, { 'hparams.lr': 0.1, 'hparams.seed': 3, 'hparams.log_dir': 'x' }, 'lr=0.1 seed=3'],
  [null, { seed: 3, a: 1, b: true, c: 'x', d: 4 }, 'a=1 b=true c=x d=4 11111111'],
])('outside of a list, %s with %j is called %s', (name, params, expected) => {
  expect(labelOf(runRow(id(1), { name }), params)).toBe(expected);
});

test('where only some runs are at hand, params that say the same are left out, and those that others have are not', () => {
  const rows = [
    { lr: 0.1, decay: 1, batch: 32, seed: 1 },
    { lr: 0.2, decay: 2, batch: 32, seed: 1 },
    { lr: 0.2, decay: 2, batch: 64, seed: 2 },
  ];
  const result = resultOf(rows.map((params, at) => ({ run: runRow(id(at), { name: null }), params, series: [] })));
  const names = labelsBy(result.runs.slice(0, 2), result.paths);
  expect(result.runs.map(names)).toEqual([
    'batch=32 lr=0.1 seed=1',
    'batch=32 lr=0.2 seed=1',
    'batch=64 lr=0.2 seed=2',
  ]);
  expect(names.settings).toBe(true);
});
