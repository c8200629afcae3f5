import { assert, describe, expect, test } from 'vitest';
import { PLAIN, type TextStyle } from './style';
import { Terminal, textOfLine, type Stream } from './terminal';

const E = '\u001b';

function shown(...pieces: readonly (string | readonly [Stream, string])[]): string[] {
  const terminal = new Terminal();
  for (const piece of pieces) {
    const [stream, text] = typeof piece === 'string' ? (['stdout', piece] as const) : piece;
    terminal.write(stream, 0, text);
  }
  return terminal.lines().map(textOfLine);
}

describe('what stands on the lines', () => {
  const cases: [name: string, text: string, lines: string[]][] = [
    ['lines', 'a\nb\n', ['a', 'b']],
    ['an empty line', 'a\n\nb', ['a', '', 'b']],
    ['a line that has not ended', 'a\nb', ['a', 'b']],
    ['ends of lines of Windows', 'a\r\nb\r\n', ['a', 'b']],
    ['a progress bar', '  0%|    |\r 50%|##  |\r100%|####|\n', ['100%|####|']],
    ['a shorter text leaves the rest, as terminals do', 'abcdef\rxy', ['xycdef']],
    ['an erased line', `abcdef\r${E}[Kxy`, ['xy']],
    ['erased to the left', `abcdef\r${E}[3C${E}[1Kx`, ['   xef']],
    ['erased wholly', `abc${E}[2K\rx`, ['x']],
    ['backspaces', 'abc\b\bX', ['aXc']],
    ['no backspace beyond the start', 'a\b\b\bX', ['X']],
    ['tabs', 'a\tb\t\tc', ['a       b               c']],
    ['a column', `abc${E}[10Gx`, ['abc      x']],
    ['bars below each other', `epoch 1\nbatch 1\r${E}[Aepoch 2\nbatch 2\n`, ['epoch 2', 'batch 2']],
    ['a table drawn again', `a\nb\n${E}[2F${E}[JA\nB\n`, ['A', 'B']],
    ['never above the first line', `a\n${E}[9Ab`, ['b']],
    ['a title of the window', `${E}]0;harm\u0007a`, ['a']],
    ['a link is its text', `${E}]8;;javascript:alert(1)${E}\\link${E}]8;;${E}\\!`, ['link!']],
    ['a link that does not end', `${E}]8;;x`, []],
    ['other sequences', `${E}[?25l${E}[2J${E}[1;1Ha${E}(B${E}=${E}7b${E}[6n${E}Pq#0${E}\\c`, ['abc']],
    ['other control characters', 'a\u0000\u0007\u000b\u007f\u0085b', ['ab']],
    ['HTML is text', '<img src=x onerror=alert(1)>', ['<img src=x onerror=alert(1)>']],
    ['a pair cut through', '😀b\rx', ['x b']],
  ];
  test.each(cases)('%s', (_, text, lines) => expect(shown(text)).toEqual(lines));

  test.each(cases)('%s, whatever the pieces', (_, text, lines) => {
    expect(shown(...Array.from(text))).toEqual(lines);
  });
});

test('each stream has its own line: ended lines first, open ones last', () => {
  const pieces = [
    ['stderr', '\r 10%'],
    ['stdout', 'loss 0.5\n'],
    ['stderr', '\r 20%'],
    ['stdout', 'loss 0.4\nacc'],
    ['stderr', '\r100%\n'],
    ['stdout', ' 0.9\n'],
  ] as const;
  expect(shown(...pieces)).toEqual(['loss 0.5', 'loss 0.4', '100%', 'acc 0.9']);
  expect(shown(...pieces.slice(0, 4))).toEqual(['loss 0.5', 'loss 0.4', ' 20%', 'acc']);
});

test('each process has lines of its own', () => {
  const terminal = new Terminal();
  for (const [writer, text] of [
    ['a', 'rank 0: '],
    ['b', 'rank 1: '],
    ['a', 'x\n'],
    ['b', 'y\n'],
  ] as const)
    terminal.take([{ stream: 'stdout', time: 0, text, writer, skipped: null }]);
  expect(terminal.lines().map(textOfLine)).toEqual(['rank 0: x', 'rank 1: y']);
  expect(new Set(terminal.lines().map((line) => line.id)).size).toBe(2);
});

test('styles stay until they are changed, over lines and pieces', () => {
  const terminal = new Terminal();
  terminal.write('stdout', 0, `a${E}[1;3`);
  terminal.write('stdout', 0, `1mb\nc${E}[0md`);
  const red: TextStyle = { ...PLAIN, bold: true, fore: 1 };
  expect(terminal.lines().map((line) => line.spans)).toEqual([
    [
      { text: 'a', style: PLAIN },
      { text: 'b', style: red },
    ],
    [
      { text: 'c', style: red },
      { text: 'd', style: PLAIN },
    ],
  ]);
});

test('overwriting a part keeps the styles around it', () => {
  const terminal = new Terminal();
  terminal.write('stdout', 0, `${E}[31mred red\r${E}[32m1234`);
  expect(terminal.lines()[0]?.spans.map(({ text, style }) => [text, style.fore])).toEqual([
    ['1234', 2],
    ['red', 1],
  ]);
});

test('a very long line is cut, and says by how much', () => {
  const terminal = new Terminal();
  for (let i = 0; i < 20; i++) terminal.write('stdout', 0, 'x'.repeat(1000));
  terminal.write('stdout', 0, '\nnext');
  const [long, next] = terminal.lines();
  assert(long && next);
  expect(textOfLine(long).length + long.cut).toBe(20_000);
  expect(long.cut).toBe(20_000 - 16_384);
  expect(textOfLine(next)).toBe('next');
});

test('a line in thousands of colors stays small', () => {
  const terminal = new Terminal();
  for (let i = 0; i < 10_000; i++) terminal.write('stdout', 0, `${E}[38;5;${i % 256}mx`);
  const [line] = terminal.lines();
  assert(line);
  expect(line.spans.length).toBe(2000);
  expect(textOfLine(line)).toBe('x'.repeat(10_000));
});

test('a line changed tells it, and is of the time at which it was last written', () => {
  const terminal = new Terminal();
  terminal.write('stderr', 10, '\r 1%');
  const before = terminal.lines()[0]?.changes;
  assert(before !== undefined);
  terminal.write('stderr', 20, '\r 2%');
  const [line] = terminal.lines();
  assert(line);
  expect(line.changes).toBeGreaterThan(before);
  expect(line.time).toBe(20);
});
