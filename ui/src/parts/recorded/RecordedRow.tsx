/** One row of a recorded table, whole: every column with its full text and its images larger. */
import { useEffect, useRef, type ReactNode } from 'react';
import type { TableId } from '../../data/api';
import { countText } from '../../text/format';
import { itemAt } from '../../text/lists';
import type { CellFilter, CellSort } from '../../wire';
import { Button } from '../design/controls';
import { Explained } from '../states';
import { useKept } from '../useKept';
import { cellText } from './cells';
import { CellPicture } from './RecordedCell';

/** Characters of a text. */
const WHOLE = 100_000;

export function RecordedRow({
  of,
  sort,
  where,
  row,
  rows,
  onMove,
  onClose,
}: {
  of: readonly TableId[];
  sort: readonly CellSort[];
  where: readonly CellFilter[];
  row: number;
  rows: number;
  onMove: (row: number) => void;
  onClose: () => void;
}): ReactNode {
  const wanted = { of, sort, where, offset: row, limit: 1, most: WHOLE };
  const { data, problem } = useKept(
    `row ${JSON.stringify(wanted)}`,
    ({ ask }, signal) => ask.tableRows(wanted, signal),
    ({ cells }) => cells.reduce((sum, [cell]) => sum + 50 + 2 * String(cell).length, 500),
  );
  const panel = useRef<HTMLElement>(null);
  const there = data !== null;
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, [there]);
  const source = data?.sources[data.source[0] ?? -1];
  return (
    <section ref={panel} className="recorded-whole" aria-label={`Row ${row + 1}`}>
      <div className="recorded-bar">
        <strong>{`Row ${countText(row + 1)} of ${countText(rows)}`}</strong>
        {source && <span className="count">{`step ${countText(source.step)}`}</span>}
        <span className="stretch" />
        <Button small icon="left" tip="Previous row" disabled={row === 0} onClick={() => onMove(row - 1)} />
        <Button small icon="right" tip="Next row" disabled={row >= rows - 1} onClick={() => onMove(row + 1)} />
        <Button small icon="close" tip="Close the row" onClick={onClose} />
      </div>
      {problem && <Explained problem={problem} />}
      {data && data.place.length > 0 && (
        <dl>
          {data.columns.map(({ name, kind }, i) => {
            const value = itemAt(data.cells, i)[0];
            return (
              <div key={i}>
                <dt>
                  <bdi>{name}</bdi>
                </dt>
                <dd>
                  {value === null ? (
                    <span className="quiet">None</span>
                  ) : kind === 'image' ? (
                    <CellPicture row={{ rows: data, at: 0 }} column={name} size={512} />
                  ) : (
                    <bdi>{kind === 'float' ? String(value) : cellText(value, kind)}</bdi>
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </section>
  );
}
