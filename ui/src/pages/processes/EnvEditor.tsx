/** Names and values of the environment; they are added to the one of the server. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../../design/controls';

export type Pair = readonly [name: string, value: string];

export const pairsOf = (env: Readonly<Record<string, string>>): readonly Pair[] => Object.entries(env);
export const envOf = (pairs: readonly Pair[]): Record<string, string> =>
  Object.fromEntries(pairs.filter(([name]) => name.trim() !== '').map(([name, value]) => [name.trim(), value]));

const SECRET = /secret|token|password|passwd|api_?key|credential/i;

export function EnvEditor({ pairs, onChange }: { pairs: readonly Pair[]; onChange: (pairs: readonly Pair[]) => void }): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  const [focus, setFocus] = useState(false);
  useEffect(() => {
    if (focus) list.current?.querySelector<HTMLInputElement>('li:last-of-type input')?.focus();
    setFocus(false);
  }, [focus]);
  const put = (at: number, pair: Pair): void => onChange(pairs.map((one, index) => (index === at ? pair : one)));
  const secret = pairs.find(([name, value]) => SECRET.test(name) && value !== '');
  return (
    <fieldset className="env-editor">
      <legend>Environment</legend>
      {pairs.length > 0 && (
        <ul ref={list}>
          {pairs.map(([name, value], at) => (
            <li key={at}>
              <input
                className="field mono"
                aria-label={`Name of variable ${at + 1}`}
                placeholder="NAME"
                value={name}
                spellCheck={false}
                onChange={(event) => put(at, [event.target.value, value])}
              />
              <span aria-hidden="true">=</span>
              <input
                className="field mono"
                aria-label={`Value of ${name || `variable ${at + 1}`}`}
                placeholder="value"
                value={value}
                spellCheck={false}
                onChange={(event) => put(at, [name, event.target.value])}
              />
              <Button
                small
                icon="close"
                tip={`Remove ${name || 'this variable'}`}
                onClick={() => onChange(pairs.filter((_, index) => index !== at))}
              />
            </li>
          ))}
        </ul>
      )}
      <p className="editor-foot">
        <Button
          small
          icon="plus"
          onClick={() => {
            onChange([...pairs, ['', '']]);
            setFocus(true);
          }}
        >
          Variable
        </Button>
        <span className="quiet">Added to what the server itself was started with.</span>
      </p>
      {secret && (
        <p className="editor-note">
          {secret[0]} looks like a secret. A template is kept in the repository, readable for everyone who may read it: give secrets to{' '}
          <code>aim up</code> itself instead.
        </p>
      )}
    </fieldset>
  );
}
