import { expect, it } from 'vitest';
import { changes } from './diff';

const written = (was: string, now: string): string =>
  changes(was.split(' '), now.split(' '))
    .map(({ text, kind }) => ({ same: '', out: '-', in: '+' })[kind] + text)
    .join(' ');

it.each([
  ['p t --lr 0.1', 'p t --lr 0.1', 'p t --lr 0.1'],
  ['p t --lr 0.1', 'p t --lr 0.2', 'p t --lr -0.1 +0.2'],
  ['p t --amp --lr 1', 'p t --lr 1', 'p t ---amp --lr 1'],
  ['p t --lr 1', 'p t --amp --lr 1', 'p t +--amp --lr 1'],
  ['a', 'b', '-a +b'],
  ['a b', 'a b c', 'a b +c'],
])('%s becomes %s', (was, now, said) => expect(written(was, now)).toBe(said));
