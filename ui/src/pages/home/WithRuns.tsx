/** Runs beside what is drawn of them: the condition on them, their list, and what a page makes of those that are drawn. */
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { itemOfRun, type Run } from '../../data/result';
import { Highlight } from '../../explorer/highlight';
import { QueryBox } from '../../explorer/QueryBox';
import { SearchLine } from '../../explorer/SearchLine';
import { useStyle } from '../../explorer/useStyle';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { Boundary } from '../../parts/design/Boundary';
import { Button } from '../../parts/design/controls';
import { useFrame } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { useSteady } from '../../parts/useSteady';
import { plural } from '../../text/format';
import { movedBy } from '../../text/positions';
import { FOUND_RUNS, type FoundRuns } from '../runs/found';
import { NoRuns } from '../runs/NoRuns';
import type { RunLook } from './lines';
import { RunList } from './RunList';
import { conditionOf, drawnRuns } from './runList';
import { useOthers } from './useRuns';
import type { ChangeWall } from './useWall';
import { MOST, type WallView } from './wallView';
import './home.css';

const MORE = 500;

/** The drawn runs, and what is known of them. */
export interface ShownRuns {
  readonly list: FoundRuns;
  /** All runs that are listed or drawn. */
  readonly known: readonly Run[];
  /** Ids. */
  readonly drawn: readonly string[];
  readonly look: RunLook;
  readonly highlight: Highlight;
  /** Opens the list of runs where there is no room for it. */
  readonly beside: ReactNode;
}

interface WithRunsProps {
  view: WallView;
  change: ChangeWall;
  /** Stands below the condition. */
  below?: ReactNode;
  children: (runs: ShownRuns) => ReactNode;
}

export function WithRuns({ view, change, below, children }: WithRunsProps): ReactNode {
  const { q, before } = conditionOf(view);
  const [limit, onEnd] = useLimit(`${q}\n${view.text}`);
  const [search, searcher] = useSearcher(FOUND_RUNS, { q, find: view.text, limit });
  const { result, phase, problem } = search;
  const shown = result !== null && (result.runs.length > 0 || view.text !== '');
  const onSearch = (runs: string): void => {
    if (runs === view.runs) searcher.again();
    else change({ runs, hide: [] });
  };
  return (
    <>
      <div className="query-row wall-query">
        <div className="query-line">
          <QueryBox
            query={view.runs}
            problem={problem && problem.start !== null ? movedBy(problem, -before) : null}
            searching={phase === 'loading'}
            before="* if "
            label="Condition on runs"
            onSearch={onSearch}
            onCancel={() => searcher.cancel()}
          />
          <BookmarkButton />
        </div>
        <SearchLine search={search} of="runs">
          {phase === 'failed' && result && <span className="warn">Showing previous results.</span>}
          {shown &&
            result.notes.map((note) => (
              <span key={note} className="warn">
                <bdi>{note}</bdi>
              </span>
            ))}
        </SearchLine>
      </div>
      {below}
      <Boundary resetOn={result}>
        {shown ? (
          <Runs list={result} view={view} change={change} onEnd={onEnd}>
            {children}
          </Runs>
        ) : (
          <NoRuns
            search={search}
            again={() => searcher.again()}
            q={view.runs}
            narrowed={q !== ''}
            notes={result?.notes ?? []}
            onSearch={onSearch}
            onAll={() => change({ runs: '', experiment: null })}
          />
        )}
      </Boundary>
    </>
  );
}

/** How many runs are asked for; more when the end of the list comes into sight, until another list is asked for. */
function useLimit(list: string): [number, () => void] {
  const [asked, setAsked] = useState<{ list: string; limit: number }>({ list, limit: MOST });
  if (asked.list !== list) setAsked({ list, limit: MOST });
  const onEnd = useCallback(() => setAsked((before) => ({ ...before, limit: before.limit + MORE })), []);
  return [asked.list === list ? asked.limit : MOST, onEnd];
}

interface RunsProps extends Omit<WithRunsProps, 'below'> {
  list: FoundRuns;
  onEnd: () => void;
}

/** Colors alone: the same as in the metrics explorer. */
const COLORS = { ...DEFAULT_VIEW, color: ['run.hash'], stroke: [], chart: [] };

function Runs({ list, view, change, onEnd, children }: RunsProps): ReactNode {
  const { theme } = useFrame();
  const [highlight] = useState(() => new Highlight());
  const [listOpen, setListOpen] = useState(false);
  const aside = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (listOpen) aside.current?.focus();
  }, [listOpen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!listOpen || event.key !== 'Escape') return;
    event.preventDefault();
    setListOpen(false);
    opener.current?.focus();
  };
  const { newest, add, baseline, hide } = view;
  const drawn = useSteady(
    useMemo(() => drawnRuns(list.runs, { newest, add, baseline }), [list, newest, add, baseline]),
  );
  const others = useOthers(list.runs, drawn);
  const known = useMemo(() => [...others, ...list.runs], [others, list]);
  const items = useMemo(() => known.map(itemOfRun), [known]);
  const { paths } = list;
  const { marker, names } = useStyle(
    useMemo(() => ({ runs: known, paths, items }), [known, paths, items]),
    COLORS,
    theme,
  );
  const colorOf = useCallback((run: Run) => marker({ key: run.id, run }).color, [marker]);
  const look = useMemo<RunLook>(
    () => ({ colorOf, nameOf: names, hidden: new Set(hide), baseline }),
    [colorOf, names, hide, baseline],
  );
  const shown = drawn.length - drawn.filter((id) => hide.includes(id)).length;
  return (
    <div className={`home ${listOpen ? 'list-open' : ''}`}>
      <aside ref={aside} id={id} className="wall-runs" aria-label="Runs" tabIndex={-1} onKeyDown={onKeyDown}>
        <RunList
          list={list}
          others={others}
          drawn={drawn}
          view={view}
          change={change}
          look={look}
          highlight={highlight}
          onEnd={onEnd}
        />
      </aside>
      {children({
        list,
        known,
        drawn,
        look,
        highlight,
        beside: (
          <Button
            look="outline"
            icon="list"
            ref={opener}
            aria-expanded={listOpen}
            aria-controls={id}
            active={listOpen}
            onClick={() => setListOpen(!listOpen)}
          >
            {plural(shown, 'run')}
          </Button>
        ),
      })}
    </div>
  );
}
