/** Runs in groups: all of them are loaded, and each group is one row. */
import { useCallback, useState, type ReactNode } from 'react';
import type { Item } from '../../data/result';
import { Highlight } from '../../explorer/highlight';
import type { Row } from '../../explorer/rows';
import { useStyle } from '../../explorer/useStyle';
import { Button } from '../../parts/design/controls';
import { useFrame } from '../../parts/useFrame';
import { openRun, NOTHING } from './open';
import { RunPanel } from './RunPanel';
import type { RunPageProps } from './RunQuery';
import { GroupPicker, ValuesButton } from './RunTools';
import { useRunColumns } from './useRunColumns';

/** Rows have a box and a color. */
const MARKS = 66;

export function GroupedRuns({ table, view, change }: RunPageProps): ReactNode {
  const { theme } = useFrame();
  const [highlight] = useState(() => new Highlight());
  const looks = useStyle(table.result, view, theme);
  const columns = useRunColumns(table, view, change);
  const { open } = view;
  const onHold = useCallback(
    (row: Row<Item>) => {
      if (!row.bundle) openRun(row);
      else change({ open: open.includes(row.key) ? open.filter((key) => key !== row.key) : [...open, row.key] });
    },
    [change, open],
  );
  const all = open.length === 0;
  return (
    <div className="runs-page">
      <RunPanel
        table={table}
        columns={columns}
        bundles={looks.fields.color.length > 0 ? looks.bundles : null}
        marks={MARKS}
        view={view}
        change={change}
        shown={looks.shown}
        marker={looks.marker}
        highlight={highlight}
        onToggle={NOTHING}
        onHold={onHold}
        tools={
          <>
            <GroupPicker view={view} change={change} result={table.result} />
            <Button small onClick={() => change({ open: all ? looks.bundles.map(({ key }) => key) : [] })}>
              {all ? 'List all runs' : 'Groups only'}
            </Button>
            <ValuesButton reducers={columns.wanted.reducers} onChange={columns.change} />
          </>
        }
      />
    </div>
  );
}
