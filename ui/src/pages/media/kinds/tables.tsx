/** Tables: their first rows in the grid; sorted, filtered, and several as one when opened. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import type { TableId } from '../../../data/api';
import type { MediaItem } from '../../../data/cells';
import { Button, Choice } from '../../../parts/design/controls';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { cellText, isNumeric } from '../../../parts/recorded/cells';
import { CellPicture } from '../../../parts/recorded/RecordedCell';
import { RecordedTable } from '../../../parts/recorded/RecordedTable';
import { Explained } from '../../../parts/states';
import { useKept } from '../../../parts/useKept';
import { countText, plural } from '../../../text/format';
import { itemAt } from '../../../text/lists';
import type { RecordedRows } from '../../../wire';
import { every, type KindTileProps, type MediaKindRow, type OpenProps, type PairProps } from '../kindRow';

const ROWS = 12;
const COLUMNS = 8;
/** The run and the step of each row, in front of the columns of several tables. */
const BESIDE = 2;
/** Tables that the server shows as one. */
const TOGETHER = 64;

const idOf = ({ run, blob }: MediaItem): TableId => ({ run: run.id, blob });

function TableTile({ item, height, title, onOpen }: KindTileProps): ReactNode {
  const { data, problem } = useStart(item);
  return (
    <div className="media-text media-table" style={{ height }}>
      {problem && <Explained problem={problem} />}
      {!problem && data === null && <span className="media-wait skeleton" />}
      {data && (
        <>
          <p className="count">{`${plural(data.rows, 'row')}, ${plural(data.columns.length, 'column')}`}</p>
          <table>
            <thead>
              <tr>
                {data.columns.slice(0, COLUMNS).map((column, i) => (
                  <th key={i} className={isNumeric(column) ? 'end' : undefined}>
                    <bdi>{column.name}</bdi>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.place.map((place, row) => (
                <tr key={place}>
                  {data.columns.slice(0, COLUMNS).map((column, i) => {
                    const value = itemAt(data.cells, i)[row];
                    return (
                      <td key={i} className={isNumeric(column) ? 'end' : undefined}>
                        {column.kind === 'image' ? (
                          value !== null && (
                            <CellPicture row={{ rows: data, at: row }} column={column.name} size={128} />
                          )
                        ) : (
                          <bdi>{cellText(value, column.kind)}</bdi>
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <Button small icon="expand" aria-label={`Open ${title}`} onClick={() => onOpen(item)} />
    </div>
  );
}

function OpenTable({ look: _look, ...rest }: OpenProps): ReactNode {
  const [together, setTogether] = useState<'one' | 'all'>('one');
  const item = itemAt(rest.items, rest.at);
  const named = rest.items.filter(({ name }) => name === item.name);
  const all = named.slice(0, TOGETHER);
  const shown = together === 'all' ? all : [item];
  const options = [
    { value: 'one', label: 'This table' },
    {
      value: 'all',
      label: `${all.length < named.length ? 'The first' : 'All'} ${countText(all.length)} of this name as one`,
    },
  ] as const;
  return (
    <MediaDialog
      {...rest}
      ending="parquet"
      controls={
        named.length > 1 && (
          <Choice label="Which tables are shown" value={together} options={options} onChange={setTogether} />
        )
      }
    >
      <div className="lightbox-text lightbox-table">
        <RecordedTable
          key={together === 'all' ? item.name : item.key}
          of={shown.map(idOf)}
          label={together === 'all' ? `${item.name}, all tables` : rest.titleOf(item)}
        />
      </div>
    </MediaDialog>
  );
}

/** The first rows tell the columns. */
function useStart(item: MediaItem): ReturnType<typeof useKept<RecordedRows>> {
  const wanted = { of: [idOf(item)], sort: [], where: [], offset: 0, limit: ROWS, most: 60 };
  return useKept(`tile ${item.key}`, ({ ask }, signal) => ask.tableRows(wanted, signal));
}

/** Of both tables, columns that can be the key of a row, by their places among those of both as one. */
function keysOf(first: RecordedRows | null, second: RecordedRows | null): { value: string; label: string }[] {
  const others = new Set(second?.columns.map(({ name }) => name));
  return (first?.columns ?? []).flatMap(({ name, kind }, i) =>
    kind !== 'image' && others.has(name) ? [{ value: String(BESIDE + i), label: `Rows by ${name}` }] : [],
  );
}

function CompareTables({ pair: [first, second], titleOf, onClose }: PairProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [by, setBy] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  const keys = keysOf(useStart(first).data, useStart(second).data);
  return createPortal(
    <dialog ref={dialog} className="lightbox" aria-label="Compare two tables" onClose={onClose}>
      <div className="lightbox-head">
        <Choice
          label="How to compare"
          value={by}
          options={[{ value: '', label: 'Side by side' }, ...keys]}
          onChange={setBy}
        />
        {by !== '' && <span className="count">Rows with the same key are together; cells that differ are marked.</span>}
        <span className="stretch" />
        <Button small icon="close" tip="Close" autoFocus onClick={() => dialog.current?.close()} />
      </div>
      {by === '' ? (
        <div className="compare-stages">
          {[first, second].map((item) => (
            <figure key={item.key}>
              <figcaption>
                <bdi>{titleOf(item)}</bdi>
              </figcaption>
              <div className="lightbox-text lightbox-table">
                <RecordedTable of={[idOf(item)]} label={titleOf(item)} />
              </div>
            </figure>
          ))}
        </div>
      ) : (
        <div className="lightbox-text lightbox-table">
          <RecordedTable key={by} of={[first, second].map(idOf)} by={Number(by)} label="Both tables" />
        </div>
      )}
    </dialog>,
    document.body,
  );
}

export const TABLES: MediaKindRow = {
  kind: 'table',
  noun: 'table',
  nouns: 'tables',
  label: 'Tables',
  alias: 'tables',
  icon: 'table',
  code: 'run.track(aim.Table(rows, columns=["text", "label"]), name="predictions", step=step)',
  example: 'predictions if hparams.lr < 0.01 and tables.rows > 100',
  searched: 'captions',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 360,
  sizes: [200, 960],
  looks: [],
  shapeOf: () => 0.6,
  tilesOf: every,
  Tile: TableTile,
  Open: OpenTable,
  Compare: CompareTables,
};
