/** Reads an output: its end first, then in both directions, and new output while it is followed. One request at a time. */
import { messageOf } from '../../data/error';
import { Scrollback } from './scrollback';
import type { ReadDirection, Pieces, OutputSource } from './source';
import type { OutputLine } from './terminal';

export interface ReaderState {
  readonly lines: readonly OutputLine[];
  readonly loaded: boolean;
  /** The last error, until something succeeds. */
  readonly problem: string | null;
  readonly atStart: boolean;
  readonly atEnd: boolean;
  /** There is output after the held part that was not requested yet. */
  readonly news: boolean;
}

const NOTHING: ReaderState = { lines: [], loaded: false, problem: null, atStart: true, atEnd: true, news: false };

type Load = Pick<OutputSource, 'load'>;

export class Reader {
  state = NOTHING;
  /** Whether new output is read at once, or only reported. */
  following = true;
  private source: Load | null = null;
  private held = new Scrollback();
  private busy: AbortController | null = null;
  private unheard = false;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  open(source: Load): void {
    this.close();
    this.source = source;
    this.held = new Scrollback();
    this.unheard = false;
    this.show(NOTHING);
    void this.end();
  }

  close(): void {
    this.busy?.abort();
    this.busy = null;
    this.source = null;
  }

  heard(): void {
    if (this.following) this.newer();
    else this.show({ news: true });
  }

  readonly older = (): void => {
    const { before } = this.held;
    if (this.busy === null && before !== null) void this.load(before, 'backward', (page) => this.held.prepend(page));
  };

  readonly newer = (): void => {
    if (this.busy === null) void this.readOn();
    else this.unheard = true;
  };

  readonly toEnd = async (): Promise<void> => {
    this.show({ news: false });
    if (this.held.atEnd && !this.held.empty) this.newer();
    else await this.end();
  };

  readonly toStart = async (): Promise<void> => {
    if (this.held.before !== null) await this.load(null, 'forward', (page) => this.held.reset(page));
  };

  /** Hold the page that begins at a cursor; returns its number, by which its lines are known. */
  readonly toPlace = async (cursor: string): Promise<number | null> => {
    if (this.held.pageAt(cursor) === null) await this.load(cursor, 'forward', (page) => this.held.reset(page));
    return this.held.pageAt(cursor);
  };

  private end(): Promise<boolean> {
    return this.load(null, 'backward', (page) => this.held.reset(page));
  }

  private async readOn(): Promise<void> {
    const { after } = this.held;
    this.unheard = false;
    this.show({ news: false });
    const read = after === null ? this.end() : this.load(after, 'forward', (page) => this.held.append(page));
    if ((await read) && this.following && !this.held.atEnd) this.newer();
  }

  /** Pages are neighbors, so an answer for another place is dropped. Returns whether it was used. */
  private async load(cursor: string | null, direction: ReadDirection, take: (page: Pieces) => void): Promise<boolean> {
    this.busy?.abort();
    const { source } = this;
    if (source === null) return false;
    const abort = new AbortController();
    this.busy = abort;
    try {
      const page = await source.load(cursor, direction, abort.signal);
      if (abort.signal.aborted) return false;
      take(page);
    } catch (error) {
      if (abort.signal.aborted) return false;
      this.busy = null;
      this.show({ ...this.place(), problem: messageOf(error) });
      return false;
    }
    this.busy = null;
    this.show({ ...this.place(), problem: null, loaded: true });
    this.catchUp();
    return true;
  }

  /** News that arrived while another page was read. */
  private catchUp(): void {
    if (!this.unheard) return;
    this.unheard = false;
    if (this.following && this.held.atEnd) this.newer();
    else this.show({ news: true });
  }

  private place(): Pick<ReaderState, 'lines' | 'atStart' | 'atEnd'> {
    const { lines, before, atEnd } = this.held;
    return { lines, atStart: before === null, atEnd };
  }

  private show(change: Partial<ReaderState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
