import { expect, test } from 'vitest';
import { dateText } from '../../text/format';
import { findWords, hasWords } from '../../text/find';
import type { TokenRow } from '../../wire';
import { kindOf, textOf, timeLeft } from './rows';

const token: TokenRow = { id: '0123456789ab', user: 'Ann', role: 'write', created: 1, expires: null, link: null };
const link: TokenRow = { ...token, role: 'read', expires: 100, link: '?page=runs' };

test.each([
  [token, 'ann', true],
  [token, '0123 write', true],
  [token, 'bob', false],
  [token, 'link', false],
  [link, ' link  runs ', true],
  [link, '', true],
])('a text finds tokens and links: %#', (row, find, has) => expect(hasWords(textOf(row), findWords(find))).toBe(has));

test('a token lasts until it expires', () => {
  expect([kindOf(token), kindOf(link)]).toEqual(['token', 'link']);
  expect([timeLeft(token), timeLeft(link, 99), timeLeft(link, 100)]).toEqual(['never', dateText(100), 'expired']);
});
