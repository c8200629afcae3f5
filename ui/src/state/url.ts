/** View <-> query string. Defaults are left out, so that a plain search is a short link; what cannot be read is the default. */
import { DEFAULT_VIEW, X_AXES, type Range, type SortKey, type View, type Zoom } from './view';

interface Field<T> {
  write(value: T): string[];
  read(texts: string[]): T | undefined;
}

const number = (text: string | undefined): number => (text === undefined || text.trim() === '' ? NaN : Number(text));

const within = (low: number, high: number): Field<number> => ({
  write: (value) => [String(Math.round(value * 1000) / 1000)],
  read: ([text]) => {
    const value = number(text);
    return Number.isNaN(value) ? undefined : Math.min(high, Math.max(low, value));
  },
});

const flag: Field<boolean> = {
  write: (value) => [value ? '1' : '0'],
  read: ([text]) => (text === '1' ? true : text === '0' ? false : undefined),
};

const text: Field<string> = { write: (value) => [value], read: ([first]) => first };
const optional: Field<string | null> = {
  write: (value) => (value === null ? [] : [value]),
  read: ([first]) => first ?? null,
};

/** An empty list is written as one empty text: "no grouping" differs from "the default grouping". */
const list: Field<readonly string[]> = {
  write: (value) => (value.length ? [...value] : ['']),
  read: (texts) => texts.filter((item) => item !== ''),
};

const packed: Field<readonly string[]> = {
  write: (value) => [value.join('.')],
  read: ([first]) => (first ?? '').split('.').filter((item) => item !== ''),
};

const sort: Field<readonly SortKey[]> = {
  write: (value) => value.map((key) => (key.descending ? '-' : '+') + key.column),
  read: (texts) =>
    texts
      .filter((item) => item.length > 1)
      .map((item) => ({ column: item.slice(1), descending: item.startsWith('-') })),
};

function range(low: string | undefined, high: string | undefined): Range | null {
  const [a, b] = [number(low), number(high)];
  return Number.isFinite(a) && Number.isFinite(b) && a < b ? [a, b] : null;
}

const zoom: Field<Zoom | null> = {
  write: (value) => {
    if (value === null) return [];
    const vertical = value.y && value.chart !== null ? [String(value.y[0]), String(value.y[1]), value.chart] : [];
    return [[...(value.x ?? ['', '']), ...vertical].join('~')];
  },
  read: ([first]) => {
    const [x0, x1, y0, y1, ...chart] = (first ?? '').split('~');
    const x = range(x0, x1);
    const y = chart.length ? range(y0, y1) : null;
    return x || y ? { x, y, chart: y && chart.join('~') } : null;
  },
};

const xAxis: Field<View['x']> = {
  write: (value) => [value],
  read: ([first]) => X_AXES.find((axis) => axis.value === first)?.value,
};

const FIELDS: { [K in keyof View]: Field<View[K]> } = {
  q: optional,
  color: list,
  stroke: list,
  chart: list,
  x: xAxis,
  logX: flag,
  logY: flag,
  smooth: within(0, 0.99),
  clip: flag,
  zoom,
  sort,
  find: text,
  diff: flag,
  hidden: packed,
  solo: optional,
  legend: flag,
  split: within(0, 1),
};

const NAMES = Object.keys(FIELDS) as (keyof View)[];

function put<K extends keyof View>(search: URLSearchParams, name: K, view: View): void {
  const texts = FIELDS[name].write(view[name]);
  if (JSON.stringify(texts) === JSON.stringify(FIELDS[name].write(DEFAULT_VIEW[name]))) return;
  for (const one of texts) search.append(name, one);
}

function get<K extends keyof View>(search: URLSearchParams, name: K): View[K] {
  if (!search.has(name)) return DEFAULT_VIEW[name];
  return FIELDS[name].read(search.getAll(name)) ?? DEFAULT_VIEW[name];
}

export function serialise(view: View): string {
  const search = new URLSearchParams();
  for (const name of NAMES) put(search, name, view);
  const query = search.toString();
  return query ? `?${query}` : '';
}

export function parse(query: string): View {
  const search = new URLSearchParams(query);
  return Object.fromEntries(NAMES.map((name) => [name, get(search, name)])) as unknown as View;
}
