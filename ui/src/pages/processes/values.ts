/** Converts values of parameters to texts in fields, and back as the server parses them. */
import type { Command, NamedValue, SeveralValues } from '../../wire';
import { parametersOf } from './words';

export type TrialValue = string | number | boolean;

/** The format that `aim/launch/space.py` parses. Numbers that JavaScript would change arrive as texts. */
export const trialValueText = (value: TrialValue | null | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);

/** One value as a text that stands for itself: a comma would split it, and two dots would make a range of it. */
export function oneText(value: TrialValue | null | undefined): string {
  const text = trialValueText(value).replace(/,/g, '\\,');
  return !/[\s/\\]/.test(text) && /[^.]\.\.[^.]/.test(text) ? text.replace(/\.\./g, '\\..') : text;
}

/** The default of every parameter in the arguments; null if a value is required. */
export const defaultsOf = ({ argv, params = [] }: Command): ReadonlyMap<string, TrialValue | null> => {
  const known = new Map(params.map(({ name, value }) => [name, value]));
  return new Map(parametersOf(argv).map((name) => [name, known.get(name) ?? null]));
};

/** The command with exactly the parameters that it names. */
export function tidy(command: Command): Command {
  const params: NamedValue[] = [...defaultsOf(command)].map(([name, value]) => ({ name, value }));
  return { ...command, params, env: (command.env ?? []).filter(({ name }) => name.trim() !== '') };
}

/** The texts for the server: only those that differ from the defaults, which keep their types. */
export const spaceOf = (command: Command, texts: ReadonlyMap<string, string>): SeveralValues[] =>
  [...defaultsOf(command)].flatMap(([name, usual]) => {
    const text = texts.get(name);
    return text === undefined || (usual !== null && text === oneText(usual)) ? [] : [{ name, text }];
  });

/** A continuous range, which can only be sampled. */
export const isEndless = (text: string): boolean => /^\s*(log|uniform)\([^:]*\)\s*$/.test(text);
