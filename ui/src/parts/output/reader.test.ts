import { expect, test } from 'vitest';
import { Reader } from './reader';
import type { ReadDirection, Pieces } from './source';
import { textOfLine } from './terminal';

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

/** An output of numbered lines, one page each, that answers on demand. */
class Slow {
  count: number;
  readonly asked: string[] = [];
  private waiting: { send: (failed: boolean) => void; signal: AbortSignal }[] = [];

  constructor(count: number) {
    this.count = count;
  }

  readonly load = (cursor: string | null, direction: ReadDirection, signal: AbortSignal): Promise<Pieces> => {
    this.asked.push(`${direction} ${cursor ?? '-'}`);
    return new Promise((resolve, reject) => {
      const page = this.page(cursor, direction);
      this.waiting.push({ signal, send: (failed) => (failed ? reject(new Error('broken')) : resolve(page)) });
    });
  };

  private page(cursor: string | null, direction: ReadDirection): Pieces {
    const at =
      cursor === null
        ? direction === 'forward'
          ? 0
          : this.count - 1
        : Number(cursor) - (direction === 'forward' ? 0 : 1);
    const there = at < this.count;
    return {
      pieces: there ? [{ time: at, stream: 'stdout', text: `line ${at}\n`, writer: 'a', skipped: null }] : [],
      before: at === 0 ? null : String(at),
      after: String(there ? at + 1 : at),
      more: direction === 'forward' && at + 1 < this.count,
    };
  }

  /** The newest request, and all aborted ones. */
  async answer(failed = false): Promise<void> {
    const waiting = this.waiting;
    this.waiting = [];
    for (const { send } of waiting) send(failed);
    await settled();
  }
}

const texts = ({ state }: Reader): string[] => state.lines.map(textOfLine);

function opened(count: number): { reader: Reader; slow: Slow } {
  const [reader, slow] = [new Reader(), new Slow(count)];
  reader.open(slow);
  return { reader, slow };
}

test('the end first, then older ones', async () => {
  const { reader, slow } = opened(3);
  await slow.answer();
  expect([texts(reader), reader.state.atStart, reader.state.atEnd]).toEqual([['line 2'], false, true]);
  reader.older();
  await slow.answer();
  expect(texts(reader)).toEqual(['line 1', 'line 2']);
});

test('news before the first answer is read after it', async () => {
  const { reader, slow } = opened(1);
  slow.count = 2;
  reader.heard();
  await slow.answer();
  await slow.answer();
  expect([texts(reader), slow.asked]).toEqual([
    ['line 0', 'line 1'],
    ['backward -', 'forward 1'],
  ]);
});

test('news while older pages are read is reported if the end is not followed', async () => {
  const { reader, slow } = opened(2);
  await slow.answer();
  reader.older();
  reader.heard();
  reader.following = false;
  await slow.answer();
  expect([texts(reader), reader.state.news]).toEqual([['line 0', 'line 1'], true]);
});

test('after a first answer that failed, the end is asked for again and not the beginning', async () => {
  const { reader, slow } = opened(3);
  await slow.answer(true);
  expect([reader.state.problem, reader.state.loaded]).toEqual(['broken', false]);
  reader.newer();
  await slow.answer();
  expect([texts(reader), reader.state.problem]).toEqual([['line 2'], null]);
});

test('while following it reads on to the end, and a failure is not asked again by itself', async () => {
  const { reader, slow } = opened(1);
  await slow.answer();
  slow.count = 5;
  reader.heard();
  await slow.answer();
  expect(reader.state.atEnd).toBe(false);
  await slow.answer(true);
  const asked = slow.asked.length;
  await slow.answer();
  expect([slow.asked.length, reader.state.problem]).toEqual([asked, 'broken']);
});

test('once it is closed nothing more is read', async () => {
  const { reader, slow } = opened(1);
  await slow.answer();
  slow.count = 5;
  reader.heard();
  await slow.answer();
  reader.close();
  const asked = slow.asked.length;
  await slow.answer();
  expect([slow.asked.length, texts(reader)]).toEqual([asked, ['line 0', 'line 1']]);
});
