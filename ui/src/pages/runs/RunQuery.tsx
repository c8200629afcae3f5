/** The condition on runs above a page, and what there is to say while there are no runs to show. */
import type { ReactNode } from 'react';
import { Button } from '../../design/controls';
import { QueryBox } from '../../explorer/QueryBox';
import { EmptyRepo, Failed, Gone, Notice, Refused, Skeleton } from '../../explorer/states';
import { useFrame } from '../../frame/useFrame';
import { BookmarkButton } from '../parts/BookmarkButton';
import type { RunTable } from './runTable';
import { useRunTable } from './useRunTable';
import '../parts/parts.css';
import './runs.css';

export function RunQuery({ q, onSearch, children }: {
  q: string;
  onSearch: (q: string) => void;
  children: (table: RunTable) => ReactNode;
}): ReactNode {
  const { server } = useFrame();
  const { asked, table, cancelled, cancel } = useRunTable(q);
  const waiting = table === null && !cancelled && asked.problem === null;
  const search = (wanted: string): void => {
    if (wanted === q) asked.again();
    else onSearch(wanted);
  };
  return (
    <>
      <div className="query-row">
        <div className="query-line">
          <QueryBox
            query={q}
            problem={asked.gone ? null : asked.problem}
            searching={waiting}
            before="* if "
            onSearch={search}
            onCancel={cancel}
          />
          <BookmarkButton />
        </div>
        <div className="status-line">
          <div className={`progress unknown ${waiting ? 'on' : ''}`} role="progressbar" aria-label="Search" aria-hidden={!waiting}>
            <span />
          </div>
        </div>
      </div>
      <State server={server} asked={asked} q={q} cancelled={cancelled} onSearch={search}>
        {table && table.result.runs.length > 0 ? children(table) : null}
      </State>
    </>
  );
}

function State({ server, asked, q, cancelled, onSearch, children }: {
  server: ReturnType<typeof useFrame>['server'];
  asked: ReturnType<typeof useRunTable>['asked'];
  q: string;
  cancelled: boolean;
  onSearch: (q: string) => void;
  children: ReactNode;
}): ReactNode {
  const { project, refused, reachable } = server;
  if (children) return children;
  if (refused) return <Refused problem={refused.problem} />;
  if (!reachable || asked.gone) return <Gone />;
  if (cancelled)
    return (
      <Notice icon="close" title="Cancelled">
        <p>The runs were not loaded.</p>
        <Button look="outline" icon="reset" onClick={asked.again}>
          Load them
        </Button>
      </Notice>
    );
  if (asked.problem) return <Failed problem={asked.problem} onRetry={asked.again} />;
  if (!asked.data || !project) return <Skeleton />;
  if (project.runs === 0) return <EmptyRepo root={project.root} />;
  return (
    <Notice icon="search" title="No run matches">
      {asked.data.result.notes.map((note) => (
        <p key={note}>
          <bdi>{note}</bdi>
        </p>
      ))}
      {q === '' ? (
        <p>All runs are archived. Archived runs are found with a condition.</p>
      ) : (
        <p>The condition holds for none of the runs. Archived ones count only where it names run.archived.</p>
      )}
      <Button look="outline" onClick={() => onSearch(q === '' ? 'run.archived' : '')}>
        {q === '' ? 'Show archived runs' : 'Show all runs'}
      </Button>
    </Notice>
  );
}
