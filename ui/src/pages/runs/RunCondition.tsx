/** The condition above a page about runs, the progress of its answer, and notices if there are no runs. */
import { useState, type ReactNode } from 'react';
import type { Phase, Question, SearchState } from '../../data/searcher';
import { Boundary } from '../../parts/design/Boundary';
import { Button } from '../../parts/design/controls';
import { durationText, plural } from '../../text/format';
import { QueryBox } from '../../explorer/QueryBox';
import { SearchLine } from '../../explorer/SearchLine';
import { AnswerNotes, EmptyRepo } from '../../explorer/states';
import { Failed, Gone, Notice, Refused, Skeleton } from '../../parts/states';
import { useFrame, useTitle } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { FRESH, type View } from '../../explorer/view/view';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { RUNS, type ListedRuns } from './runTable';
import type { Change } from '../../explorer/view/store';
import { viewInAddress } from '../../explorer/view/viewInAddress';
import { useView, ViewContext } from '../../explorer/view/useView';
import { RUN_VIEW } from './runView';
import '../../parts/parts.css';
import './runs.css';

/** The props of a page about runs. */
export interface RunPageProps<R = ListedRuns> {
  table: R;
  view: View;
  change: Change;
}

/** The summary of an answer. */
interface Told {
  readonly runs: number;
  readonly series: number;
  readonly seconds: number;
  readonly notes: readonly string[];
}

interface AskedProps<W, R> {
  title: string;
  question: Question<W, R>;
  wanted: (view: View) => W;
  told: (answer: R) => Told;
  children: (props: RunPageProps<R>) => ReactNode;
}

/** A page about all runs of a condition. */
export function RunCondition({
  title,
  children,
}: Pick<AskedProps<unknown, ListedRuns>, 'title' | 'children'>): ReactNode {
  return (
    <RunView>
      <RunSearch title={title} question={RUNS} wanted={allRuns} told={toldOf}>
        {children}
      </RunSearch>
    </RunView>
  );
}

const allRuns = ({ q }: View): { q: string } => ({ q: q ?? '' });

const toldOf = ({ result }: ListedRuns): Told => {
  const { runs, total, seconds, notes } = result;
  return { runs: runs.length, series: total, seconds, notes };
};

/** The view of a page about runs. */
export function RunView({ children }: { children: ReactNode }): ReactNode {
  const [store] = useState(() => viewInAddress(RUN_VIEW));
  return <ViewContext value={store}>{children}</ViewContext>;
}

/** The condition, its progress and its answer. */
export function RunSearch<W, R>({ title, question, wanted, told, children }: AskedProps<W, R>): ReactNode {
  const [view, change] = useView();
  const q = view.q ?? '';
  const [search, searcher] = useSearcher(question, wanted(view));
  useTitle(view.q || title);
  const onSearch = (text: string): void => {
    if (text === q) searcher.again();
    else change({ ...FRESH, q: text || null });
  };
  const { result } = search;
  const about = result && told(result);
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
          {about && <RunsSummary phase={search.phase} told={about} />}
        </SearchLine>
      </div>
      <Boundary resetOn={result}>
        {result && question.found(result) ? (
          children({ table: result, view, change })
        ) : (
          <Nothing
            search={search}
            again={() => searcher.again()}
            q={q}
            notes={about?.notes ?? []}
            onSearch={onSearch}
          />
        )}
      </Boundary>
    </>
  );
}

function RunsSummary({ phase, told: { runs, series, seconds, notes } }: { phase: Phase; told: Told }): ReactNode {
  if (runs === 0) return null;
  if (phase === 'failed') return <span className="warn">Showing previous results.</span>;
  if (phase !== 'done') return null;
  return (
    <>
      {plural(runs, 'run')} · {plural(series, 'series')} · {durationText(seconds)}
      {notes.map((note) => (
        <span key={note} className="warn">
          {' '}
          · <bdi>{note}</bdi>
        </span>
      ))}
    </>
  );
}

function Nothing({
  search: { phase, result, problem, gone },
  again,
  q,
  notes,
  onSearch,
}: {
  search: SearchState<unknown, unknown>;
  again: () => void;
  q: string;
  notes: readonly string[];
  onSearch: (q: string) => void;
}): ReactNode {
  const { project, refused, reachable, unable } = useFrame().server;
  if (refused) return <Refused problem={refused.problem} />;
  if (!reachable || gone) return <Gone unable={unable} />;
  if (phase === 'canceled')
    return (
      <Notice icon="close" title="Search canceled">
        <p>No runs were loaded.</p>
        <Button look="outline" icon="reset" onClick={again}>
          Load runs
        </Button>
      </Notice>
    );
  if (problem) return <Failed problem={problem} onRetry={again} />;
  if (phase !== 'done' || !result || !project) return <Skeleton />;
  if (project.runs === 0) return <EmptyRepo root={project.root} />;
  return <NoMatchingRun q={q} notes={notes} onSearch={onSearch} />;
}

function NoMatchingRun({
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
      <AnswerNotes notes={notes} query={q} onSearch={onSearch} />
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
