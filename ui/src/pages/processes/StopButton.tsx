/** Stops a process with all its children, after a confirmation. */
import { useState, type ReactNode } from 'react';
import { Button, Switch } from '../../parts/design/controls';
import { useToast } from '../../parts/design/Toast';
import { useFrame } from '../../parts/useFrame';
import type { Process } from '../../wire';
import { Dialog, Labeled } from '../../parts/Dialog';
import { runName } from '../../text/runName';
import { CommandText } from './Arguments';
import { useLaunch } from './launch';

export function StopButton({
  process,
  small = false,
  onStopped,
}: {
  process: Process;
  small?: boolean;
  onStopped: () => void;
}): ReactNode {
  const [open, setOpen] = useState(false);
  const name = runName(process.run);
  if (process.state !== 'running' && !process.orphan) return null;
  return (
    <>
      <Button
        small={small}
        look="danger"
        icon="stop"
        disabled={!process.here}
        title={process.here ? undefined : `Runs on ${process.host ?? 'another machine'}; stop it there`}
        aria-label={`Stop ${name}`}
        onClick={() => setOpen(true)}
      >
        Stop
      </Button>
      {open && <StopDialog process={process} onClose={() => setOpen(false)} onStopped={onStopped} />}
    </>
  );
}

function StopDialog({
  process,
  onClose,
  onStopped,
}: {
  process: Process;
  onClose: () => void;
  onStopped: () => void;
}): ReactNode {
  const { write } = useLaunch();
  const { edited } = useFrame();
  const toast = useToast();
  const [why, setWhy] = useState('');
  const { run, processes } = process;
  const told = process.state === 'running' && process.why !== null;
  const [now, setNow] = useState(told);
  const stop = async (): Promise<void> => {
    const { changed } = await write.stop({ run: run.id, why: why.trim(), now });
    toast({ text: changed > 0 ? `${runName(run)} is being stopped.` : `${runName(run)} has already ended.` });
    edited([run.id]);
    onStopped();
  };
  return (
    <Dialog title={`Stop “${runName(run)}”?`} action={now ? 'Kill now' : 'Stop'} danger onSave={stop} onClose={onClose}>
      <CommandText argv={process.argv} />
      <ol className="stop-steps" aria-label="What happens">
        {now ? (
          <li>
            <strong>SIGKILL immediately</strong> to the command and all of its child processes. They cannot save
            anything.
          </li>
        ) : (
          <>
            <li>
              <strong>SIGINT</strong> now, like Ctrl-C in a terminal: most scripts save and exit.
            </li>
            <li>
              <strong>SIGTERM</strong> after 10 seconds, if it is still running.
            </li>
            <li>
              <strong>SIGKILL</strong> after 10 more seconds, to all of its child processes.
            </li>
          </>
        )}
      </ol>
      {told && <p>It was already asked to stop and is still running.</p>}
      {processes !== null && processes > 1 && <p>{processes} processes are running.</p>}
      {process.queue !== null && <p>Its queue continues with the next trial.</p>}
      <Labeled label="Reason (recorded with the run)">
        <input
          className="field"
          value={why}
          maxLength={1000}
          placeholder="the loss went up"
          onChange={(event) => setWhy(event.target.value)}
        />
      </Labeled>
      <Switch checked={now} onChange={setNow}>
        Kill now without waiting
      </Switch>
    </Dialog>
  );
}
