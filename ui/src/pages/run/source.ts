/** What the files of another tracker say of a run that was read from them or copied. */
import { textOf } from '../../data/result';
import type { Pair } from '../../parts/Pairs';
import type { RunDetail } from '../../wire';

const LABELS: Record<string, string> = {
  folder: 'Folder',
  files: 'Files',
  links: 'Also called',
  damaged: 'Damaged',
};

/** The facts of the one tracker that has a folder; none for a run that was recorded with Aim. */
export function sourcePairs(facts: RunDetail['facts']): Pair[] {
  for (const [format, about] of Object.entries(facts)) {
    if (typeof about !== 'object' || about === null || !('folder' in about)) continue;
    const { skipped, copied: _, ...said } = about as Record<string, unknown>;
    const left = typeof skipped === 'object' && skipped !== null ? Object.entries(skipped) : [];
    return [
      ['Format', format],
      ...Object.entries(said).map(([name, value]): Pair => [LABELS[name] ?? name, listText(value)]),
      ...left.map(([kind, names]): Pair => [`Not shown: ${kind}`, listText(names)]),
    ];
  }
  return [];
}

const listText = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value));
