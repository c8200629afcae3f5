/** What a run is called: its name, else its hash, short where it is only an id. */
import type { Run } from '../wire';

export const runName = (run: Pick<Run, 'name' | 'hash'>): string => run.name || shortHash(run.hash);

export function shortHash(hash: string): string {
  return /^[0-9a-f]{32}$/.test(hash) ? hash.slice(0, 8) : hash;
}
