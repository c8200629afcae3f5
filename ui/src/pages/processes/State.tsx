/** What a process or a trial does, in a word and a dot. */
import type { ReactNode } from 'react';

const SAYS: Readonly<Record<string, string>> = {
  waiting: 'Waits for a free slot',
  stopping: 'Told to stop, and still there',
  starting: 'Its process is being started',
  running: 'Runs now',
  finished: 'Ended by itself with exit status 0',
  failed: 'Ended by itself with another exit status than 0',
  killed: 'Ended by a signal that nobody here sent',
  lost: 'No sign of life from its host',
  stopped: 'Stopped by a person or by a rule',
  cancelled: 'Taken out before it started',
  paused: 'Nothing new is started; what runs goes on',
  done: 'Every trial has ended',
};

export function State({ state, why }: { state: string; why?: string | null }): ReactNode {
  return (
    <span className={`status ${state}`} title={why || SAYS[state]}>
      <span className="status-dot" aria-hidden="true" />
      {state}
    </span>
  );
}
