/** What a run is doing, in a word and a dot. */
import type { ReactNode } from 'react';
import type { Run } from '../../wire';

const SAYS: Record<Run['status'], string> = {
  running: 'Recording now',
  finished: 'Ended as planned',
  failed: 'Ended by an exception',
  killed: 'The process is gone and left no end record',
  lost: 'No sign of life from its host',
};

export function Status({ status }: { status: Run['status'] }): ReactNode {
  return (
    <span className={`status ${status}`} title={SAYS[status]}>
      <span className="status-dot" aria-hidden="true" />
      {status}
    </span>
  );
}
