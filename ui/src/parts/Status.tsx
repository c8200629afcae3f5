/** What a run is doing, in a word and a dot. The words are those of a query. */
import type { ReactNode } from 'react';
import type { Run } from '../wire';

export const MEANING: Readonly<Record<Run['status'], string>> = {
  running: 'Its process is alive and recording.',
  finished: 'It ended as planned.',
  failed: 'It ended with an error.',
  killed: 'A signal ended it, or its process ended without an end record record.',
  lost: 'No sign of life from its host. It may come back.',
};

export function Status({ status, children }: { status: Run['status']; children?: ReactNode }): ReactNode {
  return (
    <span className={`status ${status}`} title={MEANING[status]}>
      <span className="status-dot" aria-hidden="true" />
      {status}
      {children}
    </span>
  );
}
