/**
 * What a terminal would show of a stream of text, as lines that stay: a carriage return, a backspace and the erasing sequences of
 * progress bars change what stands there, colors become styles, and every other escape sequence is dropped.
 *
 * Each stream has a line of its own that it writes, so that a bar on stderr and prints on stdout never run into each other: lines
 * stand in the order in which they were ended, those that are still being written last. The cursor can be moved up by the last few
 * lines of its stream, which is how bars below each other are drawn.
 */
import { countText } from '../../text/format';
import { PLAIN, sameStyle, sgr, type TextStyle } from './style';

export type Stream = 'stdout' | 'stderr';

export interface TextPiece {
  /** Seconds since 1970. */
  readonly time: number;
  readonly stream: Stream;
  readonly text: string;
  /** The process that printed it; each has its own lines. */
  readonly writer: string;
  /** The number of bytes left out before it; null if none. 0: an unknown number. */
  readonly skipped: number | null;
}

export interface StyledText {
  readonly text: string;
  readonly style: TextStyle;
}

export interface OutputLine {
  /** Stable when older output is prepended: it counts from the page in which the line began. */
  readonly id: number;
  /** A note is not output: it says what is missing. */
  readonly stream: Stream | 'note';
  /** When it was last written to, in seconds since 1970. */
  time: number;
  spans: StyledText[];
  width: number;
  /** Counts its changes. */
  changes: number;
  /** The number of characters that did not fit. */
  cut: number;
}

const LONGEST = 16_384;
const MOST_SPANS = 2_000;
const REACH = 64;
const TAB = 8;
const HELD = 4096;
const AT_ONCE = 64;
const PAGE = 2 ** 28;

// prettier-ignore
const TOKEN = new RegExp(
  [
    '[^\\x00-\\x1f\\x7f-\\x9f]+', // text
    '(?:\\x1b\\[|\\x9b)([0-?]*)[ -/]*([@-~])', // a control sequence
    '(?:\\x1b\\]|\\x9d)[^\\x07\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c)', // a title, a link
    '(?:\\x1b[PX^_]|[\\x90\\x98\\x9e\\x9f])[^\\x1b\\x9c]*(?:\\x1b\\\\|\\x9c)', // a string for the terminal
    '\\x1b[ -/]*[0-~]', // a character set, a mode
    '[\\s\\S]',
  ].join('|'),
  'g',
);
const UNFINISHED = /(?:\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*)?|[\x9b][0-?]*[ -/]*)$/;

const skippedText = (bytes: number): string =>
  bytes > 0 ? `${countText(bytes)} bytes of output were not recorded` : 'Later output was not recorded';

/** Half of a surrogate pair is replaced by a blank. */
function sliced(text: string, from: number, to: number): string {
  let part = text.slice(from, to);
  if (/^[\udc00-\udfff]/.test(part)) part = ` ${part.slice(1)}`;
  if (/[\ud800-\udbff]$/.test(part)) part = `${part.slice(0, -1)} `;
  return part;
}

export function cutOut(spans: readonly StyledText[], from: number, to: number): StyledText[] {
  const kept: StyledText[] = [];
  let start = 0;
  for (const span of spans) {
    const end = start + span.text.length;
    if (end > from && start < to) {
      const text = sliced(span.text, Math.max(0, from - start), Math.min(span.text.length, to - start));
      if (text) kept.push({ ...span, text });
    }
    start = end;
  }
  return kept;
}

/** Beyond a few thousand style changes in one line, the last style stays. */
function append(line: OutputLine, span: StyledText): void {
  const last = line.spans[line.spans.length - 1];
  if (last && (line.spans.length >= MOST_SPANS || sameStyle(last.style, span.style)))
    line.spans[line.spans.length - 1] = { style: last.style, text: last.text + span.text };
  else line.spans.push(span);
  line.width += span.text.length;
}

class Cursor {
  style = PLAIN;
  column = 0;
  /** How many lines above the one being written. */
  up = 0;
  open: OutputLine | null = null;
  /** An escape sequence whose end has not arrived. */
  rest = '';
  readonly ended: OutputLine[] = [];

  constructor(readonly stream: Stream) {}
}

export class Terminal {
  private readonly done: OutputLine[] = [];
  private readonly cursors = new Map<string, Cursor>();
  private next = 0;
  private begun = 0;
  private time = 0;

  /** From here on, lines belong to a page with this number. */
  page(serial: number): void {
    this.next = serial * PAGE;
    this.begun = 0;
  }

  static pageOf(line: OutputLine): number {
    return Math.floor(line.id / PAGE);
  }

  lines(): OutputLine[] {
    const open = [...this.cursors.values()].flatMap((cursor) => (cursor.open ? [cursor.open] : []));
    return [...this.done, ...open.sort((a, b) => a.id - b.id)];
  }

  take(pieces: readonly TextPiece[]): void {
    for (const piece of pieces) {
      if (piece.skipped !== null) this.note(piece.time, skippedText(piece.skipped));
      if (piece.text) this.write(piece.stream, piece.time, piece.text, piece.writer);
    }
  }

  private note(time: number, text: string): void {
    const spans = [{ text, style: PLAIN }];
    this.done.push({ id: this.newId(), stream: 'note', time, spans, width: text.length, changes: 0, cut: 0 });
    this.endOfLine();
  }

  /** Lines that cannot change anymore; they are removed from here. */
  drain(): OutputLine[] {
    return this.done.splice(0, Math.max(0, this.done.length - 2 * REACH));
  }

  write(stream: Stream, time: number, text: string, writer = ''): void {
    const cursor = this.cursorOf(stream, writer);
    this.time = time;
    let all = cursor.rest + text;
    cursor.rest = '';
    const unfinished = UNFINISHED.exec(all);
    if (unfinished && unfinished[0].length < HELD) {
      cursor.rest = unfinished[0];
      all = all.slice(0, unfinished.index);
    }
    for (const [token, numbers, letter] of all.matchAll(TOKEN)) {
      if (letter !== undefined) this.control(cursor, letter, numbers ?? '');
      else if (/^[^\x00-\x1f\x7f-\x9f]/.test(token)) this.put(cursor, token);
      else this.character(cursor, token);
    }
  }

  private cursorOf(stream: Stream, writer: string): Cursor {
    const key = `${stream} ${writer}`;
    let cursor = this.cursors.get(key);
    if (!cursor) {
      cursor = new Cursor(stream);
      this.cursors.set(key, cursor);
    }
    return cursor;
  }

  private character(cursor: Cursor, token: string): void {
    if (token === '\n') this.newLine(cursor);
    else if (token === '\r') cursor.column = 0;
    else if (token === '\b') cursor.column = Math.max(0, cursor.column - 1);
    else if (token === '\t') cursor.column = Math.min(LONGEST, cursor.column + TAB - (cursor.column % TAB));
  }

  private control(cursor: Cursor, letter: string, numbers: string): void {
    const count = Math.min(LONGEST, Math.max(1, parseInt(numbers, 10) || 1));
    switch (letter) {
      case 'm':
        if (/^[\d;:]*$/.test(numbers)) cursor.style = sgr(cursor.style, numbers);
        break;
      case 'K':
        this.erase(cursor, numbers);
        break;
      case 'J':
        if (numbers === '' || numbers === '0') this.eraseBelow(cursor);
        break;
      case 'A':
      case 'F':
        cursor.up = Math.min(cursor.ended.length, cursor.up + count);
        if (letter === 'F') cursor.column = 0;
        break;
      case 'B':
      case 'E':
        cursor.up = Math.max(0, cursor.up - count);
        if (letter === 'E') cursor.column = 0;
        break;
      case 'C':
        cursor.column = Math.min(LONGEST, cursor.column + count);
        break;
      case 'D':
        cursor.column = Math.max(0, cursor.column - count);
        break;
      case 'G':
        cursor.column = count - 1;
        break;
    }
  }

  private under(cursor: Cursor): OutputLine | null {
    return cursor.up === 0 ? cursor.open : (cursor.ended[cursor.ended.length - cursor.up] ?? null);
  }

  /** Counts the line ends in this page, and the lines begun since the last one. */
  private newId(): number {
    this.begun += 1;
    return this.next + Math.min(this.begun, AT_ONCE - 1);
  }

  private endOfLine(): void {
    this.next += AT_ONCE;
    this.begun = 0;
  }

  private begin(cursor: Cursor): OutputLine {
    return { id: this.newId(), stream: cursor.stream, time: this.time, spans: [], width: 0, changes: 0, cut: 0 };
  }

  private newLine(cursor: Cursor): void {
    cursor.column = 0;
    if (cursor.up > 0) {
      cursor.up -= 1;
      return;
    }
    const line = cursor.open ?? this.begin(cursor);
    cursor.open = null;
    this.endOfLine();
    this.done.push(line);
    cursor.ended.push(line);
    if (cursor.ended.length > REACH * 2) cursor.ended.splice(0, REACH);
  }

  private put(cursor: Cursor, text: string): void {
    const line = this.under(cursor) ?? (cursor.open = this.begin(cursor));
    const column = cursor.column;
    cursor.column = Math.min(LONGEST, column + text.length);
    line.time = this.time;
    const room = Math.max(0, LONGEST - column);
    if (text.length > room) line.cut += text.length - room;
    if (room === 0) return;
    const own = { text: text.length > room ? sliced(text, 0, room) : text, style: cursor.style };
    line.changes += 1;
    if (column < line.width) {
      this.set(line, [
        ...cutOut(line.spans, 0, column),
        own,
        ...cutOut(line.spans, column + own.text.length, Infinity),
      ]);
      return;
    }
    if (column > line.width) append(line, { text: ' '.repeat(column - line.width), style: PLAIN });
    append(line, own);
  }

  private set(line: OutputLine, spans: readonly StyledText[]): void {
    line.spans = [];
    line.width = 0;
    line.changes += 1;
    for (const span of spans) append(line, span);
  }

  private erase(cursor: Cursor, numbers: string): void {
    const line = this.under(cursor);
    if (!line) return;
    line.cut = 0;
    if (numbers === '2') this.set(line, []);
    else if (numbers === '1') {
      const blank = { text: ' '.repeat(Math.min(cursor.column + 1, line.width)), style: PLAIN };
      this.set(line, [blank, ...cutOut(line.spans, cursor.column + 1, Infinity)]);
    } else this.set(line, cutOut(line.spans, 0, cursor.column));
  }

  private eraseBelow(cursor: Cursor): void {
    this.erase(cursor, '0');
    for (const line of cursor.ended.slice(cursor.ended.length - cursor.up + 1)) this.set(line, []);
    if (cursor.up > 0) cursor.open = null;
  }
}

export const textOfLine = (line: OutputLine): string => line.spans.map((span) => span.text).join('');
