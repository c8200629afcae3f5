/** A source of terminal output: pages of pieces with cursors in both directions, and search. */
import type { TextPiece, Stream } from './terminal';

export interface Pieces {
  readonly pieces: readonly TextPiece[];
  /** The cursor before the first piece; null at the beginning. */
  readonly before: string | null;
  /** The cursor after the last piece, from which new output is read. */
  readonly after: string;
  /** Whether there is already more. */
  readonly more: boolean;
}

export type ReadDirection = 'forward' | 'backward';

/** A line that contains a text. */
export interface FoundLine {
  /** The cursor of the piece with the line, for reading forward. */
  readonly cursor: string;
  /** The time of that piece. */
  readonly time: number;
  readonly stream: Stream;
}

export interface FoundLines {
  /** In order. */
  readonly places: readonly FoundLine[];
  /** The cursor to continue from; null at the end. */
  readonly next: string | null;
}

/** A different source is a different output: the view starts over. */
export interface OutputSource {
  /** Without a cursor: backward from the end, forward from the beginning. */
  load(cursor: string | null, direction: ReadDirection, signal: AbortSignal): Promise<Pieces>;
  /** Searches all of the output, not only the loaded part. */
  find(text: string, cursor: string | null, signal: AbortSignal): Promise<FoundLines>;
  /** Calls back when there may be new output. */
  listen(news: () => void): () => void;
}
