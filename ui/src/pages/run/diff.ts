/** A unified diff as files and lines, to fold by file and color by line. */

export type LineKind = 'added' | 'removed' | 'place' | 'about' | 'same';

export interface DiffLine {
  readonly kind: LineKind;
  readonly text: string;
}

export interface DiffFile {
  readonly name: string;
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly DiffLine[];
}

interface Building {
  name: string;
  added: number;
  removed: number;
  lines: DiffLine[];
}

const START = /^diff --git (?:"?a\/)?(.*?)"? "?b\/(.*?)"?$/;
const NEW_NAME = /^\+\+\+ "?(?:b\/)?(.*?)"?(?:\t.*)?$/;

export function parseDiff(text: string): DiffFile[] {
  const files: Building[] = [];
  let inHead = true;
  const begin = (name: string): Building => {
    const file = { name, added: 0, removed: 0, lines: [] };
    files.push(file);
    return file;
  };
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const start = START.exec(line);
    if (start) {
      begin(start[2] || start[1] || '');
      inHead = true;
    }
    const file = files[files.length - 1] ?? begin('');
    if (line.startsWith('@@')) inHead = false;
    const name = inHead && NEW_NAME.exec(line)?.[1];
    if (name && name !== '/dev/null') file.name = name;
    const kind = lineKind(line, inHead);
    if (kind === 'added') file.added += 1;
    if (kind === 'removed') file.removed += 1;
    file.lines.push({ kind, text: line });
  }
  return files.filter((file) => file.lines.some((line) => line.text !== ''));
}

function lineKind(line: string, inHead: boolean): LineKind {
  if (line.startsWith('@@')) return 'place';
  if (inHead) return 'about';
  if (line.startsWith('+')) return 'added';
  if (line.startsWith('-')) return 'removed';
  return line.startsWith('\\') ? 'about' : 'same';
}
