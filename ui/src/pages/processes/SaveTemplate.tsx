/** Saves a command under a name, with the values of the form as defaults. */
import { useState, type ReactNode } from 'react';
import { useToast } from '../../parts/design/Toast';
import { href, navigate } from '../../parts/address';
import type { Command, NamedValue } from '../../wire';
import { Dialog, Labeled } from '../../parts/Dialog';
import { runName } from '../../text/runName';
import { Arguments } from './Arguments';
import { useLaunch } from './launch';
import type { Source } from './source';
import type { Plan } from './usePlan';
import { defaultsOf, tidy, trialValueText } from './values';

export function SaveTemplate({
  command,
  texts,
  plan,
  source,
  onClose,
}: {
  command: Command;
  texts: ReadonlyMap<string, string>;
  plan: Plan;
  source: Source;
  onClose: () => void;
}): ReactNode {
  const { write } = useLaunch();
  const toast = useToast();
  const from = source.kind === 'template' ? source.template : null;
  const [name, setName] = useState(from?.name ?? suggested(source));
  const same = from !== null && name.trim() === from.name;
  const params = defaults(command, texts, plan);
  const save = async (): Promise<void> => {
    const body = { ...tidy(command), params };
    const { id } = await write.template({ id: same && from ? from.id : null, name: name.trim(), command: body });
    toast({ text: same ? 'Template updated.' : 'Template saved.' });
    navigate(href('start', { template: id }));
  };
  return (
    <Dialog
      title="Save as template"
      action={same ? 'Update' : 'Save'}
      disabled={name.trim() === ''}
      onSave={save}
      onClose={onClose}
    >
      <Labeled
        label="Name"
        hint={
          from === null
            ? undefined
            : same
              ? 'Updates the template with this name.'
              : 'Creates a new template; the original is kept.'
        }
      >
        <input
          className="field"
          value={name}
          maxLength={200}
          autoFocus
          onChange={(event) => setName(event.target.value)}
        />
      </Labeled>
      <Arguments
        argv={command.interpreter ? [command.interpreter, ...command.argv] : command.argv}
        template
        label="Arguments of the template"
      />
      {params.length > 0 && (
        <p>
          {params.map(({ name: param, value }) => (
            <span key={param} className="param-chip">
              <bdi>{param}</bdi>{' '}
              {value === null ? (
                'required'
              ) : (
                <>
                  = <bdi>{trialValueText(value)}</bdi>
                </>
              )}
            </span>
          ))}
        </p>
      )}
    </Dialog>
  );
}

const suggested = (source: Source): string =>
  source.kind === 'run' ? source.draft.name.replace(source.draft.run.hash, runName(source.draft.run)) : '';

/** The value of the form if it is a single one; for several, the previous default stays. */
function defaults(command: Command, texts: ReadonlyMap<string, string>, { trials }: Plan): NamedValue[] {
  return [...defaultsOf(command)].map(([name, usual]) => {
    const column = trials?.params.indexOf(name) ?? -1;
    if (!trials || column < 0 || !texts.has(name)) return { name, value: usual };
    const [only, ...others] = new Set(trials.trials.map((row) => row[column]));
    return { name, value: only !== undefined && others.length === 0 ? only : usual };
  });
}
