import { itemAt } from '../../text/lists';
import { expect, it } from 'vitest';
import type { Trial } from '../../wire';
import type { Measured } from '../runs/measured';
import { guessed } from '../../text/direction';
import { bestOf, firstMetric, directionFor, movedTrial, readSort, sortedTrials, sortText, varying } from './trials';

const trial = (
  number: number,
  state: Trial['state'],
  values: Trial['values'] = [],
  rest: Partial<Trial> = {},
): Trial => ({
  number,
  values,
  state,
  why: null,
  run: `r${number}`,
  hash: `q-${number}`,
  tries: 1,
  started_at: null,
  ended_at: null,
  ...rest,
});

const measured = (name: string, context: Record<string, unknown> = {}): Measured => ({
  id: name + Object.values(context).join(' '),
  name,
  context,
  contextText: Object.entries(context)
    .map((pair) => pair.join('='))
    .join(', '),
});

const METRICS = [
  measured('__system__.cpu'),
  measured('accuracy'),
  measured('loss', { subset: 'train' }),
  measured('loss', { subset: 'val' }),
];

it.each([
  [{}, 'loss', 'val'],
  [{ halving: { metric: 'accuracy' } }, 'accuracy', undefined],
  [{ median: { metric: 'loss.train' } }, 'loss', 'train'],
  [{ median: { metric: 'nothing' } }, 'loss', 'val'],
])('looks at what the rules compare first: %j', (rules, name, subset) => {
  expect(firstMetric(METRICS, rules)).toMatchObject({ name, context: subset ? { subset } : {} });
});

it('takes the direction from the rule, else that of the metric', () => {
  expect(directionFor(itemAt(METRICS, 1), {}, guessed)).toBe('max');
  expect(directionFor(itemAt(METRICS, 1), { halving: { metric: 'accuracy', direction: 'min' } }, guessed)).toBe('min');
  expect(directionFor(itemAt(METRICS, 1), {}, () => 'min')).toBe('min');
});

it('finds the best value of any trial, and skips values that are not numbers', () => {
  const best = new Map([
    [1, NaN],
    [2, 0.5],
    [3, 0.2],
  ]);
  const trials = [1, 2, 3].map((number) => trial(number, 'running'));
  const of = ({ number }: Trial) => ({ last: NaN, best: best.get(number) ?? NaN });
  expect(bestOf(trials, of, 'min')?.number).toBe(3);
  expect(bestOf(trials, of, 'max')?.number).toBe(2);
  expect(bestOf(trials.slice(0, 1), of, 'max')).toBeUndefined();
});

it.each([
  [null, [2, 1, 3]],
  ['-order', [3, 1, 2]],
  ['number', [1, 2, 3]],
  ['p.lr', [3, 1, 2]],
  ['-p.lr', [2, 1, 3]],
  ['last', [1, 3, 2]],
  ['-last', [3, 1, 2]],
  ['state', [3, 1, 2]],
  ['duration', [1, 3, 2]],
])('sorts by %s', (text, expected) => {
  const trials = [
    trial(2, 'waiting', ['10.0']),
    trial(1, 'running', [2], { started_at: 95 }),
    trial(3, 'finished', [0.5], { started_at: 10, ended_at: 50 }),
  ];
  const last = new Map([
    [1, 0.1],
    [3, 0.3],
  ]);
  const of = ({ number }: Trial) => ({ last: last.get(number) ?? NaN, best: NaN });
  expect(sortedTrials(trials, readSort(text), ['lr'], of, 100).map(({ number }) => number)).toEqual(expected);
  expect(sortText(readSort(text))).toBe(text);
});

it('moves a trial by one position among the waiting ones', () => {
  const trials = [trial(1, 'finished'), trial(2, 'waiting'), trial(3, 'running'), trial(4, 'waiting')];
  expect(movedTrial(trials, 4, -1)).toEqual([1, 4, 3, 2]);
  expect(movedTrial(trials, 2, -1)).toEqual([1, 2, 3, 4]);
  expect(movedTrial(trials, 2, 1)).toEqual([1, 4, 3, 2]);
});

it('names the parameters in which trials differ', () => {
  expect(varying(['a', 'b'], [trial(1, 'waiting', [1, 2]), trial(2, 'waiting', [1, 3])])).toEqual([1]);
  expect(varying(['a'], [trial(1, 'waiting', [1])])).toEqual([0]);
});
