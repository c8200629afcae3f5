/** Which numbers of its metrics a table of runs has as columns: all of it in the address. */
import type { Address } from '../../parts/address';

export const VALUES = ['last', 'best', 'min', 'max', 'mean', 'first'] as const;
export type ReducerName = (typeof VALUES)[number];
/** The best value is the lowest or the highest one, by the direction of the metric. */
export type RecordedValue = Exclude<ReducerName, 'best'>;

/** Those of an address that names none. */
export const STANDARD: readonly ReducerName[] = ['last', 'best'];

/** One series where another one of the same run is best; both by the ids of `Measured`. */
export interface Beside {
  readonly metric: string;
  readonly side: 'min' | 'max';
  readonly by: string;
}

export interface Reducers {
  /** Those of every metric. */
  readonly values: readonly ReducerName[];
  /** Of metrics that have others than the rest, by id. */
  readonly own: ReadonlyMap<string, readonly ReducerName[]>;
  readonly besides: readonly Beside[];
}

export const besideKey = ({ metric, side, by }: Beside): string => JSON.stringify([metric, side, by]);

const inOrder = (texts: readonly string[]): readonly ReducerName[] => VALUES.filter((value) => texts.includes(value));

/** The last and the best value where the address names none. */
function readValues(texts: readonly string[]): readonly ReducerName[] {
  const chosen = inOrder(texts);
  return chosen.length || texts.length ? chosen : STANDARD;
}

function readOwn(text: string): [string, readonly ReducerName[]][] {
  const cut = text.indexOf('~');
  const values = inOrder(text.slice(0, Math.max(0, cut)).split('.'));
  return values.length && cut + 1 < text.length ? [[text.slice(cut + 1), values]] : [];
}

export function readBeside(text: string): Beside[] {
  try {
    const [metric, side, by] = JSON.parse(text) as unknown[];
    if (typeof metric !== 'string' || typeof by !== 'string' || (side !== 'min' && side !== 'max')) return [];
    return [{ metric, side, by }];
  } catch {
    return [];
  }
}

export function readReducers(search: URLSearchParams): Reducers {
  const besides = search.getAll('beside').flatMap(readBeside);
  return {
    values: readValues(search.getAll('value')),
    own: new Map(search.getAll('of').flatMap(readOwn)),
    besides: [...new Map(besides.map((beside) => [besideKey(beside), beside])).values()],
  };
}

export function writeReducers({ values, own, besides }: Reducers): Address {
  return {
    value: values.join() === STANDARD.join() ? null : values.length ? values : [''],
    of: [...own].map(([id, mine]) => `${mine.join('.')}~${id}`),
    beside: besides.map(besideKey),
  };
}

export const valuesOf = ({ values, own }: Reducers, id: string): readonly ReducerName[] => own.get(id) ?? values;

/** A metric with one value more or less; the last one stays. */
export function withValueToggled(reducers: Reducers, id: string, value: ReducerName): Reducers {
  const before = valuesOf(reducers, id);
  const next = before.includes(value) ? before.filter((other) => other !== value) : inOrder([...before, value]);
  return next.length === 0 ? reducers : { ...reducers, own: new Map([...reducers.own, [id, next]]) };
}
