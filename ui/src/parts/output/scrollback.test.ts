import { describe, expect, test } from 'vitest';
import { Scrollback } from './scrollback';
import type { Pieces } from './source';
import { textOfLine } from './terminal';

const E = '\u001b';
/** Pages of ten lines; a cursor is the number of the page. Each page is red throughout, and cut in the middle of a line. */
const PAGES = 100;
const text = (at: number): string =>
  Array.from({ length: 10 }, (_, line) => `${at === 0 && line === 0 ? `${E}[31m` : ''}line ${at * 10 + line}\n`).join(
    '',
  );
const whole = Array.from({ length: PAGES }, (_, at) => text(at)).join('');
const SIZE = Math.ceil(whole.length / PAGES);

const page = (at: number): Pieces => ({
  pieces: [{ time: at, stream: 'stdout', text: whole.slice(at * SIZE, (at + 1) * SIZE), writer: 'a', skipped: null }],
  before: at === 0 ? null : String(at),
  after: String(at + 1),
  more: at < PAGES - 1,
});

const texts = (held: Scrollback): string[] => held.lines.map(textOfLine);
const WHOLE = Array.from({ length: PAGES * 10 }, (_, line) => `line ${line}`);

test('forwards from the beginning', () => {
  const held = new Scrollback();
  for (let at = 0; at < PAGES; at++) held.append(page(at));
  expect(texts(held)).toEqual(WHOLE);
  expect([held.before, held.after, held.atEnd]).toEqual([null, String(PAGES), true]);
});

test('backwards from the end, with lines that go over the edges of pages', () => {
  const held = new Scrollback();
  held.reset(page(PAGES - 1));
  for (let at = PAGES - 2; at >= 0; at--) held.prepend(page(at));
  expect(texts(held)).toEqual(WHOLE);
  expect(held.lines.at(-1)?.spans[0]?.style.fore).toBe(1);
});

test('lines keep their ids when older ones are put before', () => {
  const held = new Scrollback();
  held.reset(page(50));
  const before = new Map(held.lines.slice(1).map((line) => [line.id, textOfLine(line)]));
  held.prepend(page(49));
  held.prepend(page(48));
  const after = new Map(held.lines.map((line) => [line.id, textOfLine(line)]));
  for (const [id, line] of before) expect(after.get(id)).toBe(line);
  expect(new Set(held.lines.map((line) => line.id)).size).toBe(held.lines.length);
});

describe('what is held is bounded', () => {
  test('following: the oldest pages go, and can be asked for again', () => {
    const held = new Scrollback(100);
    for (let at = 0; at < PAGES; at++) {
      held.append(page(at));
      expect(held.lines.length).toBeLessThanOrEqual(100);
    }
    expect(texts(held).at(-1)).toBe('line 999');
    expect(held.atEnd).toBe(true);
    const first = Number(held.before);
    held.prepend(page(first - 1));
    expect(held.lines.length).toBeGreaterThan(60);
    expect(WHOLE.join('\n')).toContain(texts(held).join('\n'));
  });

  test('reading back: the newest pages go, and the end is known to be elsewhere', () => {
    const held = new Scrollback(100);
    held.reset(page(PAGES - 1));
    for (let at = PAGES - 2; at >= 0; at--) held.prepend(page(at));
    expect(texts(held)[0]).toBe('line 0');
    expect(held.atEnd).toBe(false);
    for (let at = Number(held.after); at < PAGES; at++) held.append(page(at));
    expect(texts(held).at(-1)).toBe('line 999');
    expect(held.atEnd).toBe(true);
  });
});

test('a page with nothing in it moves the cursor only', () => {
  const held = new Scrollback();
  held.append(page(PAGES - 1));
  held.append({ pieces: [], before: '100', after: '101', more: false });
  expect([held.after, held.lines.length]).toEqual(['101', 10]);
});

test('omitted output has its own line', () => {
  const held = new Scrollback();
  const piece = { time: 1, stream: 'stdout', text: '', writer: 'a', skipped: null } as const;
  held.append({
    pieces: [
      { ...piece, text: 'a\n' },
      { ...piece, text: 'z\n', skipped: 12_345 },
    ],
    before: null,
    after: '1',
    more: false,
  });
  expect(texts(held)).toEqual(['a', '12,345 bytes of output were not recorded', 'z']);
  expect(held.lines.map((line) => line.stream)).toEqual(['stdout', 'note', 'stdout']);
});

test('the page at a cursor', () => {
  const held = new Scrollback();
  held.append(page(3));
  held.append(page(4));
  expect([held.pageAt('3'), held.pageAt('4'), held.pageAt('5')]).toEqual([0, 1, null]);
});
