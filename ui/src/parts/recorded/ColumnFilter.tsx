/** What the cells of one column must be: a text, a range, or true or false. */
import { useState, type FormEvent, type ReactNode } from 'react';
import type { CellColumn, CellFilter } from '../../wire';
import { Button, Choice, Switch } from '../design/controls';
import { endOf } from './cells';

export interface ColumnFilterProps {
  readonly column: CellColumn;
  readonly at: number;
  readonly filter: CellFilter | null;
  readonly onFilter: (filter: CellFilter | null) => void;
}

export function ColumnFilter(of: ColumnFilterProps): ReactNode {
  if (of.column.kind === 'bool') return <BoolFilter {...of} />;
  return of.column.kind === 'text' ? <TextFilter {...of} /> : <RangeFilter {...of} />;
}

const BOOLS = [
  { value: '', label: 'All rows' },
  { value: 'true', label: 'true' },
  { value: 'false', label: 'false' },
] as const;

function BoolFilter({ at, filter, onFilter }: ColumnFilterProps): ReactNode {
  return (
    <div className="cell-filter">
      <Choice
        label="Rows that are"
        value={filter?.find ?? ''}
        options={BOOLS}
        onChange={(find) => onFilter(find === '' ? null : { column: at, find })}
      />
    </div>
  );
}

function TextFilter({ column, at, filter, onFilter }: ColumnFilterProps): ReactNode {
  const [find, setFind] = useState(filter?.find ?? '');
  const [pattern, setPattern] = useState(filter?.pattern ?? false);
  return (
    <FilterForm
      ready
      onApply={() => onFilter(find === '' ? null : { column: at, find, pattern })}
      onClear={() => onFilter(null)}
    >
      <input
        className="field"
        type="search"
        aria-label={`Text in ${column.name}`}
        placeholder={pattern ? 'Pattern' : 'Contains'}
        maxLength={200}
        value={find}
        onChange={(event) => setFind(event.target.value)}
      />
      <Switch checked={pattern} onChange={setPattern}>
        Regular expression
      </Switch>
    </FilterForm>
  );
}

const textOf = (end: number | null | undefined, kind: CellColumn['kind']): string => {
  if (end === null || end === undefined) return '';
  return kind === 'time' ? new Date(end * 1000).toISOString() : String(end);
};

function RangeFilter({ column, at, filter, onFilter }: ColumnFilterProps): ReactNode {
  const { kind, name } = column;
  const [texts, setTexts] = useState([textOf(filter?.low, kind), textOf(filter?.high, kind)] as const);
  const [low, high] = [endOf(texts[0], kind), endOf(texts[1], kind)];
  const apply = (): void => {
    const empty = low === undefined && high === undefined;
    onFilter(empty ? null : { column: at, low: low ?? null, high: high ?? null });
  };
  const field = (end: 0 | 1, label: string, problem: boolean): ReactNode => (
    <input
      className="field"
      aria-label={`${label} of ${name}`}
      aria-invalid={problem}
      placeholder={kind === 'time' ? `${label}: 2026-11-30 12:00` : label}
      value={texts[end]}
      onChange={(event) => setTexts(end === 0 ? [event.target.value, texts[1]] : [texts[0], event.target.value])}
    />
  );
  return (
    <FilterForm ready={low !== null && high !== null} onApply={apply} onClear={() => onFilter(null)}>
      {field(0, 'Lowest', low === null)}
      {field(1, 'Highest', high === null)}
    </FilterForm>
  );
}

function FilterForm({
  ready,
  onApply,
  onClear,
  children,
}: {
  ready: boolean;
  onApply: () => void;
  onClear: () => void;
  children: ReactNode;
}): ReactNode {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) onApply();
  };
  return (
    <form className="cell-filter" onSubmit={submit}>
      {children}
      <div className="cell-filter-foot">
        <Button onClick={onClear}>Clear</Button>
        <Button look="primary" type="submit" disabled={!ready}>
          Apply
        </Button>
      </div>
    </form>
  );
}
