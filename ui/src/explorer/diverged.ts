/** What a group says about its members that diverged, so that a mean of the others does not hide them. */
import { divergedBy, type Points } from '../stats';
import { countText, plural } from '../text/format';

/** `count` members have a value, and that of `diverged` of them is NaN or infinite. */
export const divergedText = (count: number, diverged: number): string =>
  diverged === 0 ? '' : `${countText(count - diverged)} of ${countText(count)}; ${countText(diverged)} diverged`;

/** The same next to a number of the others. */
export const withDiverged = (text: string, count: number, diverged: number): string =>
  [text, divergedText(count, diverged)].filter(Boolean).join(' · ');

/** How many lines of a chart are drawn, and how many of these diverged. */
export function drawnText(lines: readonly (Points & { readonly key: string })[], shown: ReadonlySet<string>): string {
  const drawn = lines.filter(({ key }) => shown.has(key));
  const diverged = divergedBy(drawn);
  const total = plural(lines.length, 'line');
  return `${drawn.length === lines.length ? total : `${countText(drawn.length)} of ${total}`}${diverged > 0 ? `; ${countText(diverged)} diverged` : ''}`;
}
