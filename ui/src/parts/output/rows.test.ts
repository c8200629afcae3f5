import { assert, describe, expect, test } from 'vitest';
import { marked } from './marks';
import { lineAt, rowStarts } from './rows';
import { Terminal } from './terminal';

function lines(text: string): ReturnType<Terminal['lines']> {
  const terminal = new Terminal();
  terminal.write('stdout', 0, text);
  return terminal.lines();
}

describe('rows', () => {
  test('one a line without wrapping', () => expect([...rowStarts(lines('a\n\nbbbbbb'), null)]).toEqual([0, 1, 2, 3]));
  test('as many as a line needs', () =>
    expect([...rowStarts(lines('a\n\nbbbbbb\n12345'), 5)]).toEqual([0, 1, 2, 4, 5]));
  test('wide letters take two columns', () => expect([...rowStarts(lines('日本語'), 5)]).toEqual([0, 2]));
  test('of nothing', () => expect([...rowStarts([], 80)]).toEqual([0]));
  test.each([
    [-5, 0],
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
    [99, 2],
  ])('row %d lies in line %d', (row, line) => expect(lineAt(Float64Array.of(0, 1, 3, 4), row)).toBe(line));
  test('no line at all', () => expect(lineAt(Float64Array.of(0), 3)).toBe(0));
});

describe('marks', () => {
  const shown = (text: string, word: string): string =>
    lines(text)
      .slice(0, 1)
      .flatMap((line) => marked(line, word))
      .map((part) => (part.hit ? `[${part.text}]` : part.text))
      .join('');
  const cases: [string, string, string][] = [
    ['loss 1 LOSS 2', 'loss', '[loss] 1 [LOSS] 2'],
    ['aaaa', 'aa', '[aa][aa]'],
    ['nothing', 'x', 'nothing'],
    ['nothing', '', 'nothing'],
    ['a \u001b[31mlo\u001b[0mss b', 'loss', 'a [lo][ss] b'],
    ['\u0130x', 'x', '\u0130x'],
  ];
  test.each(cases)('%j, %s', (text, word, expected) => expect(shown(text, word)).toBe(expected));
  test('no more than a few hundred', () => {
    const [line] = lines('x'.repeat(5000));
    assert(line);
    expect(marked(line, 'x').length).toBeLessThan(600);
  });
});
