/** The condition above a page about runs, the progress of its answer, and notices if there are no runs. */
import { useState, type ReactNode } from 'react';
import type { Phase, Question } from '../../data/searcher';
import { Boundary } from '../../parts/design/Boundary';
import { durationText, plural } from '../../text/format';
import { QueryBox } from '../../explorer/QueryBox';
import { SearchLine } from '../../explorer/SearchLine';
import { useTitle } from '../../parts/useFrame';
import { useSearcher } from '../../parts/useSearcher';
import { FRESH, type View } from '../../explorer/view/view';
import { BookmarkButton } from '../../parts/BookmarkButton';
import { NoRuns } from './NoRuns';
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
          <NoRuns
            search={search}
            again={() => searcher.again()}
            q={q}
            narrowed={q !== ''}
            notes={about?.notes ?? []}
            onSearch={onSearch}
            onAll={() => onSearch('')}
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
