import { expect, test } from 'vitest';
import { areSettings, TAIL, tailOf, toldApart, valuesAlone } from './apart';

const sweep = (rates: readonly string[], hidden: readonly number[], seeds: readonly number[]): string[] =>
  rates.flatMap((lr) => hidden.flatMap((size) => seeds.map((seed) => `lr=${lr} hidden=${size} seed=${seed}`)));

const TABLE: [string, string[], string[]][] = [
  [
    'the six runs of a rate of the digits sweep',
    sweep(['0.0003'], [8, 64], [0, 1, 2]),
    sweep(['0.0003'], [8, 64], [0, 1, 2]).map((name) => name.slice('lr=0.0003 '.length)),
  ],
  [
    'what is shared in between',
    sweep(['0.0003', '0.003'], [8], [0, 1]),
    ['lr=0.0003 … seed=0', 'lr=0.0003 … seed=1', 'lr=0.003 … seed=0', 'lr=0.003 … seed=1'],
  ],
  ['a common end', ['adam lr=0.1 on imagenet', 'sgd lr=0.25 on imagenet'], ['adam lr=0.1', 'sgd lr=0.25']],
  ['numbers stay whole', ['experiment-lr-1e-3-a', 'experiment-lr-1e-4-a'], ['1e-3', '1e-4']],
  ['negative numbers too', ['a long name of x=-5', 'a long name of x=-6'], ['x=-5', 'x=-6']],
  ['decimal numbers too', ['the learning rate 0.01', 'the learning rate 0.1'], ['0.01', '0.1']],
  [
    'a name that begins another',
    ['baseline of november', 'baseline of november again'],
    ['november', 'november again'],
  ],
  ['several words in between', ['a_with_the_same_b', 'c_with_the_same_d'], ['a_…_b', 'c_…_d']],
  ['other numbers of words', ['model large of 2026 x', 'model of 2026 y'], ['large of 2026 x', 'of 2026 y']],
  [
    'names of one form among others',
    ['2026-11-28_resnet_lr0.1_seed0', '2026-11-28_resnet_lr0.2_seed1', 'baseline', 'run 1', 'run 2'],
    ['lr0.1_seed0', 'lr0.2_seed1', 'baseline', 'run 1', 'run 2'],
  ],
  [
    'names of several forms',
    ['resnet18-sgd-lr0.001-s0', 'resnet18-sgd-lr0.001-s1', 'vit-small-adamw-lr0.1-s0', 'vit-small-lion-lr0.3-s1'],
    ['resnet18…s0', 'resnet18…s1', 'vit…adamw-lr0.1-s0', 'vit…lion-lr0.3-s1'],
  ],
  [
    'names of several forms, of which one ends like it begins',
    ['resnet18-sgd-lr0.001-r', 'resnet18-sgd-lr0.001-s', 'vit-small-adamw-lr0.1-s0', 'vit-small-lion-lr0.3-s1'],
    ['resnet18…r', 'resnet18…s', 'vit…adamw-lr0.1-s0', 'vit…lion-lr0.3-s1'],
  ],
  [
    'a name that ends where the others go on',
    ['the_same_long_name_', 'the_same_long_name_2'],
    ['the_same_long_name_', '2'],
  ],
  ['short names', ['run 1', 'run 2'], ['run 1', 'run 2']],
  ['equal names', ['the same long name', 'the same long name'], ['the same long name', 'the same long name']],
  ['one name', ['only this one long name'], ['only this one long name']],
  ['no name', [], []],
  ['an empty name', ['', 'a name of many words'], ['', 'a name of many words']],
  ['separators at the ends', ['/data/runs/first/', '/data/runs/second/'], ['first', 'second']],
  ['names that would become one', ['long name of a_b here', 'long name of a b here'], ['a_b', 'a b']],
];

test.each(TABLE)('%s', (_, names, expected) => {
  expect(toldApart(names)).toEqual(expected);
});

test('different names stay different', () => {
  const words = ['aa', 'bb', '', ' ', '-', '_', 'aa', '…', '1e-3'];
  const names = words.flatMap((a) => words.flatMap((b) => words.map((c) => `start ${a} ${b}${c} of the end`)));
  const distinct = [...new Set(names)];
  expect(new Set(toldApart(distinct)).size).toBe(distinct.length);
});

const long = (middle: (at: number) => string): string[] =>
  Array.from({ length: 8 }, (_, at) => `${at % 2 ? 'one' : 'two'} ${middle(at)} end`);

test.each([
  ['short names', ['a', 'b'], TAIL],
  ['what the standard cut keeps', long((at) => `of ${'x'.repeat(30)} number ${at}`), TAIL],
  ['a number far from the end', long((at) => `${'x'.repeat(30)} number ${at} of runs`), 13],
  ['a number near the beginning', long((at) => `and the name of number ${at} ${'x'.repeat(30)}`), 7],
] as const)('the middle is cut where the names stay apart: %s', (_, names, tail) => {
  expect(tailOf(names)).toBe(tail);
});

test.each([
  ['the digits sweep', sweep(['0.0003', '0.003'], [8, 64], [0]), true],
  ['what is shared is left out', ['lr=0.1 … seed=0', 'lr=0.2 … seed=1'], true],
  ['other params', ['lr=0.1', 'seed=1'], false],
  ['other words', ['baseline', 'lr=0.1'], false],
  ['no value', ['lr= seed=1', 'lr= seed=2'], false],
  ['no names', [], false],
] as const)('names that are settings: %s', (_, names, expected) => {
  expect(areSettings(names)).toBe(expected);
});

test('the values alone, where room is short', () => {
  expect(valuesAlone('lr=0.0003 … seed=0')).toBe('0.0003 · 0');
  expect(valuesAlone('model=vit…seed=0')).toBe('vit · 0');
  expect(valuesAlone('baseline seed=0')).toBeUndefined();
});
