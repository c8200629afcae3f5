/**
 * The held part of an output: neighboring pages and their lines. It grows at both ends, and drops whole pages at the
 * other end if it holds too much; their cursors stay, so that they can be requested again.
 */
import { itemAt } from '../../text/lists';
import type { Pieces } from './source';
import { Terminal, type OutputLine } from './terminal';

export const MOST_LINES = 20_000;
const MOST_CHARACTERS = 8_000_000;
const ENOUGH = 0.8;

interface Held {
  readonly serial: number;
  readonly page: Pieces;
  readonly characters: number;
}

const held = (serial: number, page: Pieces): Held => ({
  serial,
  page,
  characters: page.pieces.reduce((sum, piece) => sum + piece.text.length, 0),
});

export class Scrollback {
  private pages: Held[] = [];
  private terminal = new Terminal();
  private all: readonly OutputLine[] = [];

  constructor(private readonly most = MOST_LINES) {}

  get lines(): readonly OutputLine[] {
    return this.all;
  }

  get empty(): boolean {
    return this.pages.length === 0;
  }

  /** The cursor to read backward from; null at the beginning. */
  get before(): string | null {
    return this.pages[0]?.page.before ?? null;
  }

  /** The cursor to read forward from. */
  get after(): string | null {
    return this.pages[this.pages.length - 1]?.page.after ?? null;
  }

  /** Whether the held part reaches the last known end. */
  get atEnd(): boolean {
    return !(this.pages[this.pages.length - 1]?.page.more ?? false);
  }

  /** The page that begins at a cursor, if it is held. */
  pageAt(cursor: string): number | null {
    return this.pages.find(({ page }) => page.before === cursor)?.serial ?? null;
  }

  reset(page: Pieces): void {
    this.pages = [held(0, page)];
    this.rebuild();
  }

  append(page: Pieces): void {
    const last = this.pages[this.pages.length - 1];
    if (last && page.pieces.length === 0) {
      this.pages[this.pages.length - 1] = { ...last, page: { ...last.page, after: page.after, more: page.more } };
      return;
    }
    const next = held(last ? last.serial + 1 : 0, page);
    this.pages.push(next);
    this.feed(next);
    this.all = this.terminal.lines();
    if (this.size() > 1) this.shrink('first');
  }

  prepend(page: Pieces): void {
    const first = this.pages[0];
    if (!first) return this.reset(page);
    if (page.pieces.length === 0) {
      this.pages[0] = { ...first, page: { ...first.page, before: page.before } };
      return;
    }
    this.pages.unshift(held(first.serial - 1, page));
    this.rebuild();
    if (this.size() > 1) this.shrink('last');
  }

  /** As a share of the limit. */
  private size(): number {
    const characters = this.pages.reduce((sum, page) => sum + page.characters, 0);
    return Math.max(this.all.length / this.most, characters / MOST_CHARACTERS);
  }

  /** Frees enough room for a while. */
  private shrink(end: 'first' | 'last'): void {
    while (this.pages.length > 1 && this.size() > ENOUGH) {
      const page = end === 'first' ? this.pages.shift() : this.pages.pop();
      this.all = this.all.filter((line) => Terminal.pageOf(line) !== page?.serial);
    }
    const last = itemAt(this.pages, this.pages.length - 1);
    if (end === 'last') this.pages[this.pages.length - 1] = { ...last, page: { ...last.page, more: true } };
    this.rebuild();
  }

  private feed({ serial, page }: Held): void {
    this.terminal.page(serial);
    this.terminal.take(page.pieces);
  }

  private rebuild(): void {
    this.terminal = new Terminal();
    for (const page of this.pages) this.feed(page);
    this.all = this.terminal.lines();
  }
}
