/** The table of runs. The server sorts, searches and groups them; only visible rows are loaded. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { messageOf } from '../../data/error';
import type { Item } from '../../data/result';
import type { Column } from '../../explorer/columns';
import type { Field } from '../../explorer/fields';
import { Highlight } from '../../explorer/highlight';
import { TableArea } from '../../explorer/TableArea';
import type { Row } from '../../explorer/rows';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import type { Problem } from '../../wire';
import { saveRows } from '../../explorer/TablePanel';
import { useSelection } from '../../explorer/useSelection';
import type { View } from '../../explorer/view/view';
import { useToast } from '../../parts/design/Toast';
import { useRested } from '../../parts/useRested';
import { countText, plural } from '../../text/format';
import { isMetric, isParam } from './columnIds';
import { runColumns } from './columns';
import { NOTHING, openRun } from './open';
import type { TableQuestion } from './ask';
import { GroupRows } from './groupRows';
import type { GroupBy } from './keys';
import { PAGES, type RunPages } from './pages';
import { useGroupMarker } from './useGroupMarker';
import { RunBatch } from './RunPanel';
import { RunSearch, type RunPageProps } from './RunCondition';
import { GroupPicker, ValuesButton } from './RunTools';
import { useColumnsOf, useReducers } from './useRunColumns';
import { useDiffering, useEnds, useFacts, valuesOfField } from './useFacts';
import { STANDARD, writeReducers, type Reducers } from './reducers';
import { useView } from '../../explorer/view/useView';

export function PagedRuns(): ReactNode {
  const reducers = useReducers();
  const [view] = useView();
  const find = useRested(view.find);
  const wanted = useCallback(
    (view: View): TableQuestion => ({
      q: view.q ?? '',
      sort: view.sort,
      find,
      reducers: questionText(reducers, find),
      group: groupOf(view),
    }),
    [reducers, find],
  );
  return (
    <RunSearch title="Runs" question={PAGES} wanted={wanted} told={toldOf}>
      {(props) => <Rows {...props} />}
    </RunSearch>
  );
}

function groupOf({ color, allBut, off, line }: View): GroupBy | null {
  const but = allBut.includes('color');
  return off.includes('color') || (color.length === 0 && !but) ? null : { fields: color, but, fold: line };
}

const toldOf = ({ matched, columns, about }: RunPages) => ({
  runs: matched,
  series: columns.series,
  seconds: about.seconds,
  notes: [...about.notes, ...damageNote(columns.damaged)],
});

const damageNote = (runs: number): readonly string[] =>
  runs > 0
    ? [`${plural(runs, 'run')} ${runs === 1 ? 'has' : 'have'} damaged files: find them with run.damaged > 0`]
    : [];

/** A text search depends on the shown values of metrics; otherwise only at-best columns matter. */
function questionText(reducers: Reducers, find: string): string {
  const address = writeReducers(find.trim() === '' ? { ...reducers, values: STANDARD, own: new Map() } : reducers);
  const pairs = Object.entries(address).flatMap(([name, texts]) =>
    (Array.isArray(texts) ? texts : texts ? [texts] : []).map((text) => [name, String(text)]),
  );
  return new URLSearchParams(pairs).toString();
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
  } = useColumnsOf(pages, useReducers(), pages.besides, range, view, change, pages.names);
  const offered = useDiffering(columns, view.diff ? facts : null);
  const { q } = pages.wanted;
  const { open } = view;
  const { outline } = pages;
  const groups = useMemo(() => (outline ? new GroupRows(pages, outline, open) : null), [pages, outline, open]);
  const source = groups ?? pages;
  const markerOf = useGroupMarker(outline, view);
  const selection = useSelection(source, q, pages.runAs);
  const told = useCallback((field: Field) => (facts ? valuesOfField(field, facts) : ''), [facts]);
  const save = async (out: readonly Column<Item>[]): Promise<void> => {
    setSaving(true);
    try {
      const whole = await pages.whole(
        out.map(({ id }) => id),
        !outline || open.length > 0,
      );
      const all = new Map(
        runColumns(whole, { ...wanted, besides: whole.besides }).map((column) => [column.id, column]),
      );
      const from = whole.outline ? new GroupRows(whole, whole.outline, open) : whole;
      const rows = Array.from({ length: from.count }, (_, at) => from.row(at) ?? []).flat();
      saveRows(
        out.map((column) => all.get(column.id) ?? column),
        rows,
        'run',
        q || 'runs',
      );
    } catch (error) {
      toast({ text: messageOf(error), tone: 'danger' });
    }
    setSaving(false);
  };
  const { count, matched } = pages;
  const all = open.length === 0;
  const onHold = useCallback(
    (row: Row<Item>) => {
      if (!row.bundle) openRun(row);
      else change({ open: open.includes(row.key) ? open.filter((key) => key !== row.key) : [...open, row.key] });
    },
    [change, open],
  );
  return (
    <div className={`runs-page ${groups ? '' : 'plain'}`}>
      <h2 className="hidden-text">Table</h2>
      {pages.problem && <RowsProblem problem={pages.problem} onRetry={() => pages.again()} />}
      <TableArea
        noun="run"
        rows={source}
        selection={selection}
        counted={count === matched ? plural(matched, 'run') : `${countText(count)} of ${plural(matched, 'run')}`}
        columns={columns}
        offered={offered}
        longest={outline?.longest ?? null}
        view={view}
        change={change}
        shown={EVERY}
        marker={markerOf}
        onToggle={NOTHING}
        onHold={onHold}
        onCSV={(out) => void save(out)}
        saving={saving}
        highlight={highlight}
        columnMenu={menu}
        marks={groups ? GROUP_MARKS : MARKS}
        batch={(runs) => <RunBatch runs={runs} measured={pages.measured} />}
        tools={
          <>
            <GroupPicker view={view} change={change} result={pages.result} told={told} onOpen={onPick} />
            {outline && (
              <Button small onClick={() => change({ open: all ? outline.groups.map(({ key }) => key) : [] })}>
                {all ? 'List all runs' : 'Groups only'}
              </Button>
            )}
            <ValuesButton reducers={wanted.reducers} onChange={changeValues} />
          </>
        }
      />
      {dialog}
    </div>
  );
}

function RowsProblem({ problem: { message, hint }, onRetry }: { problem: Problem; onRetry: () => void }): ReactNode {
  return (
    <p className="rows-problem" role="alert">
      <Icon name="alert" size={16} />
      <span>
        Some rows could not be loaded. <bdi>{message}</bdi> {hint && <bdi>{hint}</bdi>}
      </span>
      <Button small look="outline" icon="reset" onClick={onRetry}>
        Try again
      </Button>
    </p>
  );
}

/** The width of the checkbox, and of checkbox and color. */
const MARKS = 44;
const GROUP_MARKS = 66;
const EVERY = { has: () => true };

/** The visible columns with a color scale. */
function scaledOf({ sight }: RunPages, { scale, scaled }: View): readonly string[] {
  const numeric = (sight?.columns ?? []).filter((id) => isMetric({ id }) || isParam({ id }));
  return numeric.filter((id) => scale !== scaled.includes(id));
}
