/** Values of parameters as texts in boxes, and back as the server reads them. */
import type { Command, NamedValue, SeveralValues } from '../../wire';
import { parametersOf } from './words';

export type Value = string | number | boolean;

/** As `aim/launch/space.py` reads it back. Numbers that JavaScript would write otherwise come as texts. */
export const valueText = (value: Value | null | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);

/** One value as text that stands for itself alone: a comma would part two. */
export const oneText = (value: Value | null | undefined): string => valueText(value).replace(/,/g, '\\,');

/** The default of every parameter that the arguments name; null where a value must be given. */
export const defaultsOf = ({ argv, params = [] }: Command): ReadonlyMap<string, Value | null> => {
  const known = new Map(params.map(({ name, value }) => [name, value]));
  return new Map(parametersOf(argv).map((name) => [name, known.get(name) ?? null]));
};

/** The command with exactly the parameters that it names. */
export function tidy(command: Command): Command {
  const params: NamedValue[] = [...defaultsOf(command)].map(([name, value]) => ({ name, value }));
  return { ...command, params, env: (command.env ?? []).filter(({ name }) => name.trim() !== '') };
}

/** What the server shall read: only what differs from the defaults, which keep the type that they have. */
export const spaceOf = (command: Command, texts: ReadonlyMap<string, string>): SeveralValues[] =>
  [...defaultsOf(command)].flatMap(([name, usual]) => {
    const text = texts.get(name);
    return text === undefined || (usual !== null && text === oneText(usual)) ? [] : [{ name, text }];
  });

/** A range without an end of values: it can only be drawn from. */
export const isEndless = (text: string): boolean => /^\s*(log|uniform)\([^:]*\)\s*$/.test(text);
