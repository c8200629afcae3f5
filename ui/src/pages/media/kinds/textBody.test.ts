import { expect, test } from 'vitest';
import { linesOf } from './textBody';

test.each([
  [['a\nb'], [['a'], ['b']]],
  [
    ['a', 'b\nc', 'd'],
    [
      ['a', 'b'],
      ['', 'c', 'd'],
    ],
  ],
  [
    ['', 'x', '\n'],
    [['', 'x', ''], ['']],
  ],
  [[''], [['']]],
])('the lines of %j are %j', (parts, lines) => expect(linesOf(parts)).toEqual(lines));
