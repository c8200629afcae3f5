/** Media of all runs that a query selects, one kind at a time, in rows and columns. */
import { useState, type ReactNode } from 'react';
import { CELLS, type MediaResult } from '../../data/cells';
import { QueryBox } from '../../explorer/QueryBox';
import { SearchLine } from '../../explorer/SearchLine';
import { AnswerNotes } from '../../explorer/states';
import { Unanswered } from '../../explorer/Unanswered';
import { useView, ViewContext } from '../../explorer/view/useView';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { Boundary } from '../../parts/design/Boundary';
import { Button } from '../../parts/design/controls';
import { FindField } from '../../parts/design/FindField';
import { useDraft } from '../../parts/design/useDraft';
import { Notice } from '../../parts/states';
import { useTitle } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { countText, durationText, plural } from '../../text/format';
import type { MediaKindRow } from './kindRow';
import { kindNamed, kindOfQuery, KINDS, queryFor } from './kinds';
import { LONGEST_FIND, OWN_OF_KIND } from './mediaAddress';
import { MediaExplorer } from './MediaExplorer';
import { useMediaAddress } from './useMediaAddress';
import '../../parts/parts.css';
import './media.css';

/** Milliseconds without a key. */
const RESTS = 400;

export default function MediaPage(): ReactNode {
  const [store] = useState(() => viewInAddress({ ...DEFAULT_VIEW, q: '' }));
  return (
    <ViewContext value={store}>
      <MediaSearch />
    </ViewContext>
  );
}

function MediaSearch(): ReactNode {
  const [view, changeView] = useView();
  const [address, change] = useMediaAddress();
  const q = view.q ?? '';
  const kind = kindNamed(address.kind);
  useTitle(q || kind.label);
  const { lo, hi, low, high, steps, find } = address;
  const [search, searcher] = useSearcher(CELLS, {
    q,
    kind: kind.kind,
    lo,
    hi,
    low_index: low,
    high_index: high,
    steps,
    find: kind.searched === null ? '' : find,
  });
  const showKind = (next: MediaKindRow): void => change({ ...OWN_OF_KIND, kind: next === KINDS[0] ? null : next.kind });
  const onSearch = (text: string): void => {
    const named = kindOfQuery(text);
    if (named && named !== kind) showKind(named);
    if (text === q) searcher.again();
    else changeView({ q: text });
  };
  const onKind = (next: MediaKindRow): void => {
    showKind(next);
    const text = queryFor(q, kind, next);
    if (text !== q) changeView({ q: text });
  };
  const { result } = search;
  return (
    <>
      <h1 className="hidden-text">Media</h1>
      <div className="query-row">
        <div className="media-kinds">
          <KindButtons chosen={kind} onChoose={onKind} />
          <FindText kind={kind} find={find} onFind={(text) => change({ find: text }, 'adjust')} />
        </div>
        <div className="query-line">
          <QueryBox
            query={q}
            problem={search.problem?.start === null ? null : search.problem}
            searching={search.phase === 'loading'}
            label={`Query of ${kind.nouns}`}
            placeholder={`Names of ${kind.nouns}, then a condition: ${kind.example}`}
            media
            onSearch={onSearch}
            onCancel={() => searcher.cancel()}
          />
          <BookmarkButton />
        </div>
        <SearchLine search={search} of={kind.nouns}>
          {result && <MediaSummary phase={search.phase} kind={kind} result={result} />}
        </SearchLine>
      </div>
      <Boundary resetOn={result}>
        {result && result.matched > 0 && search.phase !== 'failed' && search.answered?.kind === kind.kind ? (
          <MediaExplorer key={kind.kind} result={result} kind={kind} q={q} address={address} change={change} />
        ) : (
          <Unanswered search={search} of={kind.nouns} again={() => searcher.again()}>
            <NoMedia result={result} kind={kind} q={q} onSearch={onSearch} />
          </Unanswered>
        )}
      </Boundary>
    </>
  );
}

function KindButtons({
  chosen,
  onChoose,
}: {
  chosen: MediaKindRow;
  onChoose: (kind: MediaKindRow) => void;
}): ReactNode {
  return (
    <div className="media-kind-buttons" role="group" aria-label="Kind of media">
      {KINDS.map((kind) => (
        <Button
          key={kind.kind}
          small
          icon={kind.icon}
          active={kind === chosen}
          aria-pressed={kind === chosen}
          onClick={() => onChoose(kind)}
        >
          {kind.label}
        </Button>
      ))}
    </div>
  );
}

function FindText({
  kind,
  find,
  onFind,
}: {
  kind: MediaKindRow;
  find: string;
  onFind: (text: string) => void;
}): ReactNode {
  const [draft, setDraft] = useDraft(onFind, RESTS);
  if (kind.searched === null) return null;
  return (
    <FindField
      label={`Find in ${kind.searched}: a regular expression`}
      placeholder={`Find in ${kind.searched} (regex)`}
      value={draft ?? find}
      onFind={(text) => setDraft(text.slice(0, LONGEST_FIND))}
    />
  );
}

function MediaSummary({ phase, kind, result }: { phase: string; kind: MediaKindRow; result: MediaResult }): ReactNode {
  if (phase !== 'done' || result.matched === 0) return null;
  const { items, inside, matched, steps, stepsFound, runs, seconds, searched, characters } = result;
  const all = plural(matched, kind.noun);
  return (
    <>
      {items.length < matched ? `${countText(items.length)} of ${all}` : all} of {plural(runs.length, 'run')} ·{' '}
      {durationText(seconds)}
      {steps < stepsFound && (
        <span className="warn">
          {` · ${countText(steps)} of ${countText(stepsFound)} steps, evenly spread; choose a range or more steps to see the others`}
        </span>
      )}
      {searched === 0 && items.length < inside && steps === stepsFound && (
        <span className="warn"> · Narrow the query to see the others.</span>
      )}
      {searched > 0 && ` · ${plural(searched, kind.noun)} searched`}
      {searched > 0 && kind.kind === 'text' && `, of each the first ${countText(characters)} characters`}
    </>
  );
}

function NoMedia({
  result,
  kind,
  q,
  onSearch,
}: {
  result: MediaResult | null;
  kind: MediaKindRow;
  q: string;
  onSearch: (q: string) => void;
}): ReactNode {
  if (q === '')
    return (
      <Notice icon={kind.icon} title={`No ${kind.nouns}`}>
        <p>
          <code>{kind.code}</code> records one. It appears here at once.
        </p>
      </Notice>
    );
  return (
    <Notice icon="search" title="Nothing matches">
      <AnswerNotes notes={result?.notes ?? []} query={q} onSearch={onSearch} />
      <Button look="outline" onClick={() => onSearch('')}>
        {`Show all ${kind.nouns}`}
      </Button>
    </Notice>
  );
}
