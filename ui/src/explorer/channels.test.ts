import { expect, test } from 'vitest';
import { resultOf, runRow } from '../data/testing';
import { DEFAULT_VIEW, type View } from './view/view';
import { chosenFields, switched, varyingParams } from './channels';

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
  expect(chosenFields({ ...DEFAULT_VIEW, ...view }, 'color', varyingParams(result))).toEqual(fields);
});

test('a switch puts in and takes out', () => {
  expect(switched(['a'], 'b', true)).toEqual(['a', 'b']);
  expect(switched(['a', 'b'], 'a', false)).toEqual(['b']);
  expect(switched(['a'], 'a', true)).toEqual(['a']);
});
