import { describe, expect, test } from 'vitest';
import { listedWords, metricWord, metricWords, paramWord, quoted } from './words';
import { leavesOf } from './leaves';

describe('a metric as a query names it', () => {
  const cases: [string, string][] = [
    ['loss', 'loss'],
    ['train/loss', '"train/loss"'],
    ['if', '"if"'],
    ['2nd', '"2nd"'],
    ['a "b" \\', '"a \\"b\\" \\\\"'],
  ];
  test.each(cases)('%s', (name, word) => expect(metricWord(name)).toBe(word));
});

test('listed metrics, each of each source that has it', () => {
  const listed = { names: ['loss', 'a/b'], sources: [['', 'tf'], ['wandb']] };
  expect(listedWords(listed)).toEqual(['loss', 'tf:"loss"', 'wandb:"a/b"']);
  expect(metricWords('loss', ['', 'tf'])).toBe('loss, tf:"loss"');
});

describe('a param as a query names it', () => {
  const cases: [string[], string][] = [
    [['hparams', 'lr'], 'hparams.lr'],
    [['data set', 'n'], 'params["data set"]["n"]'],
    [['a', 'in'], 'params["a"]["in"]'],
  ];
  test.each(cases)('%s', (path, word) => expect(paramWord(path)).toBe(word));
});

test('text is quoted', () => expect(quoted('a\n"b"')).toBe('"a\\n\\"b\\""'));

test('the leaves of params: lists and empty objects are values', () => {
  const leaves = leavesOf({ a: { b: 1, c: [1, 2] }, d: {}, e: null });
  expect(leaves).toEqual([
    { path: ['a', 'b'], value: 1 },
    { path: ['a', 'c'], value: [1, 2] },
    { path: ['d'], value: {} },
    { path: ['e'], value: null },
  ]);
});
