/** All runs in one table: params beside the chosen values of their metrics, as rows or as groups of them. */
import type { ReactNode } from 'react';
import { PagedRuns } from './PagedRuns';
import { RunView } from './RunCondition';

export default function RunsPage(): ReactNode {
  return (
    <RunView>
      <PagedRuns />
    </RunView>
  );
}
