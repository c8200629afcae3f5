/** The metrics explorer as a page: the query, what state its search is in, and the explorer of what it found. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Searcher, type SearchState } from '../../data/searcher';
import type { ProjectState } from '../../data/useProject';
import { Boundary } from '../../design/Boundary';
import { Explorer } from '../../explorer/Explorer';
import { durationText, plural } from '../../explorer/format';
import { QueryBox } from '../../explorer/QueryBox';
import { EmptyRepo, Failed, Gone, NoMatch, Refused, Skeleton, Start } from '../../explorer/states';
import { useFrame, useNews, useTitle } from '../../frame/useFrame';
import { BookmarkButton } from '../parts/BookmarkButton';
import { rememberQuery } from '../../state/memory';
import { useView } from '../../state/useView';
import { FRESH } from '../../state/view';

export default function MetricsPage(): ReactNode {
  const [view, change] = useView();
  const { server, theme, readOnly, edited } = useFrame();
  const [searcher] = useState(() => new Searcher());
  const search = useSyncExternalStore(searcher.subscribe, () => searcher.state);
  const { reachable, lost } = server;
  useTitle(view.q || 'Metrics');

  useEffect(() => {
    if (view.q === null) searcher.clear();
    else searcher.run({ q: view.q, x: view.x });
  }, [view.q, view.x, searcher]);

  useEffect(() => () => searcher.clear(), [searcher]);

  useEffect(() => {
    if (search.phase === 'done' && search.answered && search.result?.series.length) rememberQuery(search.answered);
  }, [search.phase, search.answered, search.result?.series.length]);

  useEffect(() => {
    if (search.gone) lost();
  }, [search.gone, lost]);

  const wasReachable = useRef(true);
  useEffect(() => {
    if (reachable && !wasReachable.current) searcher.again();
    wasReachable.current = reachable;
  }, [reachable, searcher]);

  useNews({ changed: (runs) => searcher.changed(runs), began: (revision) => searcher.heard(revision) });

  const onSearch = useCallback(
    (q: string) => {
      if (q === '') change({ ...FRESH, q: null });
      else if (q === view.q) searcher.again();
      else change({ ...FRESH, q });
    },
    [change, searcher, view.q],
  );

  return (
    <>
      <h1 className="hidden-text">Metrics</h1>
      <div className="query-row">
        <div className="query-line">
          <QueryBox
          query={view.q ?? ''}
          problem={search.phase === 'failed' && !search.gone ? search.problem : null}
          searching={search.phase === 'loading'}
          onSearch={onSearch}
          onCancel={() => searcher.cancel()}
          />
          <BookmarkButton />
        </div>
        <Progress search={search} />
      </div>
      <Boundary resetOn={search.result}>
        <Body server={server} search={search} onSearch={onSearch} onRetry={() => searcher.again()}>
          {search.result && search.answered !== null && (
            <Explorer
              result={search.result}
              answered={search.answered}
              x={search.x}
              view={view}
              change={change}
              theme={theme}
              onEdited={edited}
              readOnly={readOnly}
              stale={search.phase === 'failed'}
            />
          )}
        </Body>
      </Boundary>
    </>
  );
}

interface BodyProps {
  server: ProjectState;
  search: SearchState;
  onSearch: (query: string) => void;
  onRetry: () => void;
  children: ReactNode;
}

function Body({ server, search, onSearch, onRetry, children }: BodyProps): ReactNode {
  const { project, refused, reachable } = server;
  const { phase, result, answered, problem, gone } = search;
  if (refused) return <Refused problem={refused.problem} />;
  if (!project) return reachable ? <Skeleton /> : <Gone />;
  if (project.runs === 0 && !result?.series.length) return <EmptyRepo root={project.root} />;
  const matches = result !== null && result.series.length > 0;
  if (matches) return children;
  if (phase === 'failed' && gone) return <Gone />;
  if (phase === 'failed' && problem) return <Failed problem={problem} onRetry={onRetry} />;
  if (phase === 'loading') return <Skeleton />;
  if (phase === 'done' && result && answered !== null)
    return <NoMatch query={answered} notes={result.notes} checked={result.checked} onSearch={onSearch} />;
  return <Start runs={project.runs} onSearch={onSearch} />;
}
function Progress({ search }: { search: SearchState }): ReactNode {
  const { phase, progress, result } = search;
  const percent = Math.round(progress * 100);
  return (
    <div className="status-line">
      <div
        className={`progress ${phase === 'loading' ? 'on' : ''} ${progress === 0 ? 'unknown' : ''}`}
        role="progressbar"
        aria-label="Search"
        aria-hidden={phase !== 'loading'}
        aria-valuenow={percent}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <p className="summary" role="status">
        {phase === 'done' && result && result.series.length > 0 && (
          <>
            {plural(result.series.length, 'series')} of {plural(result.runs.length, 'run')} ·{' '}
            {plural(result.points, 'point')} · {durationText(result.seconds)}
          </>
        )}
        {phase === 'loading' && (progress > 0 ? `${percent}% of the series` : 'Searching…')}
        {phase === 'cancelled' && <span className="warn">Cancelled: what had arrived is shown.</span>}
        {phase === 'failed' && result && result.series.length > 0 && (
          <span className="warn">Shown below: the search before this one.</span>
        )}
        {phase === 'done' &&
          result &&
          result.series.length > 0 &&
          result.notes.map((note) => (
            <span key={note} className="warn">
              {' '}
              · <bdi>{note}</bdi>
            </span>
          ))}
      </p>
    </div>
  );
}

