/** The style of terminal text: the SGR sequences that set it, and readable CSS on light and dark. */
import { itemAt } from '../../text/lists';
import type { CSSProperties } from 'react';
import type { Theme } from '../design/theme';

/** A number is one of the 16 colors of the theme; a text is #rrggbb. */
export type Color = number | string | null;

export interface TextStyle {
  readonly fore: Color;
  readonly back: Color;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  readonly inverse: boolean;
}

export const PLAIN: TextStyle = {
  fore: null,
  back: null,
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
};

const FLAGS: Readonly<Record<number, Partial<TextStyle>>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { fore: null },
  49: { back: null },
};

const hex = (value: number): string => Math.max(0, Math.min(255, value)).toString(16).padStart(2, '0');
const rgb = (red: number, green: number, blue: number): string => `#${hex(red)}${hex(green)}${hex(blue)}`;
const CUBE = [0, 95, 135, 175, 215, 255];

/** A color of the 256-color table: 16 of the theme, a cube of 6 x 6 x 6, and 24 grays. */
export function tableColor(at: number): Color {
  if (at < 16) return at;
  if (at >= 232) return rgb(8 + (at - 232) * 10, 8 + (at - 232) * 10, 8 + (at - 232) * 10);
  const cell = at - 16;
  return rgb(itemAt(CUBE, Math.floor(cell / 36)), itemAt(CUBE, Math.floor(cell / 6) % 6), itemAt(CUBE, cell % 6));
}

/** The color after a 38 or 48, and the number of parameters it uses. */
function longColor(codes: readonly number[], at: number): [Color | undefined, number] {
  if (codes[at] === 5 && codes[at + 1] !== undefined) {
    const index = itemAt(codes, at + 1);
    return [index <= 255 ? tableColor(index) : undefined, 2];
  }
  if (codes[at] === 2 && codes[at + 3] !== undefined)
    return [rgb(itemAt(codes, at + 1), itemAt(codes, at + 2), itemAt(codes, at + 3)), 4];
  return [undefined, codes.length];
}

function oneCode(own: TextStyle, code: number): TextStyle {
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return { ...own, fore: code - 30 };
  if (code >= 90 && code <= 97) return { ...own, fore: code - 82 };
  if (code >= 40 && code <= 47) return { ...own, back: code - 40 };
  if (code >= 100 && code <= 107) return { ...own, back: code - 92 };
  const flag = FLAGS[code];
  return flag ? { ...own, ...flag } : own;
}

/**
 * The style after `ESC [ numbers m`. Colons separate the parts of one color: `38:2::r:g:b` has an empty part of its
 * own.
 */
export function sgr(own: TextStyle, numbers: string): TextStyle {
  let next = own;
  const codes = numbers
    .replace(/(38|48):2:\d*:(\d+:\d+:\d+)/g, '$1:2:$2')
    .replace(/4:0/g, '24')
    .replace(/4:[1-5]/g, '4')
    .split(/[;:]/)
    .map((part) => Number(part || 0));
  for (let at = 0; at < codes.length; at++) {
    const code = itemAt(codes, at);
    if (code === 38 || code === 48) {
      const [color, taken] = longColor(codes, at + 1);
      at += taken;
      if (color !== undefined) next = code === 38 ? { ...next, fore: color } : { ...next, back: color };
    } else next = oneCode(next, code);
  }
  return next;
}

export const sameStyle = (a: TextStyle, b: TextStyle): boolean =>
  a === b || (Object.keys(PLAIN) as (keyof TextStyle)[]).every((key) => a[key] === b[key]);

const TEXT = { light: '#18181d', dark: '#ececf1' };
const PAPER = { light: '#ffffff', dark: '#141519' };
const SIXTEEN: Readonly<Record<Theme, readonly string[]>> = {
  light: [
    '#18181d', '#b3261e', '#1a7f37', '#7d5700', '#1f5fbf', '#8b2fb0', '#0f6e7c', '#5c5f69',
    '#3d3f47', '#c4302b', '#1d7a3a', '#875f00', '#2b67d0', '#9a3cc0', '#0b7282', '#6b6e78',
  ],
  dark: [
    '#5f626d', '#ff7b72', '#56d364', '#e3b341', '#79a8ff', '#d2a8ff', '#56d4dd', '#c9cbd3',
    '#8b8e99', '#ffa198', '#7ee787', '#f2cc60', '#a5c4ff', '#e2c5ff', '#8be9f0', '#ffffff',
  ],
}; // prettier-ignore

const channel = (color: string, at: number): number => parseInt(color.slice(1 + at * 2, 3 + at * 2), 16);
const linear = (value: number): number => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);

function luminance(color: string): number {
  return 0.2126 * linear(channel(color, 0)) + 0.7152 * linear(channel(color, 1)) + 0.0722 * linear(channel(color, 2));
}

export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const mixed = (a: string, b: string, part: number): string =>
  rgb(
    ...([0, 1, 2].map((at) => Math.round(channel(a, at) * (1 - part) + channel(b, at) * part)) as [
      number,
      number,
      number,
    ]),
  );

const ENOUGH = 4.6;

/** The color, moved towards black or white until it is readable on the background. */
export function legible(color: string, paper: string): string {
  const end = luminance(paper) > 0.18 ? '#000000' : '#ffffff';
  for (let part = 0; part < 1; part += 0.1) {
    const tried = mixed(color, end, part);
    if (contrast(tried, paper) >= ENOUGH) return tried;
  }
  return end;
}

const shown = (color: Color, theme: Theme, otherwise: string): string =>
  color === null ? otherwise : typeof color === 'number' ? (SIXTEEN[theme][color] ?? otherwise) : color;

const styles = new Map<string, CSSProperties | undefined>();
const MOST = 4000;

function made(own: TextStyle, theme: Theme): CSSProperties | undefined {
  const style: CSSProperties = {};
  const [fore, back] = own.inverse ? [own.back, own.fore] : [own.fore, own.back];
  const colored = own.inverse || back !== null;
  const paper = colored ? shown(back, theme, own.inverse ? TEXT[theme] : PAPER[theme]) : PAPER[theme];
  const ink = shown(fore, theme, own.inverse ? PAPER[theme] : TEXT[theme]);
  if (colored) style.background = paper;
  if (colored || fore !== null || own.faint) style.color = legible(own.faint ? mixed(ink, paper, 0.4) : ink, paper);
  if (own.bold) style.fontWeight = 700;
  if (own.italic) style.fontStyle = 'italic';
  const lines = [own.underline && 'underline', own.strike && 'line-through'].filter(Boolean).join(' ');
  if (lines) style.textDecoration = lines;
  return Object.keys(style).length ? style : undefined;
}

/** Undefined for plain text. The same style is the same object. */
export function styleOf(own: TextStyle, theme: Theme): CSSProperties | undefined {
  if (own === PLAIN) return undefined;
  const key = `${theme} ${Object.values(own).join(' ')}`;
  if (!styles.has(key)) {
    if (styles.size > MOST) styles.clear();
    styles.set(key, made(own, theme));
  }
  return styles.get(key);
}
