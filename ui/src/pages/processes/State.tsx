/** The state of a process or trial: a word and a dot. */
import type { ReactNode } from 'react';

const SAYS: Readonly<Record<string, string>> = {
  waiting: 'Waiting for a free slot',
  stopping: 'Stopping: signals sent, process still running',
  starting: 'Process is starting',
  running: 'Running now',
  finished: 'Exited with status 0',
  failed: 'Exited with a nonzero status',
  killed: 'Ended by a signal that Aim did not send',
  lost: 'No heartbeat from its host',
  stopped: 'Stopped by a person or a rule',
  canceled: 'Canceled before it started',
  paused: 'No new trials start; running ones continue',
  done: 'All trials have ended',
};

export function State({ state, why }: { state: string; why?: string | null }): ReactNode {
  return (
    <span className={`status ${state}`} title={why || SAYS[state]}>
      <span className="status-dot" aria-hidden="true" />
      {state}
    </span>
  );
}
