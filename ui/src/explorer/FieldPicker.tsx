/** The fields for color, stroke or chart: a searchable list with multiple ordered choices. */
import { useMemo, useState, type ReactNode } from 'react';
import { FindField } from '../parts/design/FindField';
import { textOf, type Item, type Result } from '../data/result';
import { Button } from '../parts/design/controls';
import { Icon, type IconName } from '../parts/design/Icon';
import { PopoverButton, walkItems } from '../parts/design/Popover';
import { ANY_CONTEXT, fieldOf, fieldsOf, KIND_TITLES, type Field, type FieldKind } from './fields';
import { plural } from '../text/format';
import { findWords, hasWords } from '../text/find';

interface FieldPickerProps {
  title: string;
  icon: IconName;
  chosen: readonly string[];
  standard: readonly string[];
  result: Pick<Result<Item>, 'items' | 'paths'>;
  /** The number of values of a field, as text, if the result does not contain all items. */
  told?: (field: Field) => string;
  onChange: (chosen: readonly string[]) => void;
  /** Text before the names of the fields. */
  before?: string;
  off?: boolean;
  /** The fields that `ANY_CONTEXT` stands for. */
  telling?: readonly string[];
  small?: boolean;
  /** More controls, below the list. */
  children?: ReactNode;
}

export function FieldPicker(props: FieldPickerProps): ReactNode {
  const { title, icon, chosen, before, off = false, telling, small = false, ...fields } = props;
  const names = chosen.flatMap((id) => namesOf(id, telling));
  return (
    <PopoverButton
      small={small}
      icon={icon}
      label={`${title} by`}
      tip={names.length > 1 ? `${title} by ${names.join(', ')}` : undefined}
      panel={() => <Fields title={`${title} by`} chosen={chosen} {...fields} />}
    >
      <span className="picker-title">{title}</span>
      <span className={`picker-value ${off ? 'off' : ''}`}>
        {before && names.length > 0 && `${before} `}
        {names.length === 0 ? 'none' : <bdi>{names[0]}</bdi>}
        {names.length > 1 && ` +${names.length - 1}`}
      </span>
    </PopoverButton>
  );
}

/** As in the legend. */
const namesOf = (id: string, telling: readonly string[] = [id]): readonly string[] =>
  (id === ANY_CONTEXT ? telling : [id]).map((field) => fieldOf(field).label);

/** Stop counting here. */
const COUNTED = 200;

function distinct(field: Field, result: Pick<Result<Item>, 'items'>): string {
  const seen = new Set<unknown>();
  for (const series of result.items) {
    const value = field.of(series);
    seen.add(typeof value === 'object' ? textOf(value) : value);
    if (seen.size > COUNTED) return `over ${COUNTED} values`;
  }
  return plural(seen.size, 'value');
}

const ORDER: readonly FieldKind[] = ['metric', 'media', 'run', 'context', 'param'];

export function Fields({
  title,
  chosen,
  standard,
  result,
  told,
  onChange,
  children,
}: Omit<FieldPickerProps, 'icon' | 'before' | 'off' | 'telling' | 'small'>): ReactNode {
  const [find, setFind] = useState('');
  // The list must not change while it is open, so a chosen field that this result lacks stays listed.
  const [chosenFirst] = useState(chosen);
  const all = useMemo(() => {
    const known = fieldsOf(result);
    const missing = chosenFirst.filter((id) => !known.some((field) => field.id === id)).map(fieldOf);
    return [...known, ...missing].map((field) => ({ field, values: told ? told(field) : distinct(field, result) }));
  }, [result, told, chosenFirst]);
  const words = findWords(find);
  const matching = all.filter(({ field }) => hasWords(`${field.label} ${field.id}`, words));
  const toggle = (id: string): void =>
    onChange(chosen.includes(id) ? chosen.filter((item) => item !== id) : [...chosen, id]);
  return (
    <div className="picker" onKeyDown={walkItems}>
      <div className="picker-head">
        <FindField label="Find a field" placeholder={`${title}…`} value={find} onFind={setFind} first />
      </div>
      <div className="picker-list" role="group" aria-label={title}>
        {ORDER.map((kind) => {
          const fields = matching.filter(({ field }) => field.kind === kind);
          if (fields.length === 0) return null;
          return (
            <div key={kind} role="group" aria-label={KIND_TITLES[kind]}>
              <h3>{KIND_TITLES[kind]}</h3>
              {fields.map(({ field, values }) => {
                const at = chosen.indexOf(field.id);
                return (
                  <button
                    key={field.id}
                    type="button"
                    role="checkbox"
                    aria-checked={at >= 0}
                    data-item
                    className="picker-item"
                    onClick={() => toggle(field.id)}
                  >
                    <span className="picker-mark" aria-hidden="true">
                      {at >= 0 && (chosen.length > 1 ? at + 1 : <Icon name="check" size={12} />)}
                    </span>
                    <span className="menu-label">
                      <bdi>{field.label}</bdi>
                    </span>
                    <span className="menu-detail">{values}</span>
                  </button>
                );
              })}
            </div>
          );
        })}
        {matching.length === 0 && (
          <p className="menu-empty">
            No field is called “<bdi>{find}</bdi>”.
          </p>
        )}
      </div>
      {children}
      <div className="picker-foot">
        <Button small disabled={chosen.length === 0} onClick={() => onChange([])}>
          Clear
        </Button>
        <Button small disabled={chosen.join('\n') === standard.join('\n')} onClick={() => onChange(standard)}>
          Default
        </Button>
      </div>
    </div>
  );
}
