/** Says that steps start again within lines of a run, and splits the lines there or joins them. */
import { useMemo, type ReactNode } from 'react';
import type { Series } from '../../data/result';
import { withSharedSteps } from '../../explorer/sharedSteps';
import type { Change } from '../../explorer/view/store';
import { Button } from '../../parts/design/controls';

interface PassesProps {
  on: boolean;
  series: readonly Series[];
  change: Change;
}

export function Passes({ on, series, change }: PassesProps): ReactNode {
  const shares = useMemo(() => withSharedSteps(series).length > 0, [series]);
  /** Lines that are still joined have shared steps. */
  const split = on && (shares || series.some(({ pass }) => pass));
  if (series.length === 0 || (!on && !shares)) return null;
  return (
    <p className="explorer-note" role="status">
      {split
        ? 'Lines are split where their steps start again.'
        : on
          ? "No line's steps restart."
          : 'Several values share a step: steps start again within the run, or a step was tracked several times.'}{' '}
      <Button small look="outline" onClick={() => change({ passes: !on, zoom: [], pin: null })}>
        {split ? 'Join passes' : on ? 'Do not split lines' : 'Split into passes'}
      </Button>
    </p>
  );
}
