import { expect, test } from 'vitest';
import { resultOf, runRow } from '../data/testing';
import { DEFAULT_VIEW, type View } from './view/view';
import { chosenFields, switched, tellingContexts, varyingParams } from './channels';

const result = resultOf(
  [
    { lr: 0.1, seed: 1, same: 'x', 'net.depth': 2, list: [1] },
    { lr: 0.1, seed: 2, same: 'x', 'net.depth': 3, list: [1] },
    { lr: 0.2, seed: 3, same: 'x', 'net.width': 3, list: [2] },
  ].map((params, at) => ({ run: runRow(String(at)), params, series: [{ name: 'loss', y: [1] }] })),
);

test('params that differ between runs or are missing in some', () => {
  expect(varyingParams(result)).toEqual(['list', 'lr', 'net.depth', 'net.width', 'seed']);
  expect(varyingParams({ runs: [], paths: ['lr'] })).toEqual([]);
});

const TABLE: [string, Partial<View>, string[]][] = [
  ['the chosen fields', { color: ['params.seed'] }, ['params.seed']],
  ['what tells contexts apart', { color: ['context', 'context.tag', 'run.hash'] }, ['context.tag', 'run.hash']],
  ['nothing while the channel is off', { color: ['params.seed'], off: ['color'] }, []],
  [
    'all params but the seed',
    { color: ['params.seed'], allBut: ['color'] },
    ['params.list', 'params.lr', 'params.net.depth', 'params.net.width'],
  ],
  [
    'all but a group of params',
    { color: ['params.net', 'params.seed'], allBut: ['color'] },
    ['params.list', 'params.lr'],
  ],
  ['the way of another channel does not count', { color: ['params.seed'], allBut: ['stroke'] }, ['params.seed']],
];

test.each(TABLE)('%s', (_, view, fields) => {
  expect(chosenFields({ ...DEFAULT_VIEW, ...view }, 'color', varyingParams(result), ['context.tag'])).toEqual(fields);
});

test('a switch puts in and takes out', () => {
  expect(switched(['a'], 'b', true)).toEqual(['a', 'b']);
  expect(switched(['a', 'b'], 'a', false)).toEqual(['b']);
  expect(switched(['a'], 'a', true)).toEqual(['a']);
});

type Contexts = readonly (readonly [metric: string, context: Record<string, unknown>])[];

const layers = (count: number): Contexts => Array.from({ length: count }, (_, layer) => ['loss', { layer }] as const);

test.each<[string, readonly Contexts[], readonly string[]]>([
  ['without any, none', [[['loss', {}]]], []],
  ['the subset where all have the same', [[['loss', { subset: 'val' }]]], ['subset']],
  [
    'train and val',
    [
      [
        ['loss', { subset: 'train' }],
        ['loss', { subset: 'val' }],
      ],
    ],
    ['subset'],
  ],
  [
    'curves of add_scalars',
    [
      [
        ['loss', { tag: 'easy' }],
        ['loss', { tag: 'hard' }],
      ],
    ],
    ['tag'],
  ],
  [
    'one of them without a context',
    [
      [
        ['loss', {}],
        ['loss', { head: 1 }],
      ],
    ],
    ['head'],
  ],
  [
    'the subset first',
    [
      [
        ['loss', { a: 1, subset: 'train' }],
        ['loss', { a: 2, subset: 'val' }],
      ],
    ],
    ['subset', 'a'],
  ],
  [
    'other metrics do not count',
    [
      [
        ['loss', { a: 1 }],
        ['accuracy', { a: 2 }],
      ],
    ],
    [],
  ],
  ['nor do other runs', [[['loss', { a: 1 }]], [['loss', { a: 2 }]]], []],
  ['thirty layers', [layers(30)], ['layer']],
  ['more layers than there are styles', [layers(31)], []],
])('contexts that tell series apart: %s', (_, runs, keywords) => {
  const { items } = resultOf(
    runs.map((series, at) => ({
      run: runRow(String(at)),
      series: series.map(([name, context]) => ({ name, context, y: [1] })),
    })),
  );
  expect(tellingContexts(items)).toEqual(keywords.map((word) => `context.${word}`));
});
