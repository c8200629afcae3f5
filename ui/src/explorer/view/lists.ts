/**
 * Lists of a view that would make its address too long. The address has their id instead; they are in the repository
 * where this page may store them there, and else in this browser.
 */
import { ApiError } from '../../data/error';
import { shortKey } from '../../data/result';
import { recall, remember } from '../../parts/memory';

export interface ListStore {
  readonly save: (text: string) => Promise<string>;
  readonly load: (id: string) => Promise<string>;
}

const ID = 'kept';
const LONGEST = 4000;
const LISTS = ['hidden', 'open'];
/** How many this page knows. */
const RECENT = 100;
/** What the browser keeps for a reload: the last ones, up to so many characters. */
const MOST = 8;
const MOST_CHARACTERS = 1_500_000;
const MEMORY = 'views';

export class LongLists {
  private readonly texts = new Map<string, string>();
  private readonly ids = new Map<string, string>();
  private refused = false;

  constructor(private readonly store: ListStore) {
    for (const [id, text] of recall<[string, string][]>(MEMORY, [])) this.know(id, text);
  }

  /** The address with the lists in it, and the id of those that are not in this browser. */
  whole(search: string): { readonly search: string; readonly missing: string | null } {
    const params = new URLSearchParams(search);
    const id = params.get(ID);
    if (id === null) return { search, missing: null };
    const text = this.texts.get(id);
    params.delete(ID);
    for (const [name, value] of new URLSearchParams(text)) if (LISTS.includes(name)) params.append(name, value);
    return { search: `?${params.toString()}`, missing: text === undefined ? id : null };
  }

  /** The address without lists that are too long for it. */
  short(search: string): string {
    const params = new URLSearchParams(search);
    if (params.has(ID)) {
      params.delete(ID);
      return this.short(params.size > 0 ? `?${params.toString()}` : '');
    }
    if (search.length <= LONGEST) return search;
    const lists = new URLSearchParams([...params].filter(([name]) => LISTS.includes(name)));
    if (lists.size === 0) return search;
    for (const name of LISTS) params.delete(name);
    params.set(ID, this.idOf(lists.toString()));
    return `?${params.toString()}`;
  }

  /** Stores the lists of an address in the repository; whether it has another id from then on. */
  async keep(search: string): Promise<boolean> {
    const id = new URLSearchParams(search).get(ID);
    const text = id === null ? undefined : this.texts.get(id);
    if (text === undefined || this.refused || id !== localId(text)) return false;
    try {
      this.know(await this.store.save(text), text);
      this.note();
      return true;
    } catch (error) {
      this.refused ||= error instanceof ApiError && error.status === 403;
      return false;
    }
  }

  /** Fetches lists of an address; false if nobody has them. */
  async fetch(id: string): Promise<boolean> {
    try {
      this.know(id, await this.store.load(id));
      return true;
    } catch {
      return false;
    }
  }

  private idOf(text: string): string {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = localId(text);
    this.know(id, text);
    this.note();
    return id;
  }

  private know(id: string, text: string): void {
    this.texts.delete(id);
    this.texts.set(id, text);
    this.ids.set(text, id);
    for (const [old, forgotten] of this.texts) {
      if (this.texts.size <= RECENT) break;
      this.texts.delete(old);
      this.ids.delete(forgotten);
    }
  }

  private note(): void {
    let characters = 0;
    const newest = [...this.texts].reverse().slice(0, MOST);
    remember(MEMORY, newest.filter(([, text]) => (characters += text.length) <= MOST_CHARACTERS).reverse());
  }
}

/** Distinct from an id of the repository, which has 16 hexadecimal digits. */
const localId = (text: string): string => `b${shortKey(text)}`;
