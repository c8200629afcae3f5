/**
 * Colours and dash patterns of lines. The eight follow Okabe and Ito's set, which people with any common colour blindness can
 * tell apart, shifted until each reaches a contrast of 3:1 on the page; the twenty-four go round them in three depths.
 */

export interface Palette {
  readonly light: readonly string[]
  readonly dark: readonly string[]
}

export const eight: Palette = {
  light: ['#0072b2', '#d55e00', '#008f6b', '#b8518f', '#a97800', '#2f8fce', '#5b4fb8', '#4a5462'],
  dark: ['#4aa8e8', '#f28a3c', '#2bbf94', '#e08fc0', '#e6b422', '#8fd0f7', '#a79bf2', '#b9c2ce'],
}

export const twentyFour: Palette = {
  light: [
    ...eight.light,
    '#004f7c', '#9c4300', '#00634a', '#853265', '#735100', '#1d6a9e', '#3d3391', '#232a34',
    '#3f97d6', '#e8702a', '#1f9c79', '#cf74aa', '#b58a1f', '#4a9a3f', '#857ad6', '#788392',
  ],
  dark: [
    ...eight.dark,
    '#86c8f5', '#f8b583', '#79dcbf', '#f0bfdd', '#f3d77a', '#c4e7fb', '#cfc7fa', '#e0e5eb',
    '#2b86c5', '#d06a1c', '#149c76', '#c46aa0', '#b98f10', '#7cc66b', '#7f70d8', '#8993a1',
  ],
}

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
]

export function colorFor(index: number, theme: 'light' | 'dark' = 'light', palette: Palette = eight): string {
  const colors = palette[theme]
  return colors[modulo(index, colors.length)]!
}

export function dashFor(index: number): readonly number[] {
  return dashes[modulo(index, dashes.length)]!
}

/** A place in a palette that depends on the text alone: FNV-1a, mixed once more so that similar names part. */
export function stableIndex(text: string, count: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % count
}

function modulo(n: number, m: number): number {
  return ((n % m) + m) % m
}
