/** Some runs of a condition, newest first, that the server finds by a text, and how many there are. */
import type { Run } from '../../data/result';
import type { Question } from '../../data/searcher';
import { askPart, NO_COLUMNS } from './ask';

interface FindQuestion {
  readonly q: string;
  readonly find: string;
  readonly limit: number;
}

export interface FoundRuns {
  readonly runs: readonly Run[];
  /** Of their params. */
  readonly paths: readonly string[];
  readonly matched: number;
  readonly listed: number;
  readonly notes: readonly string[];
  readonly revision: string;
}

/** A whole list again is cheap, and a new run moves all others. */
export const FOUND_RUNS: Question<FindQuestion, FoundRuns> = {
  ask: async (source, { q, find, limit }, signal) => {
    const wanted = { q, sort: [], find, reducers: '', group: null };
    const { head, table } = await askPart(source, wanted, NO_COLUMNS, { offset: 0, limit }, signal);
    const { runs, paths, notes, revision } = table.result;
    return { runs, paths, matched: head.matched, listed: head.listed, notes, revision };
  },
  renew: (source, wanted, signal, before) => FOUND_RUNS.ask(source, wanted, signal, () => undefined, before),
  pause: 1000,
  revision: ({ revision }) => revision,
  found: ({ runs }) => runs.length > 0,
};
