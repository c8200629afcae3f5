/** The files of a version as a tree, and beside it what the chosen one contains. */
import { useMemo, useState, type ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import { Icon } from '../../parts/design/Icon';
import { adjust, useAddress } from '../../parts/address';
import { Hint } from '../../parts/Sheet';
import { countText, plural, sizeText } from '../../text/format';
import type { ArtifactDetail } from '../../wire';
import { FilePreview } from './FilePreview';
import { treeRows, type TreeRow } from './fileTree';

/** Of more files, folders begin closed. */
const FEW = 60;
const AT_ONCE = 500;
const README = /^readme(\.\w+)?$/i;

export function ArtifactFiles({ detail }: { detail: ArtifactDetail }): ReactNode {
  const { files, left_out, version } = detail;
  const address = useAddress();
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [most, setMost] = useState(AT_ONCE);
  const openAtFirst = files.length <= FEW;
  const rows = useMemo(() => treeRows(files, (path) => turned.has(path) !== openAtFirst), [files, turned, openAtFirst]);
  const wanted = address.get('file');
  const chosen =
    files.find((file) => file.path === wanted) ??
    (files.length === 1 ? files[0] : files.find((file) => README.test(file.path)));
  const turn = (path: string): void => {
    const next = new Set(turned);
    if (!next.delete(path)) next.add(path);
    setTurned(next);
  };
  return (
    <div className="artifact-files">
      <section className="card" aria-label="Files">
        <ul className="file-tree">
          {rows.slice(0, most).map((row) => (
            <li key={`${row.path}${row.files === null ? '' : '/'}`}>
              <FileRow
                row={row}
                open={turned.has(row.path) !== openAtFirst}
                chosen={chosen?.path === row.path}
                onTurn={() => turn(row.path)}
              />
            </li>
          ))}
        </ul>
        {rows.length > most && (
          <Button look="outline" onClick={() => setMost(most + AT_ONCE)}>
            {`Show more of ${plural(rows.length, 'row')}`}
          </Button>
        )}
        {left_out > 0 && (
          <Hint>
            {countText(left_out)} more files are not listed here. <code>aim artifact ls --files</code> lists all.
          </Hint>
        )}
      </section>
      {chosen ? (
        <FilePreview key={chosen.path} version={version} file={chosen} />
      ) : (
        <Hint>Choose a file to see what is in it.</Hint>
      )}
    </div>
  );
}

function FileRow({
  row,
  open,
  chosen,
  onTurn,
}: {
  row: TreeRow;
  open: boolean;
  chosen: boolean;
  onTurn: () => void;
}): ReactNode {
  const isFolder = row.files !== null;
  return (
    <button
      type="button"
      className="file-row"
      style={{ paddingInlineStart: 8 + 16 * row.depth }}
      aria-expanded={isFolder ? open : undefined}
      aria-current={chosen || undefined}
      onClick={isFolder ? onTurn : () => adjust({ file: row.path }, { replace: true })}
    >
      <Icon name={isFolder ? (open ? 'down' : 'right') : 'text'} />
      <bdi className="file-name">{row.name}</bdi>
      <span className="file-size">
        {row.files !== null && `${plural(row.files, 'file')}, `}
        {sizeText(row.bytes)}
      </span>
    </button>
  );
}
