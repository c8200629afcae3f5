/** The metrics explorer: query, search state, charts and table. A page can hold several. */
import { useCallback, useEffect, type ReactNode } from 'react';
import type { Result, Run } from '../data/result';
import type { Search } from '../data/search';
import type { SearchState } from '../data/searcher';
import type { ProjectState } from '../data/useProject';
import { Boundary } from '../parts/design/Boundary';
import { Explorer } from './Explorer';
import { durationText, plural } from '../text/format';
import { narrowed } from '../text/statement';
import { Opening } from './Opening';
import { QueryBox } from './QueryBox';
import { SearchLine } from './SearchLine';
import { EmptyRepo, NoMatch, Start } from './states';
import { Failed, Gone, Refused, Skeleton } from '../parts/states';
import { useFrame } from '../parts/useFrame';
import { AddTag } from '../parts/AddTag';
import { TagChip } from '../parts/TagChip';
import { rememberQuery } from '../parts/memory';
import { useSeriesSearch } from './useSeriesSearch';
import { useView } from './view/useView';
import { FRESH } from './view/view';
import '../parts/parts.css';

/** `beside`: more controls next to the query. */
export function MetricsExplorer({ beside }: { beside?: ReactNode }): ReactNode {
  const [view, change] = useView();
  const { server, theme, readOnly } = useFrame();
  const { search, searcher, drawn } = useSeriesSearch(view);

  const { answered } = search;
  const count = search.result?.items.length ?? 0;
  useEffect(() => {
    if (search.phase === 'done' && answered && count > 0) rememberQuery(answered.q);
  }, [search.phase, answered, count]);

  const onSearch = useCallback(
    (q: string) => {
      if (q === '') change({ ...FRESH, q: '' });
      else if (q === view.q) searcher.again();
      else change({ ...FRESH, q });
    },
    [change, searcher, view.q],
  );

  const onOpen = useCallback((q: string) => change({ q }, 'adjust'), [change]);

  return (
    <>
      <div className="query-row">
        <div className="query-line">
          <QueryBox
            query={view.q ?? ''}
            problem={search.phase === 'failed' && !search.gone ? search.problem : null}
            searching={search.phase === 'loading'}
            onSearch={onSearch}
            onCancel={() => searcher.cancel()}
          />
          {beside}
        </div>
        <SearchLine search={search} of="series">
          <LinesSummary search={search} onSearch={onSearch} />
        </SearchLine>
      </div>
      <Boundary resetOn={search.result}>
        <Body
          server={server}
          search={search}
          onSearch={onSearch}
          onRetry={() => searcher.again()}
          onOpen={view.q === null ? onOpen : null}
        >
          {drawn && (
            <Explorer
              {...drawn}
              theme={theme}
              stale={search.phase === 'failed'}
              batch={(runs) => readOnly === null && <AddTag runs={runs} />}
              foot={(run) => <TooltipTags run={run} fixed={readOnly !== null} />}
            />
          )}
        </Body>
      </Boundary>
    </>
  );
}

function TooltipTags({ run, fixed }: { run: Run; fixed: boolean }): ReactNode {
  return (
    <span className="tooltip-tags">
      {run.tags.map((tag) => (
        <TagChip key={tag} name={tag} />
      ))}
      {!fixed && <AddTag runs={[run]} />}
    </span>
  );
}

type ExplorerState = SearchState<Pick<Search, 'q' | 'x'>, Result>;

interface BodyProps {
  server: ProjectState;
  search: ExplorerState;
  onSearch: (query: string) => void;
  onRetry: () => void;
  /** null where a person chose to see no query. */
  onOpen: ((query: string) => void) | null;
  children: ReactNode;
}

function Body({ server, search, onSearch, onRetry, onOpen, children }: BodyProps): ReactNode {
  const { project, refused, reachable, unable } = server;
  const { phase, result, answered, problem, gone } = search;
  if (refused) return <Refused problem={refused.problem} />;
  if (!project) return reachable ? <Skeleton /> : <Gone unable={unable} />;
  if (project.runs === 0 && !result?.items.length) return <EmptyRepo root={project.root} />;
  const matches = result !== null && result.items.length > 0;
  if (matches) return children;
  if (phase === 'failed' && (gone || !reachable)) return <Gone unable={unable} />;
  if (phase === 'failed' && problem) return <Failed problem={problem} onRetry={onRetry} />;
  if (phase === 'loading') return <Skeleton />;
  if (phase === 'done' && result && answered !== null)
    return <NoMatch query={answered.q} notes={result.notes} checked={result.checked} onSearch={onSearch} />;
  const start = <Start runs={project.runs} onSearch={onSearch} />;
  return onOpen ? <Opening onOpen={onOpen} otherwise={start} /> : start;
}

function LinesSummary({
  search: { phase, result, answered },
  onSearch,
}: Pick<BodyProps, 'search' | 'onSearch'>): ReactNode {
  const lines = result?.items.length ?? 0;
  if (!result || lines === 0) return null;
  if (phase === 'failed') return <span className="warn">Showing previous results.</span>;
  if (phase !== 'done') return null;
  const diverged = result.runs.filter((run) => run.diverged).length;
  return (
    <>
      {plural(lines, 'series')} of {plural(result.runs.length, 'run')} · {plural(result.points, 'point')} ·{' '}
      {durationText(result.seconds)}
      {answered && diverged > 0 && diverged < result.runs.length && (
        <>
          {' · '}
          <button type="button" className="text-link" onClick={() => onSearch(narrowed(answered.q, 'run.diverged'))}>
            {plural(diverged, 'run')} diverged
          </button>
        </>
      )}
      {result.notes.map((note) => (
        <span key={note} className="warn">
          {' '}
          · <bdi>{note}</bdi>
        </span>
      ))}
    </>
  );
}
