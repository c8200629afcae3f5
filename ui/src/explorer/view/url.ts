/** View <-> query string. Defaults are omitted, so that a plain search is a short link; invalid values become defaults. */
import { isLegacy, readLegacy } from './legacy';
import type { Bounds } from '../../charts/types';
import {
  DEFAULT_VIEW,
  NARROWEST_LEGEND,
  WIDEST_LEGEND,
  type PinnedPoint,
  type SortKey,
  type View,
  type Zoom,
} from './view';
import { METRIC_AXIS, X_AXES, type Interval } from '../../data/axis';

interface UrlField<T> {
  write(value: T): string[];
  read(texts: string[]): T | undefined;
}

const number = (text: string | undefined): number => (text === undefined || text.trim() === '' ? NaN : Number(text));

const numberWithin = (low: number, high: number): UrlField<number> => ({
  write: (value) => [String(Math.round(value * 1000) / 1000)],
  read: ([text]) => {
    const value = number(text);
    return Number.isNaN(value) ? undefined : Math.min(high, Math.max(low, value));
  },
});

const optionalNumber = (low: number, high: number): UrlField<number | null> => {
  const field = numberWithin(low, high);
  return { write: (value) => (value === null ? [] : field.write(value)), read: (texts) => field.read(texts) ?? null };
};

const flag: UrlField<boolean> = {
  write: (value) => [value ? '1' : '0'],
  read: ([text]) => (text === '1' ? true : text === '0' ? false : undefined),
};

const optionalFlag: UrlField<boolean | null> = {
  write: (value) => (value === null ? [] : flag.write(value)),
  read: (texts) => flag.read(texts) ?? null,
};

const text: UrlField<string> = { write: (value) => [value], read: ([first]) => first };
const optional: UrlField<string | null> = {
  write: (value) => (value === null ? [] : [value]),
  read: ([first]) => first ?? null,
};

/** An empty list is written as one empty text: "no grouping" differs from "the default grouping". */
const list: UrlField<readonly string[]> = {
  write: (value) => (value.length ? [...value] : ['']),
  read: (texts) => texts.filter((item) => item !== ''),
};

const packed: UrlField<readonly string[]> = {
  write: (value) => [value.join('.')],
  read: ([first]) => (first ?? '').split('.').filter((item) => item !== ''),
};

const sort: UrlField<readonly SortKey[]> = {
  write: (value) => value.map((key) => (key.descending ? '-' : '+') + key.column),
  read: (texts) =>
    texts
      .filter((item) => item.length > 1)
      .map((item) => ({ column: item.slice(1), descending: item.startsWith('-') })),
};

function range(low: string | undefined, high: string | undefined): Interval | null {
  const [a, b] = [number(low), number(high)];
  return Number.isFinite(a) && Number.isFinite(b) && a < b ? [a, b] : null;
}

function zoomText({ x, y, chart }: Zoom): string {
  const vertical = y && chart !== null ? [String(y[0]), String(y[1]), chart] : [];
  return [...(x ?? ['', '']), ...vertical].join('~');
}

function readZoom(text: string): Zoom[] {
  const [x0, x1, y0, y1, ...chart] = text.split('~');
  const x = range(x0, x1);
  const y = chart.length ? range(y0, y1) : null;
  return x || y ? [{ x, y, chart: y && chart.join('~') }] : [];
}

const DEEPEST = 20;
const zoom: UrlField<readonly Zoom[]> = {
  write: (value) => value.slice(-DEEPEST).map(zoomText),
  read: (texts) => texts.flatMap(readZoom).slice(-DEEPEST),
};

const finite = (text: string | undefined): number | null => {
  const value = number(text);
  return Number.isFinite(value) ? value : null;
};

const bounds: UrlField<Bounds> = {
  write: (value) => [value.map((end) => end ?? '').join('~')],
  read: ([first]) => {
    const [low = null, high = null] = (first ?? '').split('~').map(finite);
    return low !== null && high !== null && low >= high ? undefined : [low, high];
  },
};

const pin: UrlField<PinnedPoint | null> = {
  write: (value) => (value === null ? [] : [`${value.key}~${value.x}`]),
  read: ([first]) => {
    const [key, x] = (first ?? '').split('~');
    const at = number(x);
    return key && Number.isFinite(at) ? { key, x: at } : null;
  },
};

const widths: UrlField<View['widths']> = {
  write: (value) => value.map(([column, width]) => `${Math.round(width)}~${column}`),
  read: (texts) =>
    texts.flatMap((item) => {
      const cut = item.indexOf('~');
      const width = number(item.slice(0, cut));
      return cut > 0 && width >= 40 && width <= 2000 ? [[item.slice(cut + 1), width] as const] : [];
    }),
};

const xAxis: UrlField<View['x']> = {
  write: (value) => [value],
  read: ([first = '']) =>
    first.startsWith(METRIC_AXIS) && first.length > METRIC_AXIS.length
      ? (first as View['x'])
      : X_AXES.find((axis) => axis.value === first)?.value,
};

const oneOf = <T extends string>(...allowed: readonly T[]): UrlField<T> => ({
  write: (value) => [value],
  read: ([first]) => allowed.find((value) => value === first),
});

/** An empty list and no list at all differ. */
const optionalList: UrlField<readonly string[] | null> = {
  write: (value) => (value === null ? [] : list.write(value)),
  read: (texts) => list.read(texts) ?? null,
};

const FIELDS: { [K in keyof View]: UrlField<View[K]> } = {
  q: optional,
  color: list,
  stroke: list,
  chart: list,
  allBut: packed,
  off: packed,
  keep: packed,
  seed: numberWithin(0, 1_000_000),
  palette: oneOf('auto', 'eight', 'many'),
  group: flag,
  line: oneOf('mean', 'median', 'min', 'max', 'iqm'),
  area: oneOf('none', 'minmax', 'std', 'stderr', 'ci95'),
  open: packed,
  x: xAxis,
  passes: flag,
  logX: optionalFlag,
  logY: optionalFlag,
  xEnds: bounds,
  yEnds: bounds,
  smooth: numberWithin(0, 0.99),
  average: numberWithin(1, 99),
  curve: flag,
  clip: flag,
  density: flag,
  zoom,
  pin,
  drag: oneOf('zoom', 'once', 'pan'),
  lit: oneOf('run', 'metric', 'none'),
  tip: optionalList,
  tipAt: oneOf('near', 'top', 'bottom', 'off'),
  sort,
  find: text,
  diff: flag,
  scale: flag,
  scaled: list,
  without: list,
  left: list,
  right: list,
  order: list,
  widths,
  rows: oneOf('small', 'medium', 'large'),
  hidden: packed,
  solo: optional,
  legend: flag,
  legendWidth: optionalNumber(NARROWEST_LEGEND, WIDEST_LEGEND),
  split: numberWithin(0, 1),
};

const NAMES = Object.keys(FIELDS) as (keyof View)[];

function put<K extends keyof View>(search: URLSearchParams, name: K, view: View, standard: View): void {
  const texts = FIELDS[name].write(view[name]);
  if (JSON.stringify(texts) === JSON.stringify(FIELDS[name].write(standard[name]))) return;
  for (const part of texts) search.append(name, part);
}

function get<K extends keyof View>(search: URLSearchParams, name: K, standard: View): View[K] {
  if (!search.has(name)) return standard[name];
  return FIELDS[name].read(search.getAll(name)) ?? standard[name];
}

/** `standard`: the view of a page whose address says nothing. */
export function serialize(view: View, standard = DEFAULT_VIEW): string {
  const search = new URLSearchParams();
  for (const name of NAMES) put(search, name, view, standard);
  const query = search.toString();
  return query ? `?${query}` : '';
}

export function parse(query: string, standard = DEFAULT_VIEW): View {
  const search = new URLSearchParams(query);
  if (isLegacy(search)) return { ...DEFAULT_VIEW, ...readLegacy(search.get('search') ?? '') };
  return Object.fromEntries(NAMES.map((name) => [name, get(search, name, standard)])) as unknown as View;
}

/** An address with another view in it. Other parameters stay. */
export function written(search: string, view: View, standard = DEFAULT_VIEW): string {
  const next = new URLSearchParams(isLegacy(new URLSearchParams(search)) ? '' : search);
  for (const name of NAMES) next.delete(name);
  for (const [name, value] of new URLSearchParams(serialize(view, standard))) next.append(name, value);
  const query = next.toString();
  return query ? `?${query}` : '';
}
