import { beforeEach, expect, test, vi } from 'vitest';
import { Typing } from './typing';

let handed: string[];
let typing: Typing;

beforeEach(() => {
  vi.useFakeTimers();
  handed = [];
  typing = new Typing('', (text) => handed.push(text));
});

const rest = (): unknown => vi.advanceTimersByTime(1000);

test('a text is handed on when the typing rests', () => {
  typing.type('l');
  typing.type('lo');
  expect(handed).toEqual([]);
  rest();
  expect(handed).toEqual(['lo']);
  typing.type('los');
  expect(typing.outdatedBy('lo')).toBe(false);
  rest();
  expect(handed).toEqual(['lo', 'los']);
});

test('before the address changes it is handed on at once, and once', () => {
  typing.type('lo');
  typing.flush();
  typing.flush();
  rest();
  expect(handed).toEqual(['lo']);
});

test('a change from outside drops what was typed', () => {
  typing.type('lo');
  expect(typing.outdatedBy('acc')).toBe(true);
  rest();
  expect(handed).toEqual([]);
});
