/** What the files of another tracker say of a run that was read from them or copied. */
import { textOf } from '../../data/result';
import { formatTitle } from '../../text/formats';
import type { Pair } from '../../parts/Pairs';
import type { RunDetail } from '../../wire';

/** How far it was copied, for the next copy. */
const FOR_COPIES = new Set(['copied', 'version', 'gone', 'found']);

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
    const { skipped, ...known } = about as Record<string, unknown>;
    const said = Object.entries(known).filter(([name]) => !FOR_COPIES.has(name));
    const left = typeof skipped === 'object' && skipped !== null ? Object.entries(skipped) : [];
    return [
      ['Format', formatTitle(format)],
      ...said.map(([name, value]): Pair => [labelOf(name), listText(value)]),
      ...left.map(([kind, names]): Pair => [`Not shown: ${kind}`, listText(names)]),
    ];
  }
  return [];
}

const listText = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value));
