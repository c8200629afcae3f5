/** The fields that each channel groups by: the chosen ones, every other param, or none. */
import { paramOf, textOf, type Result } from '../data/result';
import type { Channel, View } from './view/view';

export const CHANNELS: readonly Channel[] = ['color', 'stroke', 'chart'];

/** Params that differ between the runs. */
export function varyingParams({ runs, paths }: Pick<Result, 'runs' | 'paths'>): string[] {
  return paths.filter((path) => {
    const first = runs[0] && paramOf(runs[0], path);
    const text = textOf(first);
    return runs.some((run) => {
      const value = paramOf(run, path);
      return value !== first && (typeof value !== typeof first || textOf(value) !== text);
    });
  });
}

type Chosen = Pick<View, Channel | 'allBut' | 'off'>;

/** Excluding a param also excludes everything below it. */
export function chosenFields(view: Chosen, channel: Channel, varying: readonly string[]): readonly string[] {
  if (view.off.includes(channel)) return [];
  const chosen = view[channel];
  if (!view.allBut.includes(channel)) return chosen;
  const out = (id: string): boolean => chosen.some((field) => id === field || id.startsWith(`${field}.`));
  return varying.map((path) => `params.${path}`).filter((id) => !out(id));
}

export function switched(list: readonly string[], item: string, on: boolean): string[] {
  const rest = list.filter((other) => other !== item);
  return on ? [...rest, item] : rest;
}
