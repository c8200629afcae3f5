/** Finding by words, in any order and case. */

export const findWords = (find: string): readonly string[] => find.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether a text contains all of these words. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}
