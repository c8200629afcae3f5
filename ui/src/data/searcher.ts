/**
 * One search at a time: streaming, canceled, failed or done. Runs that change later are requested again and merged in,
 * one request at a time, so that a slow server is never asked twice for the same news.
 */
import type { DataSource } from './source';
import type { Problem } from '../wire';
import { ApiError, problemOf } from './error';

export type Phase = 'idle' | 'loading' | 'done' | 'canceled' | 'failed';

/** How to ask the server, and how to merge its answers. */
export interface Question<W, R> {
  /** `before`: what is on the screen, which may answer something else. */
  ask(
    source: DataSource,
    wanted: W,
    signal: AbortSignal,
    publish: (soFar: R, progress: number) => void,
    before: R | null,
  ): Promise<R>;
  /** The same answer after these runs changed. */
  renew(source: DataSource, wanted: W, signal: AbortSignal, old: R, changed: readonly string[]): Promise<R>;
  /** Milliseconds between two renewals. */
  readonly pause?: number;
  revision(result: R): string;
  /** Whether it contains anything to show. */
  found(result: R): boolean;
}

export interface SearchState<W, R> {
  readonly phase: Phase;
  /** The shown result; it stays until a new search has answered. */
  readonly result: R | null;
  /** The search that `result` answers. */
  readonly answered: W | null;
  readonly progress: number;
  readonly problem: Problem | null;
  /** The server could not be reached. */
  readonly gone: boolean;
  /** It answered that it cannot search now. */
  readonly unable: boolean;
}

const WELL = { problem: null, gone: false, unable: false } as const;
const IDLE = { phase: 'idle', result: null, answered: null, progress: 0, ...WELL } as const;
/** Ids have 32 characters; this many fit an address of 8 kB. */
export const IDS_AT_ONCE = 120;
/** From this number on, one whole answer is cheaper than many parts. */
const IDS_AT_MOST = 480;

/** A revision is the server process and a count; counts of different processes cannot be compared. */
export function behind(mine: string, heard: string): boolean {
  const parts = (revision: string): { process: string; count: number } => {
    const cut = revision.lastIndexOf('-');
    return { process: revision.slice(0, cut), count: Number(revision.slice(cut + 1)) };
  };
  const [a, b] = [parts(mine), parts(heard)];
  return a.process !== b.process || a.count < b.count;
}

export class Searcher<W, R> {
  state: SearchState<W, R> = IDLE;
  private wanted: W | null = null;
  private abort = new AbortController();
  private readonly changes = new Set<string>();
  private refetching = false;
  private heardOf: string | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly question: Question<W, R>,
    private readonly source: DataSource,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  run(wanted: W): void {
    const { question } = this;
    const same = JSON.stringify(this.wanted) === JSON.stringify(wanted) && this.state.answered !== null;
    const signal = this.begin(wanted);
    this.show({ phase: 'loading', progress: 0, ...WELL });
    const partly = (result: R, progress: number): void => {
      const replace = !same && question.found(result);
      this.show(replace ? { result, answered: wanted, progress } : { progress });
    };
    const publish = (result: R, progress: number): void => {
      if (!signal.aborted) partly(result, progress);
    };
    question.ask(this.source, wanted, signal, publish, this.state.result).then(
      (result) => {
        if (signal.aborted) return;
        this.show({ phase: 'done', result, answered: wanted, progress: 1 });
        if (this.heardOf !== null && behind(question.revision(result), this.heardOf)) this.again();
        else void this.refetch();
      },
      (error: unknown) => {
        if (!signal.aborted) this.show({ phase: 'failed', ...failure(error) });
      },
    );
  }

  again(): void {
    if (this.wanted) this.run(this.wanted);
  }

  cancel(): void {
    this.abort.abort();
    this.show({ phase: 'canceled' });
  }

  clear(): void {
    this.abort.abort();
    this.wanted = null;
    this.show(IDLE);
  }

  /** These runs have news. */
  changed(runs: readonly string[]): void {
    for (const run of runs) this.changes.add(run);
    void this.refetch();
  }

  /** Where the server's news begin: the answer must contain everything before. */
  heard(revision: string): void {
    this.heardOf = revision;
    const { phase, result } = this.state;
    if (phase === 'done' && result && behind(this.question.revision(result), revision)) this.again();
  }

  private begin(wanted: W): AbortSignal {
    this.abort.abort();
    this.abort = new AbortController();
    this.wanted = wanted;
    this.changes.clear();
    this.refetching = false;
    return this.abort.signal;
  }

  private async refetch(): Promise<void> {
    const { wanted, changes, question } = this;
    const { signal } = this.abort;
    const { phase, result } = this.state;
    if (!wanted || !result || this.refetching || phase !== 'done' || changes.size === 0) return;
    if (changes.size > IDS_AT_MOST) {
      this.again();
      return;
    }
    const only = [...changes].slice(0, IDS_AT_ONCE);
    for (const run of only) changes.delete(run);
    this.refetching = true;
    const fresh = await question.renew(this.source, wanted, signal, result, only).catch(() => null);
    if (signal.aborted) return;
    if (fresh) this.show({ result: fresh });
    if (question.pause) await new Promise((resolve) => setTimeout(resolve, question.pause));
    if (signal.aborted) return;
    this.refetching = false;
    void this.refetch();
  }

  private show(change: Partial<SearchState<W, R>>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

const failure = (error: unknown): { problem: Problem; gone: boolean; unable: boolean } => ({
  problem: problemOf(error),
  gone: error instanceof ApiError && error.gone,
  unable: error instanceof ApiError && error.unable,
});
