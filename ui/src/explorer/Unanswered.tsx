/** What a page shows while it has no items: why, and what to do next. */
import type { ReactNode } from 'react';
import type { SearchState } from '../data/searcher';
import { Button } from '../parts/design/controls';
import { Failed, Gone, Notice, Refused, Skeleton } from '../parts/states';
import { useFrame } from '../parts/useFrame';
import { EmptyRepo } from './states';

/** `of`: the items, in the plural. The children are shown when the answer has none. */
export function Unanswered({
  search,
  of,
  again,
  children,
}: {
  search: SearchState<unknown, unknown>;
  of: string;
  again: () => void;
  children: ReactNode;
}): ReactNode {
  const { phase, result, problem, gone } = search;
  const { project, refused, reachable, unable } = useFrame().server;
  if (refused) return <Refused problem={refused.problem} />;
  if (!reachable || gone) return <Gone unable={unable} />;
  if (phase === 'canceled')
    return (
      <Notice icon="close" title="Search canceled">
        <p>{`No ${of} were loaded.`}</p>
        <Button look="outline" icon="reset" onClick={again}>
          {`Load ${of}`}
        </Button>
      </Notice>
    );
  if (problem) return <Failed problem={problem} onRetry={again} />;
  if (phase !== 'done' || !result || !project) return <Skeleton />;
  if (project.runs === 0) return <EmptyRepo root={project.root} />;
  return children;
}
