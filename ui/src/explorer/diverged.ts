/** What a group says about its members that diverged, so that a mean of the others does not hide them. */

/** `count` members have a value, and that of `diverged` of them is NaN or infinite. */
export const divergedText = (count: number, diverged: number): string =>
  diverged === 0 ? '' : `${count - diverged} of ${count}; ${diverged} diverged`;

/** The same next to a number of the others. */
export const withDiverged = (text: string, count: number, diverged: number): string =>
  [text, divergedText(count, diverged)].filter(Boolean).join(' · ');
