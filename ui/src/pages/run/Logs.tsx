/** What the run printed. */
import type { ReactNode } from 'react';
import { Notice } from '../../parts/states';
import type { RunDetail } from '../../wire';
import { RunOutput } from '../../parts/RunOutput';
import { runName } from '../../text/runName';

export function Logs({ detail: { run } }: { detail: RunDetail }): ReactNode {
  return (
    <RunOutput
      run={run.id}
      title={`Output of ${runName(run)}`}
      live={run.status === 'running'}
      empty={
        <Notice icon="terminal" title="Nothing was printed, or nothing was kept">
          <p>
            <code>aim.Run(console=True)</code> keeps what a script prints, <code>aim run -- python train.py</code> what
            any command does.
          </p>
        </Notice>
      }
    />
  );
}
