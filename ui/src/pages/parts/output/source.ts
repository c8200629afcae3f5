/** Where terminal output comes from: pages of pieces with cursors in both directions, and places in which a text stands. */
import type { Piece } from './terminal';

export interface OutputPage {
  readonly pieces: readonly Piece[];
  /** The cursor in front of the first piece; null at the beginning of everything. */
  readonly before: string | null;
  /** The cursor behind the last piece, from which new output is read. */
  readonly after: string;
  /** Whether more lies behind it already. */
  readonly more: boolean;
}

export type Direction = 'forward' | 'backward';

export interface Found {
  /** Cursors in front of the pieces in which the text stands, in order, each once. */
  readonly places: readonly string[];
  /** There are more places than these. */
  readonly more: boolean;
}

export interface OutputSource {
  /** Another key is another output: the view begins anew. */
  readonly key: string;
  /** Without a cursor: backward from the end, forward from the beginning. */
  load(cursor: string | null, direction: Direction, signal: AbortSignal): Promise<OutputPage>;
  /** Everywhere, not only in what was loaded. */
  find(text: string, signal: AbortSignal): Promise<Found>;
  /** Calls back when there may be something new. */
  listen(news: () => void): () => void;
}
