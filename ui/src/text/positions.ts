/** The server counts characters, the browser counts UTF-16 units; they part at the first emoji. */

export function unitsAt(text: string, characters: number): number {
  let units = 0;
  let seen = 0;
  for (const character of text) {
    if (seen === characters) return units;
    units += character.length;
    seen += 1;
  }
  return units + Math.max(0, characters - seen);
}

/** A place in a text that is part of another one. */
export const movedBy = <T extends { start: number | null; end: number | null }>(place: T, by: number): T => ({
  ...place,
  start: place.start === null ? null : Math.max(0, place.start + by),
  end: place.end === null ? null : Math.max(0, place.end + by),
});

export function charactersAt(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}
