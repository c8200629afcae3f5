/**
 * One search at a time: streaming, cancelled, failed or done. Runs that change later are asked for again and merged in, one
 * request after the other, so that a slow server is never asked twice for the same news.
 */
import type { XAxis } from '../state/view';
import type { Problem } from '../wire';
import { ApiError } from './api';
import { mergeRuns, type Result } from './result';
import { search } from './search';

export type Phase = 'idle' | 'loading' | 'done' | 'cancelled' | 'failed';

export interface SearchState {
  readonly phase: Phase;
  /** What is on the screen: while a new search has not answered yet, still the one before. */
  readonly result: Result | null;
  /** The query that `result` answers. */
  readonly answered: string | null;
  /** The axis that its points are placed on. */
  readonly x: XAxis;
  readonly progress: number;
  readonly problem: Problem | null;
  /** The server could not be reached. */
  readonly gone: boolean;
}

interface Wanted {
  readonly q: string;
  readonly x: XAxis;
}

const IDLE: SearchState = {
  phase: 'idle',
  result: null,
  answered: null,
  x: 'step',
  progress: 0,
  problem: null,
  gone: false,
};
/** About two points for each pixel of the widest chart a screen shows; zooming asks for more. */
export const COLUMNS = 800;
/** Ids of 32 characters: what fits an address of 8 kB with room to spare. */
const IDS_AT_ONCE = 120;
/** From here on, one whole answer is cheaper than many parts. */
const IDS_AT_MOST = 480;

/** A revision is the server process and a count: counts of two processes cannot be compared. */
function behind(mine: string, heard: string): boolean {
  const [a, b] = [mine, heard].map((revision) => {
    const cut = revision.lastIndexOf('-');
    return { process: revision.slice(0, cut), count: Number(revision.slice(cut + 1)) };
  });
  return a.process !== b.process || a.count < b.count;
}

export class Searcher {
  state = IDLE;
  private wanted: Wanted | null = null;
  private abort = new AbortController();
  private readonly changes = new Set<string>();
  private refetching = false;
  private heardOf: string | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly ask: typeof search = search) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  run(wanted: Wanted): void {
    const same = this.wanted?.q === wanted.q && this.wanted.x === wanted.x;
    const signal = this.begin(wanted);
    this.show({ phase: 'loading', progress: 0, problem: null, gone: false });
    const partly = (result: Result, progress: number): void => {
      const replace = !same && result.series.length > 0;
      this.show(replace ? { result, answered: wanted.q, x: wanted.x, progress } : { progress });
    };
    this.ask({ ...wanted, columns: COLUMNS }, signal, (result, progress) => {
      if (!signal.aborted) partly(result, progress);
    }).then(
      (result) => {
        if (signal.aborted) return;
        this.show({ phase: 'done', result, answered: wanted.q, x: wanted.x, progress: 1 });
        if (this.heardOf !== null && behind(result.revision, this.heardOf)) this.again();
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
    this.show({ phase: 'cancelled' });
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

  /** Where the server's news begin: everything before has to be in the answer. */
  heard(revision: string): void {
    this.heardOf = revision;
    const { phase, result } = this.state;
    if (phase === 'done' && result && behind(result.revision, revision)) this.again();
  }

  private begin(wanted: Wanted): AbortSignal {
    this.abort.abort();
    this.abort = new AbortController();
    this.wanted = wanted;
    this.changes.clear();
    this.refetching = false;
    return this.abort.signal;
  }

  private async refetch(): Promise<void> {
    const { wanted, changes } = this;
    const { signal } = this.abort;
    if (!wanted || this.refetching || this.state.phase !== 'done' || changes.size === 0) return;
    if (changes.size > IDS_AT_MOST) {
      this.again();
      return;
    }
    const only = [...changes].slice(0, IDS_AT_ONCE);
    for (const run of only) changes.delete(run);
    this.refetching = true;
    const fresh = await this.ask({ ...wanted, columns: COLUMNS, only }, signal).catch(() => null);
    if (signal.aborted) return;
    this.refetching = false;
    const { result } = this.state;
    if (fresh && result) this.show({ result: mergeRuns(result, fresh, only) });
    void this.refetch();
  }

  private show(change: Partial<SearchState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

function failure(error: unknown): Pick<SearchState, 'problem' | 'gone'> {
  if (error instanceof ApiError) return { problem: error.problem, gone: error.gone };
  const message = error instanceof Error ? error.message : String(error);
  return { problem: { message, hint: null, start: null, end: null }, gone: false };
}
