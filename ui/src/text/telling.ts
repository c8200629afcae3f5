/** Which columns tell rows apart, such as the params of runs: as few as suffice, so that names stay short. */

export interface TellingColumn {
  /** Of columns that tell the same rows apart, the one with the shorter name is used. */
  readonly name: string;
  readonly texts: readonly string[];
  /** Used only where the others do not suffice. */
  readonly last?: boolean;
}

/** Rows that are alike so far have the same number. */
interface Alike {
  readonly classes: Int32Array;
  readonly count: number;
}

/** For each of `rows` rows the places of its columns, in their order. Columns that most rows need are used for all. */
export function tellingColumns(columns: readonly TellingColumn[], rows: number): number[][] {
  const coded = columns.map(({ texts }) => refined({ classes: new Int32Array(rows), count: 1 }, codesOf(texts)));
  const varying = withoutTwins(columns, coded);
  const used = Array.from({ length: rows }, () => new Set<number>());
  let alike: Alike = { classes: new Int32Array(rows), count: Math.min(1, rows) };
  for (const last of [false, true]) {
    const left = new Set(varying.filter((at) => Boolean(columns[at]?.last) === last));
    while (left.size > 0 && alike.count < rows) {
      const tried = [...left].map((at) => ({ at, alike: refined(alike, coded[at]?.classes ?? alike.classes) }));
      const best = tried.reduce((most, next) => (next.alike.count > most.alike.count ? next : most));
      if (best.alike.count === alike.count) break;
      const needing = rowsAlike(alike);
      for (const row of needing.length * 2 >= rows ? used.keys() : needing) used[row]?.add(best.at);
      alike = best.alike;
      left.delete(best.at);
    }
  }
  return used.map((places) => [...places].sort((a, b) => a - b));
}

/** The places of columns that vary, best name first, without those that split the rows as one before does. */
function withoutTwins(columns: readonly TellingColumn[], coded: readonly Alike[]): number[] {
  const order = (at: number): number => (columns[at]?.last ? Infinity : (columns[at]?.name.length ?? 0));
  const byName = [...columns.keys()].sort((a, b) => (order(a) === order(b) ? a - b : order(a) - order(b)));
  const seen = new Set<string>();
  return byName.filter((at) => {
    const { classes = [], count = 0 } = coded[at] ?? {};
    const split = classes.join();
    if (count < 2 || seen.has(split)) return false;
    seen.add(split);
    return true;
  });
}

function codesOf(texts: readonly string[]): Int32Array {
  const codes = new Map<string, number>();
  return Int32Array.from(texts, (text) => {
    const code = codes.get(text) ?? codes.size;
    codes.set(text, code);
    return code;
  });
}

function refined({ classes, count }: Alike, codes: Int32Array): Alike {
  const numbers = new Map<number, number>();
  const next = classes.map((own, row) => {
    const pair = (codes[row] ?? 0) * count + own;
    const number = numbers.get(pair) ?? numbers.size;
    numbers.set(pair, number);
    return number;
  });
  return { classes: next, count: numbers.size };
}

/** The rows that are not yet the only ones of their class. */
function rowsAlike({ classes, count }: Alike): number[] {
  const sizes = new Int32Array(count);
  for (const own of classes) sizes[own] = (sizes[own] ?? 0) + 1;
  return [...classes.keys()].filter((row) => (sizes[classes[row] ?? 0] ?? 0) > 1);
}
