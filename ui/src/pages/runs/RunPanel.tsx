/** The table of runs, on the page that is only a table and below the charts of runs. */
import { useMemo, type ReactNode } from 'react';
import type { Item, Run } from '../../data/result';
import type { Highlight } from '../../explorer/highlight';
import { useSourcesOf } from '../../explorer/useSourcesOf';
import { TablePanel, type TablePanelProps } from '../../explorer/TablePanel';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame } from '../../parts/useFrame';
import { AddTag } from '../../parts/AddTag';
import type { Measured } from './measured';
import type { ListedRuns } from './runTable';
import { statementOf } from './statement';
import type { RunColumns } from './useRunColumns';

interface RunPanelProps extends Pick<
  TablePanelProps<Item>,
  'items' | 'bundles' | 'view' | 'change' | 'shown' | 'marker' | 'onToggle' | 'onHold' | 'tools' | 'none' | 'marks'
> {
  table: ListedRuns;
  columns: RunColumns;
  highlight: Highlight;
}

export function RunPanel({ table, columns: { columns, menu, dialog }, highlight, ...rest }: RunPanelProps): ReactNode {
  return (
    <>
      <TablePanel
        noun="run"
        result={table.result}
        answered={table.result.statement}
        columns={columns}
        columnMenu={menu}
        highlight={highlight}
        batch={(runs) => <RunBatch runs={runs} measured={table.measured} />}
        {...rest}
      />
      {dialog}
    </>
  );
}

/** What can be done with selected runs. */
export function RunBatch({ runs, measured }: { runs: readonly Run[]; measured: readonly Measured[] }): ReactNode {
  const { readOnly } = useFrame();
  const metrics = [...new Set(measured.map(({ name }) => name))];
  const sourcesOf = useSourcesOf(useMemo(() => runs.map(({ id }) => id), [runs]));
  return (
    <>
      {readOnly === null && <AddTag runs={runs} />}
      <Link className="button plain small" to={href('metrics', { q: statementOf(runs, metrics, sourcesOf) })}>
        Open in Metrics
      </Link>
    </>
  );
}
