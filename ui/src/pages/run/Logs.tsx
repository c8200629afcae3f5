/** The output of the run. */
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
        <Notice icon="terminal" title="No output recorded">
          <p>
            <code>aim.Run(console=True)</code> records the output of a script, <code>aim run -- python train.py</code>{' '}
            that of any command.
          </p>
        </Notice>
      }
    />
  );
}
