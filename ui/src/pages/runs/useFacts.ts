/** The columns in which runs differ, and the min and max of columns, requested when a table first needs them. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { address, requestsOf } from '../../data/api';
import { messageOf } from '../../data/error';
import { useSource } from '../../data/source';
import type { Column } from '../../explorer/columns';
import type { Field } from '../../explorer/fields';
import type { ValueRange } from '../../explorer/shade';
import { plural } from '../../text/format';
import { useToast } from '../../parts/design/Toast';
import type { Facts } from '../../wire';
import type { Item } from '../../data/result';
import { measuredOf, PARAM } from './columnIds';
import { keyOf } from './keys';
import { measuredAs } from './measured';
import type { RunPages } from './pages';

/** Milliseconds between two requests while runs change. */
const PACE = 5000;

/** Null while loading, or if not wanted. */
export function useFacts(pages: RunPages, wanted: boolean): Facts | null {
  const { q } = pages.wanted;
  const [answer, setAnswer] = useState<{ q: string; facts: Facts } | null>(null);
  const take = useCallback((facts: Facts) => setAnswer({ q, facts }), [q]);
  usePacedFacts(pages, wanted ? 'values' : '', { values: true }, take);
  return wanted && answer?.q === q ? answer.facts : null;
}

type EndsOf = (id: string) => ValueRange | null;

/** The min and max of columns over all matched runs; requests the unknown ones of `ids`. */
export function useEnds(pages: RunPages, ids: readonly string[]): EndsOf {
  const { q } = pages.wanted;
  const [known, setKnown] = useState<{ q: string; of: ReadonlyMap<string, ValueRange | null> }>({ q, of: new Map() });
  const of = known.q === q ? known.of : NONE;
  const missing = ids.filter((id) => !of.has(id));
  const text = (missing.length > 0 ? missing : ids).join('\n');
  const named = useMemo(() => text.split('\n'), [text]);
  const take = useCallback(
    ({ bounds }: Facts) => {
      const fresh = named.map(
        (id, at) => [id, bounds[at] ? ([bounds[at].low, bounds[at].high] as const) : null] as const,
      );
      setKnown((old) => ({ q, of: new Map([...(old.q === q ? old.of : []), ...fresh]) }));
    },
    [q, named],
  );
  usePacedFacts(pages, text, { bounds: JSON.stringify(named.map((id) => keyOf(id, pages.columns) ?? NOTHING)) }, take);
  return useCallback((id) => of.get(id) ?? null, [of]);
}

const NONE: ReadonlyMap<string, ValueRange | null> = new Map();
const NOTHING = { column: 'None' };

/** Requests facts when `text` changes, and again at intervals while runs change. */
function usePacedFacts(
  { wanted: { q }, about: { revision } }: RunPages,
  text: string,
  query: { values?: boolean; bounds?: string },
  take: (facts: Facts) => void,
): void {
  const source = useSource();
  const toast = useToast();
  const last = useRef({ text: '', at: 0 });
  const path = address('page/facts', { q, bounds: query.bounds, ...(query.values && { values: 'true' }) });
  useEffect(() => {
    if (text === '') return undefined;
    const abort = new AbortController();
    const same = last.current.text === path;
    const timer = window.setTimeout(
      () => {
        last.current = { text: path, at: performance.now() };
        const failed = (error: unknown): void => {
          if (!abort.signal.aborted) toast({ text: messageOf(error), tone: 'danger' });
        };
        requestsOf(source).json<Facts>(path, { signal: abort.signal }).then(take, failed);
      },
      same ? Math.max(0, last.current.at + PACE - performance.now()) : 0,
    );
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [source, toast, text, path, take, revision]);
}

/** The columns in which the runs differ, without hashes, which always differ. */
export function useDiffering(columns: readonly Column<Item>[], facts: Facts | null): readonly Column<Item>[] {
  return useMemo(() => (facts ? columns.filter(({ id }) => differs(id, facts)) : columns), [columns, facts]);
}

const FIELDS = new Map([
  ['experiment', 'experiment'],
  ['run.status', 'status'],
  ['created', 'created_at'],
  ['duration', 'duration'],
  ['run.tags', 'tags'],
  ['description', 'description'],
]);

function differs(id: string, { runs, fields, params, metrics }: Facts): boolean {
  if (runs < 2 || id === 'run.name') return true;
  if (id === 'hash') return false;
  const field = FIELDS.get(id);
  if (field !== undefined) return (fields[field] ?? 0) > 1;
  if (id.startsWith(PARAM)) {
    const param = params.find(({ path }) => path.join('.') === id.slice(PARAM.length));
    return param !== undefined && (param.values > 1 || param.runs < runs);
  }
  const shown = measuredOf({ id });
  if (!shown) return true;
  const metric = metrics.find(({ name, context }) => measuredAs(name, context).id === shown.metric);
  return metric?.differing?.includes(shown.value) ?? false;
}

/** The number of values of a field, as text. */
export function valuesOfField({ id, kind }: Field, facts: Facts): string {
  if (id === 'run.hash') return plural(facts.runs, 'value');
  const param = kind === 'param' && facts.params.find(({ path }) => `params.${path.join('.')}` === id);
  if (param) return plural(param.values + (param.runs < facts.runs ? 1 : 0), 'value');
  return plural(facts.fields[id.replace('run.', '')] ?? 1, 'value');
}
