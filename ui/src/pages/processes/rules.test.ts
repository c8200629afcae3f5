import { expect, it } from 'vitest';
import { guessed } from '../../text/direction';
import { NO_RULES, rulesOf, rulesText, rungs } from './rules';

it('has no rule where none is chosen', () => {
  expect(rulesOf({ ...NO_RULES, metric: 'loss', stops: [{ query: '  ', after: 3 }] }, guessed)).toEqual({
    stop: [],
    median: null,
    halving: null,
  });
});

it.each([
  ['val_loss', null, 'min'],
  ['accuracy', null, 'max'],
  ['accuracy', 'min' as const, 'min'],
])('which way %s is better: %s', (metric, direction, expected) => {
  expect(rulesOf({ ...NO_RULES, compared: 'median', metric, direction }, guessed).median).toEqual({
    metric,
    direction: expected,
    after: 10,
    at_least: 3,
  });
});

it('says every rule in words', () => {
  const stops = [
    { query: 'run.loss.last > 5', after: 100 },
    { query: 'run.loss.last is nan', after: 0 },
  ];
  expect(rulesText(rulesOf({ ...NO_RULES, stops, compared: 'halving', metric: 'loss' }, guessed))).toEqual([
    'stops trials where run.loss.last > 5, after 100 steps',
    'stops trials where run.loss.last is nan',
    'successive halving over loss (lowest is best): at 10, 30, 90, … steps the best 1/3 continues',
  ]);
});

it('follows a direction that was set', () => {
  const draft = { ...NO_RULES, compared: 'median', metric: ' loss ' } as const;
  expect(rulesOf(draft, (name) => (name === 'loss' ? 'max' : 'min')).median?.direction).toBe('max');
});

it('compares at rungs that grow by eta', () => expect(rungs(5, 2)).toEqual([5, 10, 20, 40]));
