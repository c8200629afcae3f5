/**
 * Colors and dash patterns of lines. The eight keep the hue families of Okabe and Ito's set; their depth and
 * strength were then searched so that the two most alike stay apart under normal sight and each color blindness,
 * with a contrast of at least 3:1 on the page. Sixteen more were searched around them. `palette.test.ts` measures all
 * of it.
 */
import { itemAt } from '../text/lists';

export interface Palette {
  readonly light: readonly string[];
  readonly dark: readonly string[];
}

export const eight: Palette = {
  light: ['#1751c4', '#ea5912', '#37915e', '#880e63', '#7e5501', '#0aa0c4', '#8d70eb', '#6c697c'],
  dark: ['#3083da', '#f88e2b', '#4ec481', '#fcaec6', '#af7a12', '#6bd8ff', '#ac9bfe', '#858490'],
};

export const twentyFour: Palette = {
  light: [
    ...eight.light,
    '#6c1325',
    '#869b63',
    '#5f86c6',
    '#6f30a0',
    '#11645b',
    '#9f5b16',
    '#838625',
    '#a42b62',
    '#528058',
    '#0672aa',
    '#3d128d',
    '#7d3c21',
    '#0b5346',
    '#af739c',
    '#33393e',
    '#4b3c00',
  ],
  dark: [
    ...eight.dark,
    '#bc8a8d',
    '#90af4f',
    '#868ffb',
    '#c6a8de',
    '#2bc7b4',
    '#f5aa2f',
    '#f4df73',
    '#ca606e',
    '#abe796',
    '#5aa1d0',
    '#7b719e',
    '#bb5a3c',
    '#71f2ef',
    '#dd76b8',
    '#d1d0d9',
    '#e5c956',
  ],
};

/** Solid first, then increasingly broken. */
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
  return itemAt(colors, modulo(index, colors.length));
}

export function dashFor(index: number): readonly number[] {
  return itemAt(dashes, modulo(index, dashes.length));
}

/** An index in a palette that depends on the text alone: FNV-1a, mixed once more so that similar names differ. */
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
