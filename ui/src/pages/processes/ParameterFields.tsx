/** The parameters of a command, each with a field for one or several values. */
import { useId, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { PopoverButton } from '../../parts/design/Popover';

export interface ParameterState {
  readonly name: string;
  /** The text of the field. */
  readonly text: string;
  /** The placeholder; null if a value is required. */
  readonly usual: string | null;
  /** The parsed value, or null if it is not known yet. */
  readonly values: readonly string[] | null;
  readonly problem: string | null;
  readonly note: string | null;
}

export function ParameterFields({
  parameters,
  usualFrom,
  onChange,
  onRemove,
}: {
  parameters: readonly ParameterState[];
  /** The origin of the defaults: "the run" or "the template". */
  usualFrom: string;
  onChange: (name: string, text: string) => void;
  /** Replaces the parameter in the command by its default. */
  onRemove: ((name: string) => void) | null;
}): ReactNode {
  return (
    <div className="parameters">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          {...parameter}
          usualFrom={usualFrom}
          onChange={onChange}
          onRemove={onRemove}
        />
      ))}
      <div className="parameters-help">
        <Syntax />
      </div>
    </div>
  );
}

const SHOWN = 6;

export function listedValues(values: readonly string[]): string {
  const shown = values.slice(0, SHOWN).join(', ');
  return values.length > SHOWN ? `${shown}, … ${values[values.length - 1]}` : shown;
}

function ParameterField({
  name,
  text,
  usual,
  values,
  problem,
  note,
  usualFrom,
  onChange,
  onRemove,
}: ParameterState & {
  usualFrom: string;
  onChange: (name: string, text: string) => void;
  onRemove: ((name: string) => void) | null;
}): ReactNode {
  const id = useId();
  const changed = usual !== null && text !== usual;
  const shown = usual === '' ? 'empty' : usual;
  const many = values !== null && (values.length > 1 || values[0] !== text);
  return (
    <div className={`parameter ${changed ? 'changed' : ''}`}>
      <label htmlFor={id}>
        <bdi>{name}</bdi>
      </label>
      <div className="parameter-value">
        <input
          id={id}
          className="field mono"
          value={text}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder={usual === null ? 'required' : 'empty'}
          required={usual === null}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-says`}
          onChange={(event) => onChange(name, event.target.value)}
        />
        {changed && <Button small icon="undo" tip={`Reset to ${shown}`} onClick={() => onChange(name, usual)} />}
        {onRemove && <Button small icon="close" tip="Turn back into plain text" onClick={() => onRemove(name)} />}
      </div>
      <p id={`${id}-says`} className={`parameter-says ${problem ? 'wrong' : ''}`}>
        {problem ? (
          <>
            <Icon name="alert" size={12} /> <bdi>{problem}</bdi>
          </>
        ) : many && values ? (
          <bdi>{values.length === 1 ? values[0] : `${values.length} values: ${listedValues(values)}`}</bdi>
        ) : note ? (
          <bdi>{note}</bdi>
        ) : (
          changed && (
            <>
              <bdi>{shown}</bdi> in {usualFrom}
            </>
          )
        )}
      </p>
    </div>
  );
}

const SYNTAX: readonly (readonly [string, string])[] = [
  ['0.1, 0.01, 0.001', 'each of these values'],
  ['1..5', 'integers from 1 to 5'],
  ['0..1:0.25', 'from 0 to 1 in steps of 0.25'],
  ['log(1e-5..1e-1:5)', 'five numbers, evenly spaced on a log scale'],
  ['log(1e-5..1e-1)', 'random numbers, uniform on a log scale'],
  ['uniform(0..1)', 'random numbers, uniform'],
  ['a\\, b', 'one value that contains a comma'],
];

function Syntax(): ReactNode {
  return (
    <PopoverButton
      small
      icon="list"
      label="How to write several values"
      panel={() => (
        <div className="panel syntax">
          <h3>How to write several values</h3>
          <dl>
            {SYNTAX.map(([written, means]) => (
              <div key={written}>
                <dt>
                  <code>{written}</code>
                </dt>
                <dd>{means}</dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    >
      How to write several values
    </PopoverButton>
  );
}
