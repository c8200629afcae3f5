import { expect, test } from 'vitest';
import { guessed, isBetter, isTelling } from './direction';

test.each([
  ['val_loss', 'min', true],
  ['accuracy', 'max', true],
  ['valAccuracy', 'max', true],
  ['f1_score', 'max', true],
  ['error_score', 'min', true],
  ['window', 'min', false],
  ['layer2/weight_norm', 'min', false],
  ['anything', 'min', false],
])('of %s the %simum is best', (name, direction, telling) => {
  expect(guessed(name)).toBe(direction);
  expect(isTelling(name)).toBe(telling);
});

test.each([
  [1, 2, 'min', true],
  [1, 2, 'max', false],
  [2, 2, 'max', false],
  [1, NaN, 'min', true],
  [1, NaN, 'max', true],
  [NaN, 1, 'min', false],
  [NaN, 1, 'max', false],
  [NaN, NaN, 'max', false],
  [Infinity, 1, 'max', false],
  [-Infinity, 1, 'min', false],
  [1, -Infinity, 'min', true],
  [1, Infinity, 'max', true],
  [Infinity, NaN, 'max', false],
] as const)('%d rather than %d, %s: %s', (value, other, direction, expected) =>
  expect(isBetter(value, other, direction)).toBe(expected),
);
