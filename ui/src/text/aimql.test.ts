import { expect, test } from 'vitest';
import { pieces, tokens } from './aimql';

const kinds = (text: string): string =>
  tokens(text)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, text: piece }) => `${kind} ${piece}`)
    .join(' | ');

test.each([
  ['loss, tf:accuracy', 'metric loss | operator , | metric tf:accuracy'],
  ['"train/loss" if lr < 1e-3', 'metric "train/loss" | keyword if | path lr | operator < | number 1e-3'],
  [
    'loss if params["a b"] in (1,)',
    'metric loss | keyword if | path params | operator [ | string "a b" | operator ] | keyword in | operator ( | number 1 | operator , | operator )',
  ],
  [
    "x if lower(run.name) == 'it\\'s'",
    "metric x | keyword if | function lower | operator ( | path run.name | operator ) | operator = | operator = | string 'it\\'s'",
  ],
  ['loss if x == "unfinished', 'metric loss | keyword if | path x | operator = | operator = | string "unfinished'],
  ['потери 🙂', 'metric потери | operator 🙂'],
  ['', ''],
])('%s', (text, expected) => {
  expect(kinds(text)).toBe(expected);
});

test.each(['loss if x', ' "', '🙂', 'a\tb', '1.2.3', "'", '\\', 'a:b:c'])('loses no character of %j', (text) => {
  expect(
    tokens(text)
      .map((token) => token.text)
      .join(''),
  ).toBe(text);
  expect(
    pieces(text, { start: 1, end: 3 })
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
});

test.each([
  ['loss if lrr == 1', 8, 11, 'lrr'],
  ['loss if lrr == 1', 9, 13, 'rr ='],
  ['loss', 2, 2, 's'],
  ['loss', 4, 4, ''],
])('marks in %j from %i to %i: %j', (text, start, end, marked) => {
  const wrong = pieces(text, { start, end }).filter((piece) => piece.wrong);
  expect(wrong.map((piece) => piece.text).join('')).toBe(marked);
});
