import { expect, test } from 'vitest';
import type { Column } from './columns';
import { isScaled, partOf, rangeOf } from './shade';

test.each([
  [
    [1, 'x', NaN, 3],
    [1, 3],
  ],
  [[2, 2], null],
  [[undefined], null],
])('the range of %j', (values, expected) => expect(rangeOf(values)).toEqual(expected));

test.each([
  [5, 0, 10, 0.5],
  [0.01, 0.0001, 1, 0.5],
])('%d between %d and %d', (value, low, high, expected) => expect(partOf(value, [low, high])).toBeCloseTo(expected));

const column = (id: string, end = true): Column => ({ id, label: id, width: 90, end, value: () => 1, text: () => '1' });

test.each([
  ['none without a wish', { scale: false, scaled: [] }, column('last'), false],
  ['one alone', { scale: false, scaled: ['last'] }, column('last'), true],
  ['all', { scale: true, scaled: [] }, column('last'), true],
  ['all but one', { scale: true, scaled: ['last'] }, column('last'), false],
  ['no text', { scale: true, scaled: [] }, column('name', false), false],
  ['no duration', { scale: true, scaled: [] }, column('duration'), false],
])('a color scale on %s', (_, view, of, expected) => expect(isScaled(view, of)).toBe(expected));
