/**
 * Colours and dash patterns of lines. The eight keep the hue families of Okabe and Ito's set; their depth and strength were then
 * searched so that the two most alike stay apart under normal sight and each colour blindness, with a contrast of at least 3:1
 * on the page. Sixteen more were searched around them. `palette.test.ts` measures all of it.
 */

export interface Palette {
  readonly light: readonly string[];
  readonly dark: readonly string[];
}

export const eight: Palette = {
  light: ['#004dab', '#972800', '#21835a', '#dc599a', '#b18b22', '#269cd4', '#8360d5', '#4d4b5b'],
  dark: ['#4381da', '#c06823', '#27b779', '#fc8cb8', '#ebc543', '#73d7fd', '#b495fc', '#7e8489'],
};

export const twentyFour: Palette = {
  light: [
    ...eight.light,
    '#7f3937', '#6b9e5c', '#8082f6', '#691886', '#0e6b6b', '#a15d08', '#726b38', '#5e2a36',
    '#2f572c', '#3a91aa', '#5e5698', '#641f0e', '#4d8a72', '#a92d7e', '#3c364c', '#937d15',
  ],
  dark: [
    ...eight.dark,
    '#ae6c57', '#afc581', '#6f6fc5', '#b876b6', '#92d6cb', '#ca7f1d', '#dee878', '#f37692',
    '#6ca078', '#88bbdb', '#a486e8', '#ffccb1', '#63fcc9', '#a66794', '#cedef2', '#d8a030',
  ],
};

/** Solid first, then ever more broken. */
export const dashes: readonly (readonly number[])[] = [
  [],
  [6, 4],
  [2, 3],
  [10, 4, 2, 4],
  [12, 5],
  [8, 3, 2, 3, 2, 3],
  [4, 2],
  [1, 3],
  [14, 4, 5, 4],
];

export function colorFor(index: number, theme: 'light' | 'dark' = 'light', palette: Palette = eight): string {
  const colors = palette[theme];
  return colors[modulo(index, colors.length)]!;
}

export function dashFor(index: number): readonly number[] {
  return dashes[modulo(index, dashes.length)]!;
}

/** A place in a palette that depends on the text alone: FNV-1a, mixed once more so that similar names part. */
export function stableIndex(text: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % count;
}

function modulo(n: number, m: number): number {
  return ((n % m) + m) % m;
}
