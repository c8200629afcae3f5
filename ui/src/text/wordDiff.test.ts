import { expect, test } from 'vitest';
import { wordDiff } from './wordDiff';

const SIGNS = { same: '', added: '+', removed: '-' };
const diffed = (before: string, after: string): string | undefined =>
  wordDiff(before, after)
    ?.map(({ kind, text }) => (kind === 'same' ? text : `[${SIGNS[kind]}${text}]`))
    .join('');

test.each([
  ['the cat sat', 'the dog sat', 'the [-cat][+dog] sat'],
  ['same', 'same', 'same'],
  ['', 'new', '[+new]'],
  ['a\n  b', 'a\n    b', 'a\n[-  ][+    ]b'],
  ['<b>x</b>', '<b>y</b>', '<b>[-x][+y]</b>'],
  ['数据 好', '数据 坏', '数据 [-好][+坏]'],
])('from %j to %j', (before, after, expected) => expect(diffed(before, after)).toBe(expected));

test('texts that are too long are not compared', () => {
  expect(wordDiff('a '.repeat(200_001), 'b')).toBeNull();
});

test('a comparison that takes too long ends', () => {
  const words = (from: number): string =>
    Array.from({ length: 20_000 }, (_, i) => `w${(i * 7919 + from) % 65_537}`).join(' ');
  expect(wordDiff(words(0), words(31_337), 20)).toBeNull();
});
