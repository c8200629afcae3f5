/**
 * Prepares a plotly figure for drawing. It may come from a stranger: references to other servers are removed, of HTML
 * only the tags that plotly draws as text remain, and its size is counted before anything is drawn.
 */

export type Json = Readonly<Record<string, unknown>>;

export interface Figure {
  readonly data: readonly Json[];
  readonly layout: Json;
  readonly frames: readonly unknown[];
  /** Types of omitted traces. */
  readonly omitted: readonly string[];
  /** The number of numbers, texts and objects. */
  readonly size: number;
}

/** Their tiles and outlines are on other servers. */
const MAPS: ReadonlySet<unknown> = new Set([
  'choropleth',
  'choroplethmap',
  'choroplethmapbox',
  'densitymap',
  'densitymapbox',
  'scattergeo',
  'scattermap',
  'scattermapbox',
]);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function readFigure(given: unknown): Figure {
  if (!isObject(given) || !Array.isArray(given.data))
    throw new Error('This is not a plotly figure: it has no list "data".');
  const traces = given.data.filter(isObject);
  const shown = traces.filter(({ type }) => !MAPS.has(type));
  return {
    data: safe(shown) as Json[],
    layout: isObject(given.layout) ? (safe(given.layout) as Json) : {},
    frames: Array.isArray(given.frames) ? (safe(given.frames) as unknown[]) : [],
    omitted: [...new Set(traces.map(({ type }) => type).filter((type) => MAPS.has(type)) as string[])],
    size: weightOf(given),
  };
}

/** A name that leads to an object's prototype. */
const PROTOTYPE = /(^|\.)(__proto__|prototype|constructor)(\.|\[|$)/;

/** `name` is the last part of the path to `value`, which one name may contain: `images[0].source`. */
function safe(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return safeText(value, name);
  if (Array.isArray(value)) return value.map((item) => safe(item, name));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !PROTOTYPE.test(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, safe(item, key.slice(key.lastIndexOf('.') + 1))]));
}

const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,/;
const MAX_TEXT = 5000;

function safeText(text: string, name: string): string {
  if (name === 'bdata') return text;
  if (name === 'source') return PICTURE.test(text) ? text : '';
  if (name === 'type' && MAPS.has(text)) return 'scatter';
  return text.slice(0, MAX_TEXT).replace(TAG, safeTag);
}

const TAG = /<(\/?)(a|b|br|em|i|s|span|sub|sup|u)(\s[^<>]*)?>/gi;
const COLOR = /\bcolor\s*:\s*(#[\da-f]{3,8}|[a-z]+|(?:rgb|hsl)a?\([\d\s.,%]+\))(?=\s*[;'"])/i;

/** Removes link addresses, and all attributes except a color. Other tags are plain text for plotly. */
function safeTag(_: string, end: string, name: string, attributes: string | undefined): string {
  if (name.toLowerCase() === 'a') return '';
  const color = attributes && COLOR.exec(attributes)?.[1];
  return color ? `<${end}${name} style="color:${color}">` : `<${end}${name}>`;
}

/** Plotly packs arrays of numbers as base64. */
const BYTES_PER_NUMBER = 8;

function weightOf(value: unknown): number {
  if (typeof value === 'string') return 1 + Math.ceil(value.length / BYTES_PER_NUMBER);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + weightOf(item), 1);
}
