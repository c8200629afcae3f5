/** The bar above the table: search, selection, and actions. */
import type { ReactNode } from 'react';
import { FindField } from '../parts/design/FindField';
import type { Run } from '../data/result';
import { Button, Choice } from '../parts/design/controls';
import type { Change } from './view/store';
import type { View } from './view/view';
import type { Column } from './columns';
import { ColumnsButton, ROWS, SortButton } from './TablePanels';
import { Selected } from './Selected';

interface TableBarProps {
  view: View;
  change: Change;
  /** The number of rows, in words. */
  counted: string;
  selected: readonly Run[];
  /** All columns, shown or hidden. */
  columns: readonly Column<never>[];
  onClear: () => void;
  onCSV: () => void;
  /** The file is being made. */
  saving: boolean;
  /** More that this page can do with the table, and with selected runs. */
  tools: ReactNode;
  batch: ReactNode;
}

export function TableBar({
  view,
  change,
  counted,
  selected,
  columns,
  onClear,
  onCSV,
  saving,
  tools,
  batch,
}: TableBarProps): ReactNode {
  return (
    <div className="table-bar" role="toolbar" aria-label="Table">
      <FindField label="Find in table" value={view.find} onFind={(text) => change({ find: text }, 'adjust')} />
      <span className="count">{counted}</span>
      <span className="stretch" />
      {selected.length > 0 ? (
        <Selected runs={selected} onClear={onClear}>
          {batch}
        </Selected>
      ) : (
        <>
          {tools}
          <SortButton columns={columns} view={view} change={change} />
          <ColumnsButton columns={columns} view={view} change={change} />
          <Button
            small
            icon="diff"
            aria-pressed={view.diff}
            active={view.diff}
            tip="Hide columns with the same value in all rows"
            onClick={() => change({ diff: !view.diff })}
          >
            Diff
          </Button>
          <Button
            small
            icon="palette"
            aria-pressed={view.scale}
            active={view.scale}
            tip="Color numbers by value"
            onClick={() => change({ scale: !view.scale, scaled: [] })}
          >
            Scale
          </Button>
          <Choice label="Row height" value={view.rows} options={ROWS} onChange={(rows) => change({ rows })} />
          <Button small icon="download" tip="These rows and columns as CSV" disabled={saving} onClick={onCSV}>
            {saving ? 'Saving…' : 'CSV'}
          </Button>
        </>
      )}
    </div>
  );
}
