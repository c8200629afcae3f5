/** What a page about runs shows while it has none: why, and what to do next. */
import type { ReactNode } from 'react';
import type { SearchState } from '../../data/searcher';
import { AnswerNotes, EmptyRepo } from '../../explorer/states';
import { Button } from '../../parts/design/controls';
import { Failed, Gone, Notice, Refused, Skeleton } from '../../parts/states';
import { useFrame } from '../../parts/useFrame';

interface NoRunsProps extends NoMatchingRunProps {
  search: SearchState<unknown, unknown>;
  again: () => void;
}

interface NoMatchingRunProps {
  /** The condition as it was typed. */
  q: string;
  /** Whether more than that runs are archived leaves runs out. */
  narrowed: boolean;
  notes: readonly string[];
  onSearch: (q: string) => void;
  onAll: () => void;
}

export function NoRuns({ search, again, ...rest }: NoRunsProps): ReactNode {
  const { phase, result, problem, gone } = search;
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
  return <NoMatchingRun {...rest} />;
}

function NoMatchingRun({ q, narrowed, notes, onSearch, onAll }: NoMatchingRunProps): ReactNode {
  return (
    <Notice icon="search" title="No runs match">
      <AnswerNotes notes={notes} query={q} onSearch={onSearch} />
      {narrowed ? (
        <p>No run meets the condition. Archived runs are included only if it uses run.archived.</p>
      ) : (
        <p>All runs are archived. Add a condition on run.archived to see them.</p>
      )}
      <Button look="outline" onClick={() => (narrowed ? onAll() : onSearch('run.archived'))}>
        {narrowed ? 'Show all runs' : 'Show archived runs'}
      </Button>
    </Notice>
  );
}
