import { expect, test } from 'vitest';
import type { Completion } from '../wire';
import { refined } from './QueryBox';

const offer = (start: number, end: number, ...texts: string[]): Completion => ({
  start,
  end,
  items: texts.map((text) => ({ text, kind: 'param', detail: '' })),
  total: texts.length,
});

test('a word that continues after the caret is replaced as a whole', () => {
  expect(refined(offer(5, 8, 'hparams.lr'), 'x if hlr', 'x if hplr', 7)).toMatchObject({ start: 5, end: 9 });
});

test.each([
  ['x if h', 'x if hp', 7, [5, 7, 'hparams.lr']],
  ['x if h', 'x if H', 6, [5, 6, 'hparams.lr', 'host']],
  ['x if h', 'x if q', 6, null],
  ['x if h', 'x if ', 5, [5, 5, 'hparams.lr', 'host']],
  ['x if h', 'x i', 3, null],
  ['x if h', 'y if hp', 7, null],
])('an offer for %j, now %j with the caret at %i', (before, text, at, left) => {
  const offered = refined(offer(5, 6, 'hparams.lr', 'host'), before, text, at);
  expect(offered && [offered.start, offered.end, ...offered.items.map((item) => item.text)]).toEqual(left);
});
