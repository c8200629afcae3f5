/** The line below the query: the progress of a search, then its result. */
import type { ReactNode } from 'react';
import type { SearchState } from '../data/searcher';

export function SearchLine({
  search,
  of,
  children,
}: {
  search: Pick<SearchState<unknown, unknown>, 'phase' | 'progress' | 'result'>;
  /** The noun for the streamed items. */
  of: string;
  children?: ReactNode;
}): ReactNode {
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
        {phase === 'loading' && (progress > 0 ? `${percent}% of the ${of}` : 'Searching…')}
        {phase === 'canceled' && (
          <span className="warn">
            Canceled. {result !== null && `Showing ${progress > 0 ? 'partial' : 'previous'} results.`}
          </span>
        )}
        {children}
      </p>
    </div>
  );
}
