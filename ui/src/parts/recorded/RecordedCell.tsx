/** One cell of a recorded table. Its content comes from a training script: React text, or an image of the server. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import { itemAt } from '../../text/lists';
import type { CellColumn, RecordedRows, TableImageQuery } from '../../wire';
import { cellText, isNumeric } from './cells';

export interface RowPlace {
  readonly rows: RecordedRows;
  readonly at: number;
}

export function RecordedCell({
  column,
  left,
  width,
  at,
  row,
  differs,
}: {
  column: CellColumn;
  left: number;
  width: number;
  at: number;
  row: RowPlace | null;
  differs: boolean;
}): ReactNode {
  const value = row && itemAt(row.rows.cells, at)[row.at];
  const text = cellText(value, column.kind);
  return (
    <div
      role="cell"
      aria-colindex={at + 1}
      className={`recorded-cell ${isNumeric(column) ? 'end' : ''} ${row ? '' : 'waiting'} ${differs ? 'differs' : ''}`}
      style={{ left, width }}
      title={column.kind === 'image' ? undefined : column.kind === 'float' ? String(value ?? '') : text}
    >
      {column.kind === 'image' ? (
        row && value !== null && <CellPicture row={row} column={column.name} size={128} />
      ) : (
        <bdi>{text}</bdi>
      )}
    </div>
  );
}

export function CellPicture({
  row: { rows, at },
  column,
  size,
}: {
  row: RowPlace;
  column: string;
  size: NonNullable<TableImageQuery['size']>;
}): ReactNode {
  const { cellAddress } = useApi();
  const [broken, setBroken] = useState(false);
  const { run, blob } = itemAt(rows.sources, itemAt(rows.source, at));
  const row = itemAt(rows.place, at);
  if (broken) return <span className="broken-picture">This image cannot be shown</span>;
  return (
    <img
      src={cellAddress({ run, blob, column, row, size })}
      alt={`${column} of row ${row}`}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setBroken(true)}
    />
  );
}
