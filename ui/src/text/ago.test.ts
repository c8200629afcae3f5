import { expect, test } from 'vitest';
import { agoText } from './ago';

const NOW = Date.UTC(2026, 10, 23, 12) / 1000;

test.each([
  [NOW - 5, 'just now'],
  [NOW + 30, 'just now'],
  [NOW - 61, '1 min ago'],
  [NOW - 3 * 3600 - 100, '3 h ago'],
  [NOW - 26 * 3600, '1 d ago'],
  [NOW - 40 * 86400, '2026-10-14'],
])('%d', (at, text) => expect(agoText(at, NOW)).toBe(text));

test('a clock that is ahead by more than a minute shows its date', () => {
  expect(agoText(NOW + 7200, NOW)).toMatch(/^2026-11-23 \d\d:00 [+-]\d\d:\d\d$/);
});
