import { expect, test } from 'vitest';
import { openingStatement } from './likely';

const day = (name: string, runs: number) => ({ day: name, runs });
const FEW = [day('2026-11-28', 20), day('2026-11-29', 3)];
const MANY = [day('2026-11-20', 900), day('2026-11-28', 700), day('2026-11-29', 200)];

test.each([
  ['the likely ones, by what they are named', [['loss'], ['"val/accuracy"']], ['a', 'b'], FEW, 'loss, "val/accuracy"'],
  ['each once', [['loss'], ['loss']], [], FEW, 'loss'],
  [
    'four at most',
    [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ],
    [],
    FEW,
    'a, b, c, d',
  ],
  ['those of most runs where none is likely', [[], []], ['energy', 'lr'], FEW, 'energy, lr'],
  ['of another source', [['tf:"loss"']], [], FEW, 'tf:"loss"'],
  ['the newest days of many runs', [['loss']], [], MANY, 'loss if run.created_at >= "2026-11-28"'],
  ['a day with too many runs', [['loss']], [], [day('2026-11-29', 5000)], null],
  ['no metric', [[]], [], FEW, null],
])('%s', (_, likely, others, days, statement) => {
  expect(openingStatement(likely, others, days)).toBe(statement);
});
