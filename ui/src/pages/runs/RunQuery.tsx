/** The condition on runs above a page, how far its answer is, and what there is to say while there are no runs to show. */
import { useState, type ReactNode } from 'react';
import type { Searcher, SearchState } from '../../data/searcher';
import { Boundary } from '../../parts/design/Boundary';
import { Button } from '../../parts/design/controls';
import { durationText, plural } from '../../text/format';
import { QueryBox } from '../../explorer/QueryBox';
import { SearchLine } from '../../explorer/SearchLine';
import { EmptyRepo } from '../../explorer/states';
import { Failed, Gone, Notice, Refused, Skeleton } from '../../parts/states';
import { useFrame, useTitle } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { FRESH, type View } from '../../explorer/view/view';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { RUNS, type RunTable } from './runTable';
import type { Change } from '../../explorer/view/store';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { useView, ViewContext } from '../../explorer/view/useView';
import { RUN_VIEW } from './runView';
import '../../parts/parts.css';
import './runs.css';

export interface RunPageProps {
  table: RunTable;
  view: View;
  change: Change;
}

type Wanted = { readonly q: string };

interface RunQueryProps {
  title: string;
  children: (props: RunPageProps) => ReactNode;
}

/** A page about the runs of a condition. */
export function RunQuery(props: RunQueryProps): ReactNode {
  const [store] = useState(() => viewInAddress(RUN_VIEW));
  return (
    <ViewContext value={store}>
      <Query {...props} />
    </ViewContext>
  );
}

function Query({ title, children }: RunQueryProps): ReactNode {
  const [view, change] = useView();
  const q = view.q ?? '';
  const [search, searcher] = useSearcher(RUNS, { q });
  useTitle(view.q || title);
  const onSearch = (wanted: string): void => {
    if (wanted === q) searcher.again();
    else change({ ...FRESH, q: wanted || null });
  };
  return (
    <>
      <h1 className="hidden-text">{title}</h1>
      <div className="query-row">
        <div className="query-line">
          <QueryBox
            query={q}
            problem={search.problem?.start === null ? null : search.problem}
            searching={search.phase === 'loading'}
            before="* if "
            onSearch={onSearch}
            onCancel={() => searcher.cancel()}
          />
          <BookmarkButton />
        </div>
        <SearchLine search={search} of="runs">
          <Summary search={search} />
        </SearchLine>
      </div>
      <Boundary resetOn={search.result}>
        <Body search={search} searcher={searcher} q={q} onSearch={onSearch}>
          {(table) => children({ table, view, change })}
        </Body>
      </Boundary>
    </>
  );
}

function Summary({ search: { phase, result } }: { search: SearchState<Wanted, RunTable> }): ReactNode {
  const runs = result?.result.runs.length ?? 0;
  if (!result || runs === 0) return null;
  if (phase === 'failed') return <span className="warn">Showing previous results.</span>;
  if (phase !== 'done') return null;
  const { total, seconds, notes } = result.result;
  return (
    <>
      {plural(runs, 'run')} · {plural(total, 'series')} · {durationText(seconds)}
      {notes.map((note) => (
        <span key={note} className="warn">
          {' '}
          · <bdi>{note}</bdi>
        </span>
      ))}
    </>
  );
}

function Body({
  search,
  searcher,
  q,
  onSearch,
  children,
}: {
  search: SearchState<Wanted, RunTable>;
  searcher: Searcher<Wanted, RunTable>;
  q: string;
  onSearch: (q: string) => void;
  children: (table: RunTable) => ReactNode;
}): ReactNode {
  const { project, refused, reachable } = useFrame().server;
  const { phase, result, problem, gone } = search;
  if (refused) return <Refused problem={refused.problem} />;
  if (result && RUNS.found(result)) return children(result);
  if (!reachable || gone) return <Gone />;
  if (phase === 'cancelled')
    return (
      <Notice icon="close" title="Search canceled">
        <p>No runs were loaded.</p>
        <Button look="outline" icon="reset" onClick={() => searcher.again()}>
          Load runs
        </Button>
      </Notice>
    );
  if (problem) return <Failed problem={problem} onRetry={() => searcher.again()} />;
  if (phase !== 'done' || !result || !project) return <Skeleton />;
  if (project.runs === 0) return <EmptyRepo root={project.root} />;
  return <NoRun q={q} notes={result.result.notes} onSearch={onSearch} />;
}

function NoRun({
  q,
  notes,
  onSearch,
}: {
  q: string;
  notes: readonly string[];
  onSearch: (q: string) => void;
}): ReactNode {
  return (
    <Notice icon="search" title="No runs match">
      {notes.map((note) => (
        <p key={note}>
          <bdi>{note}</bdi>
        </p>
      ))}
      {q === '' ? (
        <p>All runs are archived. Add a condition on run.archived to see them.</p>
      ) : (
        <p>No run meets the condition. Archived runs are included only if it uses run.archived.</p>
      )}
      <Button look="outline" onClick={() => onSearch(q === '' ? 'run.archived' : '')}>
        {q === '' ? 'Show archived runs' : 'Show all runs'}
      </Button>
    </Notice>
  );
}
