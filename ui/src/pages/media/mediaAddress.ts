/** What the address of the page says besides the query: kind, grouping, ranges, and how media are drawn. */

export type PictureFit = 'contain' | 'cover';
export type PixelLook = 'auto' | 'sharp' | 'smooth';
export type GridSide = 'rows' | 'columns';

export interface MediaAddress {
  readonly kind: string | null;
  /** null: as the kind has them. */
  readonly rows: readonly string[] | null;
  readonly columns: readonly string[] | null;
  /** Sides that group by every param except the chosen ones. */
  readonly allBut: readonly GridSide[];
  /** Sides in descending order. */
  readonly down: readonly GridSide[];
  readonly lo: number | null;
  readonly hi: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly steps: number;
  readonly size: number | null;
  readonly look: string | null;
  /** A regular expression. */
  readonly find: string;
  readonly fit: PictureFit;
  readonly pixels: PixelLook;
  /** The step that all show; null: each value has a place of its own. */
  readonly at: number | null;
}

export const STEPS = [10, 50, 200, 1000] as const;

const STANDARD: MediaAddress = {
  kind: null,
  rows: null,
  columns: null,
  allBut: [],
  down: [],
  lo: null,
  hi: null,
  low: null,
  high: null,
  steps: 50,
  size: null,
  look: null,
  find: '',
  fit: 'contain',
  pixels: 'auto',
  at: null,
};
/** Of another kind: the query and the ranges stay. */
export const OWN_OF_KIND = { rows: null, columns: null, size: null, look: null, at: null } as const;
/** The server reads no more of a pattern. */
export const LONGEST_FIND = 200;
const LARGEST = 2000;

function whole(text: string | null, low = -Infinity, high = Infinity): number | null {
  const value = text === null || text.trim() === '' ? NaN : Number(text);
  return Number.isSafeInteger(value) ? Math.min(high, Math.max(low, value)) : null;
}

const listed = (search: URLSearchParams, name: string): readonly string[] | null =>
  search.has(name) ? search.getAll(name).filter(Boolean) : null;

const sidesIn = (text: string | null): GridSide[] =>
  (['rows', 'columns'] as const).filter((side) => (text ?? '').split('.').includes(side));

export function readMediaAddress(search: URLSearchParams): MediaAddress {
  const { fit, pixels } = STANDARD;
  return {
    kind: search.get('kind'),
    rows: listed(search, 'row'),
    columns: listed(search, 'column'),
    allBut: sidesIn(search.get('but')),
    down: sidesIn(search.get('down')),
    lo: whole(search.get('lo')),
    hi: whole(search.get('hi')),
    low: whole(search.get('low'), 0),
    high: whole(search.get('high'), 0),
    steps: whole(search.get('steps'), 1, 1000) ?? STANDARD.steps,
    size: whole(search.get('size'), 1, LARGEST),
    look: search.get('look'),
    find: (search.get('pattern') ?? '').slice(0, LONGEST_FIND),
    fit: (['contain', 'cover'] as const).find((value) => value === search.get('fit')) ?? fit,
    pixels: (['auto', 'sharp', 'smooth'] as const).find((value) => value === search.get('pixels')) ?? pixels,
    at: whole(search.get('at')),
  };
}

type AddressTexts = Record<string, string | readonly string[] | null>;

const WRITTEN: { [K in keyof MediaAddress]: (value: MediaAddress[K]) => AddressTexts } = {
  kind: (value) => ({ kind: value }),
  rows: (value) => ({ row: listText(value) }),
  columns: (value) => ({ column: listText(value) }),
  allBut: (value) => ({ but: value.join('.') || null }),
  down: (value) => ({ down: value.join('.') || null }),
  lo: (value) => ({ lo: value === null ? null : String(value) }),
  hi: (value) => ({ hi: value === null ? null : String(value) }),
  low: (value) => ({ low: value === null ? null : String(value) }),
  high: (value) => ({ high: value === null ? null : String(value) }),
  steps: (value) => ({ steps: value === STANDARD.steps ? null : String(value) }),
  size: (value) => ({ size: value === null ? null : String(value) }),
  look: (value) => ({ look: value }),
  find: (value) => ({ pattern: value || null }),
  fit: (value) => ({ fit: value === STANDARD.fit ? null : value }),
  pixels: (value) => ({ pixels: value === STANDARD.pixels ? null : value }),
  at: (value) => ({ at: value === null ? null : String(value) }),
};

/** An empty list is written as one empty text: no grouping is not the default one. */
const listText = (value: readonly string[] | null): readonly string[] | null => (value?.length === 0 ? [''] : value);

export function writtenMedia(change: Partial<MediaAddress>): AddressTexts {
  const put = <K extends keyof MediaAddress>(name: K): AddressTexts => {
    const value = change[name];
    return value === undefined ? {} : WRITTEN[name](value);
  };
  return Object.assign({}, ...(Object.keys(change) as (keyof MediaAddress)[]).map(put)) as AddressTexts;
}
