/** The files of an artifact as the rows of a tree: folders before files, each with the bytes below it. */
import type { ArtifactFile } from '../../wire';
import { compareNames } from '../../text/order';

export interface TreeRow {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly bytes: number;
  /** How many files are below a folder; null for a file. */
  readonly files: number | null;
}

interface TreeFolder {
  readonly folders: Map<string, TreeFolder>;
  readonly files: ArtifactFile[];
  bytes: number;
  count: number;
}

const emptyFolder = (): TreeFolder => ({ folders: new Map(), files: [], bytes: 0, count: 0 });

function treeOf(files: readonly ArtifactFile[]): TreeFolder {
  const top = emptyFolder();
  for (const file of files) {
    let folder = top;
    const names = file.path.split('/').slice(0, -1);
    folder.bytes += file.bytes;
    folder.count += 1;
    for (const name of names) {
      const inner = folder.folders.get(name) ?? emptyFolder();
      folder.folders.set(name, inner);
      inner.bytes += file.bytes;
      inner.count += 1;
      folder = inner;
    }
    folder.files.push(file);
  }
  return top;
}

/** The rows that are in sight while these folders are open. */
export function treeRows(files: readonly ArtifactFile[], isOpen: (path: string) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (folder: TreeFolder, before: string, depth: number): void => {
    for (const [name, inner] of [...folder.folders].sort(([a], [b]) => compareNames(a, b))) {
      const path = before + name;
      rows.push({ path, name, depth, bytes: inner.bytes, files: inner.count });
      if (isOpen(path)) walk(inner, `${path}/`, depth + 1);
    }
    for (const file of folder.files)
      rows.push({ path: file.path, name: file.path.slice(before.length), depth, bytes: file.bytes, files: null });
  };
  walk(treeOf(files), '', 0);
  return rows;
}
