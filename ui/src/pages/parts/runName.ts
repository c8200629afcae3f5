import { shortHash } from '../../explorer/fields';
import type { Run } from '../../wire';

/** What a run is called: its name, else its hash, short where it is only an id. */
export const runName = (run: Pick<Run, 'name' | 'hash'>): string => run.name || shortHash(run.hash);
