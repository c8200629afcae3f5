/** Where terminal output comes from: pages of pieces with cursors in both directions, and places in which a text stands. */
import type { TextPiece, Stream } from './terminal';

export interface Pieces {
  readonly pieces: readonly TextPiece[];
  /** The cursor in front of the first piece; null at the beginning of everything. */
  readonly before: string | null;
  /** The cursor behind the last piece, from which new output is read. */
  readonly after: string;
  /** Whether more lies behind it already. */
  readonly more: boolean;
}

export type Direction = 'forward' | 'backward';

/** A line in which a text stands. */
export interface FoundLine {
  /** Leads to the piece with the line, forwards. */
  readonly cursor: string;
  /** The time of that piece. */
  readonly time: number;
  readonly stream: Stream;
}

export interface FoundLines {
  /** In order. */
  readonly places: readonly FoundLine[];
  /** Where to continue; null at the end. */
  readonly next: string | null;
}

/** A different source is a different output: the view starts over. */
export interface OutputSource {
  /** Without a cursor: backward from the end, forward from the beginning. */
  load(cursor: string | null, direction: Direction, signal: AbortSignal): Promise<Pieces>;
  /** Everywhere, not only in what was loaded. */
  find(text: string, cursor: string | null, signal: AbortSignal): Promise<FoundLines>;
  /** Calls back when there may be something new. */
  listen(news: () => void): () => void;
}
