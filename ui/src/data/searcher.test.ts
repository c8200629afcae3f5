import { serverSource } from './source';
import { itemAt } from '../text/lists';
import { beforeEach, describe, expect, test } from 'vitest';
import { ApiError } from './error';
import { mergeRuns, type Result } from './result';
import { SERIES, type Search } from './search';
import { Searcher } from './searcher';
import { resultOf, runRow } from './testing';

type Wanted = Pick<Search, 'q' | 'x'>;

interface PendingAnswer {
  wanted: Wanted;
  only?: readonly string[];
  signal: AbortSignal;
  publish: (soFar: Result, progress: number) => void;
  answer: (result: Result) => Promise<void>;
  fail: (error: unknown) => Promise<void>;
}

const answerOf = (revision: string, ...ids: string[]): Result => ({
  ...resultOf(ids.map((id) => ({ run: runRow(id), series: [{ name: 'loss', y: [1] }] }))),
  revision,
});
const pending = (wanted: Wanted, signal: AbortSignal, more: Partial<PendingAnswer>): Promise<Result> =>
  new Promise<Result>((resolve, reject) => {
    const answer = (result: Result): Promise<void> => (resolve(result), settled());
    const fail = (error: unknown): Promise<void> => (reject(error), settled());
    asked.push({ wanted, signal, publish: () => undefined, answer, fail, ...more });
  });
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const ids = (searcher: Searcher<Wanted, Result>): string =>
  searcher.state.result?.runs.map(({ id }) => id).join('') ?? '';

let asked: PendingAnswer[];
const question = (at: number): PendingAnswer => itemAt(asked, at);
let searcher: Searcher<Wanted, Result>;

beforeEach(() => {
  asked = [];
  searcher = new Searcher(
    {
      ...SERIES,
      ask: (_, wanted, signal, publish) => pending(wanted, signal, { publish }),
      renew: async (_, wanted, signal, old, only) => mergeRuns(old, await pending(wanted, signal, { only }), only),
    },
    serverSource,
  );
  searcher.run({ q: 'loss', x: 'step' });
});

describe('a search', () => {
  test('shows partial results, then everything', async () => {
    question(0).publish(answerOf('p-1', 'a'), 0.5);
    expect(searcher.state).toMatchObject({ phase: 'loading', progress: 0.5, answered: { q: 'loss' } });
    await question(0).answer(answerOf('p-1', 'a', 'b'));
    expect(searcher.state).toMatchObject({ phase: 'done', progress: 1 });
    expect(ids(searcher)).toBe('ab');
  });

  test('repeated keeps the old picture until the new one is whole', async () => {
    await question(0).answer(answerOf('p-1', 'a', 'b'));
    searcher.again();
    question(1).publish(answerOf('p-2', 'a'), 0.5);
    expect(ids(searcher)).toBe('ab');
    await question(1).answer(answerOf('p-2', 'c'));
    expect(ids(searcher)).toBe('c');
  });

  test('for something else silences the one before', async () => {
    searcher.run({ q: 'accuracy', x: 'step' });
    expect(question(0).signal.aborted).toBe(true);
    await question(0).answer(answerOf('p-1', 'old'));
    expect(searcher.state.phase).toBe('loading');
    await question(1).answer(answerOf('p-1', 'n'));
    expect(ids(searcher)).toBe('n');
  });

  test('on another axis keeps the old axis until it has points of the new one', async () => {
    await question(0).answer(answerOf('p-1', 'a'));
    searcher.run({ q: 'loss', x: 'time' });
    question(1).publish(answerOf('p-1'), 0);
    expect(searcher.state).toMatchObject({ phase: 'loading', answered: { x: 'step' } });
    question(1).publish(answerOf('p-1', 'a'), 0.5);
    expect(searcher.state).toMatchObject({ phase: 'loading', answered: { x: 'time' } });
  });

  test('a canceled search keeps partial results and requests nothing more', async () => {
    question(0).publish(answerOf('p-1', 'a'), 0.5);
    searcher.cancel();
    searcher.changed(['a']);
    await question(0).fail(new DOMException('', 'AbortError'));
    expect(searcher.state.phase).toBe('canceled');
    expect(ids(searcher)).toBe('a');
    expect(asked).toHaveLength(1);
  });

  test('that fails says why, and keeps the picture', async () => {
    await question(0).answer(answerOf('p-1', 'a'));
    searcher.run({ q: 'loss if', x: 'step' });
    await question(1).fail(new ApiError({ message: 'It ends too early', hint: null, start: 7, end: 7 }, 400));
    expect(searcher.state).toMatchObject({ phase: 'failed', gone: false, problem: { start: 7 } });
    expect(ids(searcher)).toBe('a');
  });
});

describe('news', () => {
  test('are asked for by run, one request at a time', async () => {
    await question(0).answer(answerOf('p-1', 'a', 'b'));
    searcher.changed(['a']);
    searcher.changed(['a', 'c']);
    searcher.changed(['c']);
    expect(asked.slice(1).map(({ only }) => only)).toEqual([['a']]);
    await question(1).answer(answerOf('p-2', 'a'));
    expect(asked.slice(2).map(({ only }) => only)).toEqual([['a', 'c']]);
    await question(2).answer(answerOf('p-3', 'c'));
    expect(ids(searcher)).toBe('bc');
    expect(asked).toHaveLength(3);
  });

  test('that come while searching wait for it', async () => {
    searcher.changed(['b']);
    expect(asked).toHaveLength(1);
    await question(0).answer(answerOf('p-1', 'a'));
    expect(question(1).only).toEqual(['b']);
  });

  test('of very many runs are one whole search', async () => {
    await question(0).answer(answerOf('p-1', 'a'));
    searcher.changed(Array.from({ length: 500 }, (_, at) => String(at)));
    expect(question(1).only).toBeUndefined();
  });

  test('whose request fails are not the end of news', async () => {
    await question(0).answer(answerOf('p-1', 'a'));
    searcher.changed(['a']);
    await question(1).fail(new Error('no'));
    searcher.changed(['b']);
    await question(2).answer(answerOf('p-2', 'b'));
    expect(ids(searcher)).toBe('ab');
  });
});

describe('where the news begin', () => {
  test.each([
    ['p-5', 'p-5', 1],
    ['p-5', 'p-4', 1],
    ['p-9', 'p-10', 2],
    ['p-5', 'q-1', 2],
  ])('an answer of %s, news from %s: %i searches', async (mine, heard, searches) => {
    await question(0).answer(answerOf(mine, 'a'));
    searcher.heard(heard);
    expect(asked).toHaveLength(searches);
  });

  test('is remembered while searching', async () => {
    searcher.heard('p-2');
    expect(asked).toHaveLength(1);
    await question(0).answer(answerOf('p-1', 'a'));
    expect(asked).toHaveLength(2);
    await question(1).answer(answerOf('p-2', 'a'));
    expect(asked).toHaveLength(2);
  });
});
