/** Names and values of environment variables; they are added to the server's environment. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import type { Variable } from '../../wire';

export function EnvEditor({
  env,
  onChange,
}: {
  env: readonly Variable[];
  onChange: (env: readonly Variable[]) => void;
}): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  const [focus, setFocus] = useState(false);
  useEffect(() => {
    if (focus) list.current?.querySelector<HTMLInputElement>('li:last-of-type input')?.focus();
    setFocus(false);
  }, [focus]);
  const put = (at: number, variable: Variable): void =>
    onChange(env.map((old, index) => (index === at ? variable : old)));
  return (
    <fieldset className="env-editor">
      <legend>Environment</legend>
      {env.length > 0 && (
        <ul ref={list}>
          {env.map(({ name, value }, at) => (
            <li key={at}>
              <input
                className="field mono"
                aria-label={`Name of variable ${at + 1}`}
                placeholder="NAME"
                value={name}
                spellCheck={false}
                onChange={(event) => put(at, { name: event.target.value, value })}
              />
              <span aria-hidden="true">=</span>
              <input
                className="field mono"
                aria-label={`Value of ${name || `variable ${at + 1}`}`}
                placeholder="value"
                value={value}
                spellCheck={false}
                onChange={(event) => put(at, { name, value: event.target.value })}
              />
              <Button
                small
                icon="close"
                tip={`Remove ${name || 'this variable'}`}
                onClick={() => onChange(env.filter((_, index) => index !== at))}
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
            onChange([...env, { name: '', value: '' }]);
            setFocus(true);
          }}
        >
          Variable
        </Button>
        <span className="quiet">Added to the environment of the server.</span>
      </p>
    </fieldset>
  );
}
