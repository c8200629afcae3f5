/** What the files of another tracker say of a run that was read from them or copied. */
import { textOf } from '../../data/result';
import { formatTitle } from '../../text/formats';
import type { Pair } from '../../parts/Pairs';
import type { RunDetail } from '../../wire';

const LABELS: ReadonlyMap<string, string> = new Map([['links', 'Also called']]);

/** `cli_version` is *Cli version*. */
const labelOf = (name: string): string => {
  const words = name.replace(/_/g, ' ');
  return LABELS.get(name) ?? words.charAt(0).toUpperCase() + words.slice(1);
};

/** The facts of the one tracker that has a folder; none for a run that was recorded with Aim. */
export function sourcePairs(facts: RunDetail['facts']): Pair[] {
  for (const [format, about] of Object.entries(facts)) {
    if (typeof about !== 'object' || about === null || !('folder' in about)) continue;
    const { skipped, copied: _, ...said } = about as Record<string, unknown>;
    const left = typeof skipped === 'object' && skipped !== null ? Object.entries(skipped) : [];
    return [
      ['Format', formatTitle(format)],
      ...Object.entries(said).map(([name, value]): Pair => [labelOf(name), listText(value)]),
      ...left.map(([kind, names]): Pair => [`Not shown: ${kind}`, listText(names)]),
    ];
  }
  return [];
}

const listText = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value));
