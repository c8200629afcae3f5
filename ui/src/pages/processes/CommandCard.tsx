/** The command: its arguments, folder, interpreter, environment and experiment. Read-only until it is edited. */
import type { ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { useFrame } from '../../parts/useFrame';
import type { Command, LaunchStatus, Variable } from '../../wire';
import { Labeled } from '../../parts/Dialog';
import { Card } from '../../parts/Sheet';
import { Arguments } from './Arguments';
import { ArgumentsEditor } from './ArgumentsEditor';
import { EnvEditor } from './EnvEditor';
import type { NamedArgument } from './words';

interface CommandProps {
  command: Command;
  status: LaunchStatus;
  onChange: (change: (command: Command) => Command) => void;
  onName: (named: NamedArgument) => void;
}

export function CommandCard({
  open,
  onOpen,
  ...props
}: CommandProps & { open: boolean; onOpen: (open: boolean) => void }): ReactNode {
  return (
    <Card
      title="Command"
      actions={
        <Button small icon={open ? 'check' : 'pencil'} aria-expanded={open} onClick={() => onOpen(!open)}>
          {open ? 'Done' : 'Edit'}
        </Button>
      }
    >
      {open ? <Editor {...props} /> : <Shown {...props} />}
    </Card>
  );
}

function Shown({ command, status }: CommandProps): ReactNode {
  const { argv, interpreter, cwd, env = [], experiment } = command;
  return (
    <>
      <Arguments argv={interpreter ? [interpreter, ...argv] : argv} template label="Arguments of the command" />
      <dl className="pairs command-pairs">
        <FactRow name="Working folder" value={cwd ?? status.folder} />
        {env.map(({ name, value }) => (
          <FactRow key={name} name={name} value={value} />
        ))}
        <FactRow name="Experiment" value={experiment ?? 'default'} />
      </dl>
    </>
  );
}

export function FactRow({ name, value }: { name: string; value: ReactNode }): ReactNode {
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>{typeof value === 'string' ? <bdi>{value}</bdi> : value}</dd>
    </div>
  );
}

function Editor({ command, status, onChange, onName }: CommandProps): ReactNode {
  const { server } = useFrame();
  const { argv, interpreter, cwd, env = [], experiment } = command;
  const text = (value: string): string | null => (value.trim() === '' ? null : value);
  const put = (change: Partial<Command>): void => onChange((old) => ({ ...old, ...change }));
  return (
    <div className="form command-form">
      <ArgumentsEditor
        argv={argv}
        onChange={(next) => put({ argv: [...next] })}
        onName={onName}
        onEnv={(variables) => onChange((old) => ({ ...old, env: withVariables(old.env ?? [], variables) }))}
      />
      <div className="two-fields">
        <Labeled label="Working folder" hint={`Default: ${status.folder}`}>
          <input
            className="field mono"
            value={cwd ?? ''}
            placeholder={status.folder}
            spellCheck={false}
            onChange={(event) => put({ cwd: text(event.target.value) })}
          />
        </Labeled>
        <Labeled label="Interpreter" hint="Program to run the command with. Empty: the first argument is the program.">
          <input
            className="field mono"
            value={interpreter ?? ''}
            placeholder="none"
            spellCheck={false}
            onChange={(event) => put({ interpreter: text(event.target.value) })}
          />
        </Labeled>
      </div>
      <EnvEditor env={env} onChange={(next) => put({ env: [...next] })} />
      <Labeled label="Experiment" hint="Scripts can override it.">
        <input
          className="field"
          list="start-experiments"
          value={experiment ?? ''}
          placeholder="default"
          onChange={(event) => put({ experiment: text(event.target.value) })}
        />
      </Labeled>
      <datalist id="start-experiments">
        {server.project?.experiments.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}

const withVariables = (env: readonly Variable[], more: Readonly<Record<string, string>>): Variable[] => [
  ...env.filter(({ name }) => !(name in more)),
  ...Object.entries(more).map(([name, value]) => ({ name, value })),
];
