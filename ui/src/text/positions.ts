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

export function charactersAt(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}
