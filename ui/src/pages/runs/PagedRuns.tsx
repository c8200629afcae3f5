/** Runs as rows: the server orders and searches them, and only those in sight are loaded. */
import { useCallback, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { messageOf } from '../../data/error';
import type { Item } from '../../data/result';
import type { Column } from '../../explorer/columns';
import type { Field } from '../../explorer/fields';
import { Highlight } from '../../explorer/highlight';
import { TableArea } from '../../explorer/TableArea';
import { saveRows } from '../../explorer/TablePanel';
import { useSelection } from '../../explorer/useSelection';
import type { View } from '../../explorer/view/view';
import { useToast } from '../../parts/design/Toast';
import { Failed } from '../../parts/states';
import { countText, plural } from '../../text/format';
import { isMetric, isParam } from './columnIds';
import { runColumns } from './columns';
import { NOTHING, openRun } from './open';
import { PAGES, type RunPages, type Wanted } from './pages';
import { RunBatch } from './RunPanel';
import { RunSearch, type RunPageProps } from './RunQuery';
import { GroupPicker, ValuesButton } from './RunTools';
import { useColumnsOf, useReducers } from './useRunColumns';
import { useDiffering, useEnds, useFacts, valuesOfField } from './useFacts';
import { writeReducers, type Reducers } from './reducers';
import { useView } from '../../explorer/view/useView';

/** Typing is answered when it rests. */
const REST = 200;

export function PagedRuns(): ReactNode {
  const reducers = useReducers();
  const [view] = useView();
  const find = useRested(view.find, REST);
  const wanted = useCallback(
    ({ q, sort }: View): Wanted => ({ q: q ?? '', sort, find, reducers: textOf(reducers, find) }),
    [reducers, find],
  );
  return (
    <RunSearch title="Runs" question={PAGES} wanted={wanted} told={toldOf}>
      {(props) => <Rows {...props} />}
    </RunSearch>
  );
}

const toldOf = ({ matched, columns, about }: RunPages) => ({
  runs: matched,
  series: columns.series,
  seconds: about.seconds,
  notes: about.notes,
});

/** The chosen values of metrics matter to a search for text; columns at the best of another one are loaded apart. */
function textOf(reducers: Reducers, find: string): string {
  const address = writeReducers(find.trim() === '' ? { ...reducers, values: ['last'], own: new Map() } : reducers);
  const pairs = Object.entries(address).flatMap(([name, texts]) =>
    (Array.isArray(texts) ? texts : texts ? [texts] : []).map((text) => [name, String(text)]),
  );
  return new URLSearchParams(pairs).toString();
}

function useRested(value: string, pause: number): string {
  const [rested, rest] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => rest(value), pause);
    return () => window.clearTimeout(timer);
  }, [value, pause]);
  return rested;
}

function Rows({ table: pages, view, change }: RunPageProps<RunPages>): ReactNode {
  useSyncExternalStore(pages.subscribe, () => pages.version);
  useEffect(() => () => pages.stop(), [pages]);
  const toast = useToast();
  const [highlight] = useState(() => new Highlight());
  const [picking, pick] = useState(false);
  const [saving, setSaving] = useState(false);
  const onPick = useCallback(() => pick(true), []);
  const facts = useFacts(pages, view.diff || picking);
  const endsOf = useEnds(pages, scaledOf(pages, view));
  const range = useCallback((column: Column<Item>) => () => endsOf(column.id), [endsOf]);
  const {
    columns,
    wanted,
    menu,
    change: changeValues,
    dialog,
  } = useColumnsOf(pages, useReducers(), pages.besides, range, view, change);
  const offered = useDiffering(columns, view.diff ? facts : null);
  const { q } = pages.wanted;
  const selection = useSelection(pages, q, pages.runAs);
  const told = useCallback((field: Field) => (facts ? valuesOfField(field, facts) : ''), [facts]);
  const save = async (out: readonly Column<Item>[]): Promise<void> => {
    setSaving(true);
    try {
      const whole = await pages.whole(out.map(({ id }) => id));
      const all = new Map(runColumns(whole, { ...wanted, besides: whole.besides }).map((one) => [one.id, one]));
      const rows = Array.from({ length: whole.count }, (_, at) => whole.row(at) ?? []).flat();
      saveRows(
        out.map((column) => all.get(column.id) ?? column),
        rows,
        q || 'runs',
      );
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    }
    setSaving(false);
  };
  const { count, matched } = pages;
  return (
    <div className="runs-page plain">
      {pages.problem && <Failed problem={pages.problem} onRetry={() => pages.again()} />}
      <TableArea
        noun="run"
        rows={pages}
        selection={selection}
        counted={count === matched ? plural(matched, 'run') : `${countText(count)} of ${plural(matched, 'run')}`}
        columns={columns}
        offered={offered}
        wide={false}
        view={view}
        change={change}
        shown={EVERY}
        marker={plainMarker}
        onToggle={NOTHING}
        onHold={openRun}
        onCSV={(out) => void save(out)}
        saving={saving}
        highlight={highlight}
        columnMenu={menu}
        marks={MARKS}
        batch={(runs) => <RunBatch runs={runs} measured={pages.measured} />}
        tools={
          <>
            <GroupPicker view={view} change={change} result={pages.result} told={told} onOpen={onPick} />
            <ValuesButton reducers={wanted.reducers} onChange={changeValues} />
          </>
        }
      />
      {dialog}
    </div>
  );
}

/** Rows have a box. */
const MARKS = 44;
const EVERY = { has: () => true };
const MARKER = { color: 'transparent', dash: [] };
const plainMarker = () => MARKER;

/** The columns in sight whose numbers stand on a color. */
function scaledOf({ sight }: RunPages, { scale, scaled }: View): readonly string[] {
  const numeric = (sight?.columns ?? []).filter((id) => isMetric({ id }) || isParam({ id }));
  return numeric.filter((id) => scale !== scaled.includes(id));
}
