import { expect, test } from 'vitest';
import { findWords, hasWords } from './find';

test.each([
  ['Loss of Train', ' train  LOSS ', true],
  ['Loss of Train', 'loss val', false],
  ['Loss of Train', '  ', true],
])('%s has the words of "%s": %s', (text, find, has) => expect(hasWords(text, findWords(find))).toBe(has));
