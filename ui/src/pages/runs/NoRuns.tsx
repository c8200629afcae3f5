/** What a page about runs shows while it has none: why, and what to do next. */
import type { ReactNode } from 'react';
import type { SearchState } from '../../data/searcher';
import { AnswerNotes } from '../../explorer/states';
import { Unanswered } from '../../explorer/Unanswered';
import { Button } from '../../parts/design/controls';
import { Notice } from '../../parts/states';

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
  return (
    <Unanswered search={search} of="runs" again={again}>
      <NoMatchingRun {...rest} />
    </Unanswered>
  );
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
