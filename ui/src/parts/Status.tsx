/** The status of a run: a word and a dot. The words are those of AimQL. */
import type { ReactNode } from 'react';
import type { Run } from '../wire';
import { Icon } from './design/Icon';

export const MEANING: Readonly<Record<Run['status'], string>> = {
  running: 'The process is running and recording.',
  finished: 'The process ended without an error.',
  failed: 'The process ended with an error.',
  stopped: 'A person, a rule or a signal stopped it.',
  killed: 'A signal that Aim did not send ended the process, or it is gone without an end record.',
  lost: 'No heartbeat from its host for 3 minutes. The next heartbeat reverts it.',
};

export const DIVERGED = 'A metric ends in NaN or infinity.';

/** The status where there is no room for its word; another element says it. */
export function StatusDot({ status }: { status: Run['status'] }): ReactNode {
  return (
    <span className={`status ${status}`} aria-hidden="true" title={`${status}. ${MEANING[status]}`}>
      <span className="status-dot" />
    </span>
  );
}

/** Next to the name of a run in lists that have no room for a word. */
export function DivergedMark({ run }: { run: Pick<Run, 'diverged'> }): ReactNode {
  if (!run.diverged) return null;
  return (
    <span className="dropped" role="img" aria-label="diverged" title={DIVERGED}>
      <Icon name="alert" size={12} />
    </span>
  );
}

export function Status({
  status,
  diverged = false,
  children,
}: {
  status: Run['status'];
  diverged?: boolean;
  children?: ReactNode;
}): ReactNode {
  return (
    <span className={`status ${status}`} title={MEANING[status]}>
      <span className="status-dot" aria-hidden="true" />
      {status}
      {diverged && (
        <span className="badge" title={DIVERGED}>
          diverged
        </span>
      )}
      {children}
    </span>
  );
}
