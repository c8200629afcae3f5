/** Says that a chart of very many lines shows their density, and leads to the lines and back. */
import { useMemo, type ReactNode } from 'react';
import { CROWD } from '../charts';
import { Button } from '../parts/design/controls';
import { countText, plural } from '../text/format';
import type { Group } from './grouping';
import type { Change } from './view/store';
import type { View } from './view/view';

interface DensityNoteProps {
  view: Pick<View, 'density'>;
  change: Change;
  charts: readonly Group[];
  shown: ReadonlySet<string>;
}

export function DensityNote({ view: { density }, change, charts, shown }: DensityNoteProps): ReactNode {
  const crowds = useMemo(
    () => charts.map(({ items }) => items.filter(({ key }) => shown.has(key)).length).filter((count) => count >= CROWD),
    [charts, shown],
  );
  const [only] = crowds;
  if (only === undefined) return null;
  const what =
    crowds.length === 1 ? `${countText(only)} lines` : `${plural(crowds.length, 'chart')} of very many lines`;
  return (
    <p className="explorer-note" role="status">
      {density
        ? `${what} are shown as their density. Point at one, or pin it, to see it alone.`
        : `${what} are drawn one by one, which takes time.`}{' '}
      <Button small look="outline" onClick={() => change({ density: !density })}>
        {density ? 'Draw each line' : 'Show density'}
      </Button>
    </p>
  );
}
