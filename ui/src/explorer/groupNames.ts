/** What groups are called: by the values that tell them apart, in legend, table, tooltip and charts alike. */
import { namesRuns, repeatsRuns, shortParam } from '../text/paramKinds';
import { tellingColumns } from '../text/telling';
import { MISSING, type Field } from './fields';

export interface GroupValue {
  /** The label of its field. */
  readonly name: string;
  readonly text: string;
  /** The text of which `text` is the part that differs. */
  readonly whole?: string;
  readonly param?: boolean;
  /** Not needed to tell this group from the others. */
  readonly common?: boolean;
  /** Needed by few groups, so that only their names have it. */
  readonly rare?: boolean;
}

export const groupValue = ({ label, kind }: Field, text: string, whole = text): GroupValue => ({
  name: label,
  text,
  ...(whole !== text && { whole }),
  ...(kind === 'param' && { param: true }),
});

export interface NamedGroup {
  readonly values: readonly GroupValue[];
}

/** Lists and objects are long. */
const isLong = (text: string): boolean => text.startsWith('[') || text.startsWith('{');

/** Marks the values that are not needed to tell groups apart; all groups have the same fields. */
export function withCommon<G extends NamedGroup>(groups: readonly G[]): G[] {
  const [first] = groups;
  if (!first) return [];
  const columns = first.values.map(({ name, param }, at) => {
    const texts = groups.map(({ values }) => values[at]?.whole ?? values[at]?.text ?? '');
    const namesEach = namesRuns(name) && new Set(texts).size === groups.length;
    return { name, texts, last: Boolean(param) && (namesEach || repeatsRuns(name) || texts.some(isLong)) };
  });
  const used = tellingColumns(columns, groups.length).map((places) => new Set(places));
  const varies = columns.map(({ texts }) => texts.some((text) => text !== texts[0]));
  const everywhere = columns.map((_, at) => used.every((places) => places.has(at)));
  const marked = (value: GroupValue, row: number, at: number): GroupValue => {
    // Fields other than params were chosen one by one, so what they say is wanted.
    if (!(value.param ? used[row]?.has(at) : varies[at])) return { ...value, common: true };
    return value.param && !everywhere[at] ? { ...value, rare: true } : value;
  };
  return groups.map((group, row) => ({ ...group, values: group.values.map((value, at) => marked(value, row, at)) }));
}

/** The values that tell a group apart, without what its lines do not have; all values, where it is the only group. */
export function toldValues({ values }: NamedGroup): readonly GroupValue[] {
  const telling = values.filter(({ common }) => !common);
  const told = telling.length > 0 ? telling : values;
  const there = withoutMissing(told);
  return [...there.filter(({ rare }) => !rare), ...there.filter(({ rare }) => rare)];
}

/** The values that a group has; if it has none, what it lacks. */
export function withoutMissing(values: readonly GroupValue[]): readonly GroupValue[] {
  const there = values.filter(({ text }) => text !== MISSING);
  return there.length > 0 ? there : values;
}

function joined(values: readonly GroupValue[], isNamed: (value: GroupValue) => boolean): string {
  const short = shortNames(values.flatMap(({ name, param }) => (param ? [name] : [])));
  const texts = values.map((value) => {
    const name = short.get(value.name) ?? value.name;
    if (!value.param || !isNamed(value)) return value.text;
    return value.text === MISSING ? `no ${name}` : `${name}=${value.text}`;
  });
  return texts.every((text) => text === MISSING) ? (texts[0] ?? '') : texts.join(' · ');
}

/** The last part of each path, or the whole path where two end alike. */
function shortNames(paths: readonly string[]): Map<string, string> {
  const ends = paths.map(shortParam);
  return new Map(
    paths.map((path, at) => [path, ends.filter((end) => end === ends[at]).length > 1 ? path : (ends[at] ?? path)]),
  );
}

/** The name of a group: its values, next to columns or a legend that name the fields of all groups. */
export const groupName = (group: NamedGroup): string => joined(toldValues(group), ({ rare = false }) => rare);

/** The same with the names of all params. */
export const groupNameWithParams = (group: NamedGroup): string => joined(toldValues(group), () => true);

/** All values in full, for the text on hover. */
export const wholeName = ({ values }: NamedGroup): string =>
  values
    .filter(({ text }) => text !== MISSING)
    .map(({ name, text, whole = text, param }) => (param ? `${name}=${whole}` : whole))
    .join(' · ');

/** The fields whose values are in the names of all groups; all fields, where there is one group. */
export function toldFields(groups: readonly NamedGroup[]): string[] {
  const [first] = groups;
  if (!first) return [];
  const telling = first.values.filter((_, at) => groups.some(({ values }) => !values[at]?.common && !values[at]?.rare));
  const told = (telling.length > 0 ? telling : first.values).map(({ name }) => name);
  const short = shortNames(told);
  return told.map((name) => short.get(name) ?? name);
}

const FEW = 10;

/** What a tooltip says about a group: what tells it apart first, and as much of the rest as has room. */
export function valuesInTip(group: NamedGroup): readonly GroupValue[] {
  const told = toldValues(group);
  return [...told, ...group.values.filter((value) => !told.includes(value)).slice(0, Math.max(0, FEW - told.length))];
}
