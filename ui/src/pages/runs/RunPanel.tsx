/** The table of runs, on the page that is only a table and below the charts of runs. */
import type { ReactNode } from 'react';
import type { Item, Run } from '../../data/result';
import type { Highlight } from '../../explorer/highlight';
import { TablePanel, type TablePanelProps } from '../../explorer/TablePanel';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame } from '../../parts/useFrame';
import { AddTag } from '../../parts/AddTag';
import type { RunTable } from './runTable';
import { statementOf } from './statement';
import type { RunColumns } from './useRunColumns';

interface RunPanelProps extends Pick<
  TablePanelProps<Item>,
  'items' | 'bundles' | 'view' | 'change' | 'shown' | 'marker' | 'onToggle' | 'onHold' | 'tools' | 'none' | 'marks'
> {
  table: RunTable;
  columns: RunColumns;
  highlight: Highlight;
}

export function RunPanel({ table, columns: { columns, menu, dialog }, highlight, ...rest }: RunPanelProps): ReactNode {
  const { readOnly } = useFrame();
  return (
    <>
      <TablePanel
        noun="run"
        result={table.result}
        answered={table.result.statement}
        columns={columns}
        columnMenu={menu}
        highlight={highlight}
        batch={(runs) => (
          <>
            {readOnly === null && <AddTag runs={runs} />}
            <OpenInMetrics runs={runs} table={table} />
          </>
        )}
        {...rest}
      />
      {dialog}
    </>
  );
}

function OpenInMetrics({ runs, table }: { runs: readonly Run[]; table: RunTable }): ReactNode {
  const metrics = [...new Set(table.measured.map(({ name }) => name))];
  return (
    <Link className="button plain small" to={href('metrics', { q: statementOf(runs, metrics) })}>
      Open in Metrics
    </Link>
  );
}
