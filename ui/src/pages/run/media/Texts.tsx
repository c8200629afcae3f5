/** Texts by step, searchable. Logged text is shown verbatim: never as Markdown, never as HTML. */
import { useRef, useDeferredValue, useEffect, useState, type ReactNode } from 'react';
import { FindField } from '../../../parts/design/FindField';
import { Button } from '../../../parts/design/controls';
import { useToast } from '../../../parts/design/Toast';
import { countText, exactDateText, plural } from '../../../text/format';
import { messageOf } from '../../../data/error';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { useApi } from '../../../data/api';
import { PlainTable } from '../../../parts/PlainTable';
import { Answer } from '../../../parts/Sheet';
import { SeriesList } from './Series';
import { useValues, values } from './useMedia';

const AT_ONCE = 50;
const SEARCHED = 5_000;
/** The page size for texts that arrived since the last page was read. */
const GROWN = 500;

export function Texts({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <SeriesList series={series} noun="text" wide shared={false}>
      {(title) => <LoadedText run={run} series={title} />}
    </SeriesList>
  );
}

function LoadedText({ run, series }: { run: Run; series: MediaSeries }): ReactNode {
  const asked = useValues(run, series, { steps: AT_ONCE, spread: false });
  return (
    <Answer of={asked}>{(first) => <TextTable key={series.name} run={run} series={series} first={first} />}</Answer>
  );
}

function TextTable({ run, series, first }: { run: Run; series: MediaSeries; first: MediaValues }): ReactNode {
  const { shown, next, more, busy, failed } = usePages(run, series, first);
  const [find, setFind] = useState('');
  const word = useDeferredValue(find).trim().toLowerCase();
  const searching = word !== '' && next !== null && !failed && shown.length < SEARCHED;
  useEffect(() => {
    if (searching && !busy) more(500);
  }, [searching, busy, more]);
  const matching = word === '' ? shown : shown.filter((value) => (value.text ?? '').toLowerCase().includes(word));
  return (
    <>
      {series.count > 5 && (
        <p className="table-find">
          <FindField label={`Find in ${series.name}`} placeholder="Find in these texts" value={find} onFind={setFind} />
          {word && (
            <span className="count" role="status">
              {searching ? 'Searching…' : `${countText(matching.length)} of ${plural(shown.length, 'text')}`}
            </span>
          )}
        </p>
      )}
      {word && !searching && matching.length === 0 && (
        <p className="quiet">
          No text contains “<bdi>{find}</bdi>”.
        </p>
      )}
      {matching.length > 0 && (
        <PlainTable label={`Texts of ${series.name}`} look="texts" head={[{ label: 'Step', end: true }, 'Text']}>
          {matching.map((value) => (
            <TextEntry key={`${value.step} ${value.index} ${value.blob}`} run={run} value={value} />
          ))}
        </PlainTable>
      )}
      {next !== null && !searching && (
        <p className="card-foot">
          <Button small look="outline" disabled={busy} onClick={() => more(AT_ONCE)}>
            {`Show more of ${plural(series.count, 'text')}`}
          </Button>
        </p>
      )}
    </>
  );
}

/** The first page comes with the series; the last page, which may grow, is read again when the series grows. */
function usePages(
  run: Run,
  series: MediaSeries,
  first: MediaValues,
): {
  shown: readonly MediaValue[];
  next: number | null;
  more: (steps: number) => void;
  busy: boolean;
  failed: boolean;
} {
  const toast = useToast();
  const [pages, setPages] = useState<readonly MediaValues[]>([]);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const all = [first, ...pages];
  const next = all.at(-1)?.next ?? null;
  const from = pages.length > 0 && next === null ? (all.at(-2)?.next ?? null) : null;
  const { ask } = useApi();
  const latest = useRef({ run, series, from });
  useEffect(() => {
    latest.current = { run, series, from };
  });
  useEffect(() => {
    const { run: own, series: mine, from: lo } = latest.current;
    if (lo === null) return undefined;
    const abort = new AbortController();
    values(ask, own, mine, { steps: GROWN, lo, spread: false }, abort.signal).then(
      (page) => !abort.signal.aborted && setPages((old) => [...old.slice(0, -1), page]),
      // The next news triggers another request.
      () => undefined,
    );
    return () => abort.abort();
  }, [ask, first]);
  const more = (steps: number): void => {
    if (next === null) return;
    setBusy(true);
    setFailed(false);
    values(ask, run, series, { steps, lo: next, spread: false }, new AbortController().signal)
      .then(
        (page) => setPages((old) => [...old, page]),
        (error: unknown) => {
          setFailed(true);
          toast({ text: messageOf(error), tone: 'danger' });
        },
      )
      .finally(() => setBusy(false));
  };
  return { shown: all.flatMap((page) => page.values), next, more, busy, failed };
}

const FOLDED = 600;

function TextEntry({ run, value }: { run: Run; value: MediaValue }): ReactNode {
  const { ask } = useApi();
  const toast = useToast();
  const [whole, setWhole] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const begin = value.text ?? '';
  const long = value.cut || begin.length > FOLDED || begin.split('\n').length > 12;
  const show = (): void => {
    setOpen(!open);
    if (open || !value.cut || whole !== null) return;
    ask
      .blob(run.id, value.blob)
      .then((response) => response.text())
      .then(setWhole, (error: unknown) => toast({ text: messageOf(error), tone: 'danger' }));
  };
  return (
    <tr>
      <th scope="row" className="end number" title={exactDateText(value.time)}>
        {countText(value.step)}
      </th>
      <td className="wrap">
        {value.caption && (
          <p className="object-caption">
            <bdi>{value.caption}</bdi>
          </p>
        )}
        <p className={`object-text${long && !open ? ' folded' : ''}`}>
          <bdi>{open && whole !== null ? whole : begin}</bdi>
          {value.cut && !(open && whole !== null) && '…'}
        </p>
        {long && (
          <Button small look="outline" aria-expanded={open} onClick={show}>
            {open ? 'Show less' : 'Show all'}
          </Button>
        )}
      </td>
    </tr>
  );
}
