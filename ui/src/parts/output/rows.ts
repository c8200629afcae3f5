/** The number of rows of each line, and the visible lines. */
import { itemAt } from '../../text/lists';
import type { OutputLine } from './terminal';

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

function columnsOf(line: OutputLine): number {
  const end = line.cut > 0 ? 24 : 0;
  const wide = line.spans.reduce(
    (sum, { text }) => sum + (/[^\x00-\u10ff]/.test(text) ? (text.match(WIDE)?.length ?? 0) : 0),
    0,
  );
  return line.width + wide + end;
}

/**
 * `starts[i]` is the row at which line i begins; the last entry is the number of rows. `columns` null: lines do not
 * wrap.
 */
export function rowStarts(lines: readonly OutputLine[], columns: number | null): Float64Array {
  const starts = new Float64Array(lines.length + 1);
  for (let at = 0; at < lines.length; at++) {
    const rows = columns === null ? 1 : Math.max(1, Math.ceil(columnsOf(itemAt(lines, at)) / columns));
    starts[at + 1] = itemAt(starts, at) + rows;
  }
  return starts;
}

/** The line that contains a row. */
export function lineAt(starts: Float64Array, row: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (itemAt(starts, middle + 1) <= row) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, starts.length - 2));
}
