/** Applies the page's colors to a figure. Colors that the figure sets itself stay; colors of its template do not. */
import type { ChartTheme } from '../../../charts';
import type { Json } from './figure';

const MIN_HEIGHT = 160;
const MAX_HEIGHT = 1200;
const USUAL_HEIGHT = 420;

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const hasOwnBackground = (layout: Json): boolean => 'paper_bgcolor' in layout || 'plot_bgcolor' in layout;

export function heightOf({ height }: Json): number {
  return typeof height === 'number' && height > 0 ? Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, height)) : USUAL_HEIGHT;
}

/** As wide as the page allows, at most the width of the figure. */
export const widthOf = ({ width }: Json): string =>
  typeof width === 'number' && width > 0 ? `min(100%, ${Math.max(MIN_HEIGHT, width)}px)` : '100%';

/** Plotly writes into the layout object, so each drawing gets a copy. */
export function themedLayout(figure: Json, theme: ChartTheme): object {
  const { width: _width, height: _height, ...layout } = structuredClone(figure);
  const own = {
    autosize: true,
    uirevision: 'figure',
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: theme.muted, activecolor: theme.text },
  };
  if (hasOwnBackground(layout)) return { ...layout, ...own };
  return { ...layout, ...own, template: themedTemplate(objectOf(layout.template), theme) };
}

export interface TileBox {
  readonly width: number;
  readonly height: number;
}

/** A layout for a small copy: narrow margins, small letters, no legend, no controls. */
export function tileLayout(layout: object): object {
  const { title, sliders: _sliders, updatemenus: _menus, font, ...rest } = layout as Json;
  const text = typeof title === 'string' ? title : objectOf(title).text;
  return {
    ...rest,
    title: { text, font: { size: 11 } },
    font: { ...objectOf(font), size: 9 },
    margin: { t: text ? 26 : 10, r: 10, b: 28, l: 36 },
    showlegend: false,
  };
}

function themedTemplate(template: Json, theme: ChartTheme): Json {
  return { ...template, layout: merged(objectOf(template.layout), colorsOf(theme)) };
}

function merged(below: Json, above: Json): Json {
  const inner = Object.entries(above).map(([key, value]) => {
    const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [key, isBranch ? merged(objectOf(below[key]), value as Json) : value];
  });
  return { ...below, ...Object.fromEntries(inner) };
}

function colorsOf({ text, muted, grid, axis, background, fontFamily }: ChartTheme): Json {
  const lines = { gridcolor: grid, linecolor: axis, zerolinecolor: axis, tickcolor: axis, tickfont: { color: muted } };
  const wall = { ...lines, backgroundcolor: background };
  return {
    paper_bgcolor: background,
    plot_bgcolor: background,
    font: { color: text, family: fontFamily },
    title: { font: { size: 15 } },
    margin: { t: 56, r: 24, b: 48, l: 60 },
    xaxis: lines,
    yaxis: lines,
    scene: { xaxis: wall, yaxis: wall, zaxis: wall },
    polar: { bgcolor: 'rgba(0,0,0,0)', angularaxis: lines, radialaxis: lines },
    ternary: { bgcolor: 'rgba(0,0,0,0)', aaxis: lines, baxis: lines, caxis: lines },
  };
}
