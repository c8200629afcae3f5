import { expect, test } from 'vitest';
import { itemAt } from '../text/lists';
import { inPasses, passesOf } from './passes';
import type { Series } from './result';
import { resultOf, runRow } from './testing';

const result = resultOf([{ run: runRow('a'), series: [{ name: 'loss', context: { subset: 'val' }, y: [1, 2] }] }]);
const plain = itemAt(result.items, 0);
/** As the server sends it along time: `y` counts the points as they were recorded. */
const recorded = (...steps: number[]): Series => ({
  ...plain,
  x: Float64Array.from(steps.keys(), (at) => 1000 + at),
  y: Float64Array.from(steps.keys()),
  steps: Float64Array.from(steps),
});

test.each([
  ['steps that ascend', [0, 1, 2], [['subset="val"', [0, 1, 2]]]],
  [
    'two passes',
    [0, 1, 2, 0, 1],
    [
      ['pass=1', [0, 1, 2]],
      ['pass=2', [0, 1]],
    ],
  ],
  [
    'a pass that begins later',
    [5, 6, 3, 4, 5, 6],
    [
      ['pass=1', [5, 6]],
      ['pass=2', [3, 4, 5, 6]],
    ],
  ],
  ['a step that was tracked twice', [0, 1, 1, 2], [['subset', [0, 1, 1, 2]]]],
  ['no points', [], [['subset', []]]],
] as const)('%s', (_, steps, expected) => {
  const passes = passesOf(recorded(...steps), 'pass');
  expect(passes.map(({ x }) => [...x])).toEqual(expected.map(([, own]) => own));
  expect(passes.every(({ x, steps: own, y }) => x === own && y.length === x.length)).toBe(true);
  passes.forEach(({ contextText }, at) => expect(contextText).toContain(expected[at]?.[0].split('=')[0]));
});

test('each pass knows when its points were recorded, and a line that is not split is none', () => {
  const items = [recorded(0, 1, 0, 1), { ...recorded(0, 1), context: { pass: 'train' } }];
  expect(inPasses({ ...result, items }).items.map(({ pass }) => pass && [...pass.times])).toEqual([
    [1000, 1001],
    [1002, 1003],
    undefined,
  ]);
});

test('each pass has its own key, context and numbers', () => {
  const passes = passesOf(recorded(0, 1, 2, 0, 1), 'pass');
  expect(new Set(passes.map(({ key }) => key)).size).toBe(2);
  expect(passes.map(({ context }) => context)).toEqual([
    { subset: 'val', pass: 1 },
    { subset: 'val', pass: 2 },
  ]);
  expect(passes.map(({ first, last, min, max, count, lastStep }) => [first, last, min, max, count, lastStep])).toEqual([
    [0, 2, 0, 2, 3, 2],
    [3, 4, 3, 4, 2, 1],
  ]);
});

test('a keyword of the run that is called pass stays', () => {
  const own = { ...recorded(0, 1, 0), context: { pass: 'train' } };
  const other = { ...recorded(3, 1), context: {} };
  expect(inPasses({ ...result, items: [own, other] }).items.map(({ context }) => context)).toEqual([
    { pass: 'train', 'pass over steps': 1 },
    { pass: 'train', 'pass over steps': 2 },
    { 'pass over steps': 1 },
    { 'pass over steps': 2 },
  ]);
});

test('points of processes that track at once are sorted by step and stay one line', () => {
  const alternating = Array.from({ length: 200 }, (_, at) => (at % 2 ? at - 1 : at + 1));
  const [line, ...others] = passesOf(recorded(...alternating), 'pass');
  expect(others).toEqual([]);
  expect([...(line?.x ?? [])]).toEqual([...alternating].sort((a, b) => a - b));
  expect(line?.key).toBe(plain.key);
});

test('a result counts its passes', () => {
  expect(inPasses({ ...result, items: [recorded(0, 1, 0, 1)] }).total).toBe(2);
});
