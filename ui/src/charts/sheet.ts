/** Charts laid out on one sheet, with titles and a legend, for a file: SVG, PNG or JPEG. */
import { fontOf, shortened } from './axes';
import { penOf, type Pen } from './pen';
import { canvasRuler, escapeXml, SvgPen, type Ruler } from './svg';
import type { ChartTheme } from './types';

/** A chart that can be drawn at any size, without its pointer. */
export interface Drawable {
  drawTo(pen: Pen, width: number, height: number, ratio: number): void;
}

export interface Panel {
  readonly title?: string;
  readonly chart: Drawable;
}

export interface LegendItem {
  readonly label: string;
  readonly color?: string;
  readonly dash?: readonly number[];
}

export interface LegendBlock {
  readonly title: string;
  readonly items: readonly LegendItem[];
}

export interface ExportSheet {
  readonly panels: readonly Panel[];
  readonly theme: ChartTheme;
  /** The size of the whole image, and of each chart in it. */
  readonly width: number;
  readonly chartHeight: number;
  readonly columns?: number;
  readonly title?: string;
  readonly legend?: readonly LegendBlock[];
}

/** The size for a chart alone; default: as on the page. */
export interface PictureOptions {
  readonly width?: number;
  readonly height?: number;
  readonly title?: string;
  readonly legend?: readonly LegendBlock[];
}

export type SheetFormat = 'svg' | 'png' | 'jpeg';

const MARGIN = 16;
const GAP = 16;
const TITLE = 30;
const PANEL_TITLE = 20;
const ROW = 18;
const SWATCH = 22;
const MOST_ITEMS = 60;

interface SheetPart {
  readonly x: number;
  readonly y: number;
  readonly draw: (pen: Pen) => void;
}

interface SheetLayout {
  readonly height: number;
  readonly parts: readonly SheetPart[];
}

export function sheetSVG(sheet: ExportSheet, ruler: Ruler = canvasRuler()): string {
  const { width, theme } = sheet;
  const { height, parts } = layOut(sheet, ruler, 2);
  const drawn = parts.map(({ x, y, draw }, i) => {
    const pen = new SvgPen(ruler, `part${i}`);
    draw(pen);
    return `<g transform="translate(${x} ${y})">\n${pen.body}\n</g>`;
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const title = sheet.title ? `<title>${escapeXml(sheet.title)}</title>` : '';
  const ground = `<rect width="${width}" height="${height}" fill="${escapeXml(theme.background)}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${title}${ground}\n${drawn.join('\n')}\n</svg>\n`;
}

export const sheetHeight = (sheet: ExportSheet): number => layOut(sheet, canvasRuler(), 1).height;

export function sheetCanvas(sheet: ExportSheet, ratio = 2): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  drawSheet(canvas, sheet, ratio);
  return canvas;
}

export function drawSheet(canvas: HTMLCanvasElement, sheet: ExportSheet, ratio: number): void {
  const { height, parts } = layOut(sheet, canvasRuler(), ratio);
  canvas.width = Math.round(sheet.width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = penOf(canvas);
  pen.scale(ratio, ratio);
  pen.fillStyle = sheet.theme.background;
  pen.fillRect(0, 0, sheet.width, height);
  for (const { x, y, draw } of parts) {
    pen.save();
    pen.translate(x, y);
    draw(pen);
    pen.restore();
  }
}

export function sheetBlob(sheet: ExportSheet, format: SheetFormat, ratio = 2): Promise<Blob> {
  if (format === 'svg') return Promise.resolve(new Blob([sheetSVG(sheet)], { type: 'image/svg+xml' }));
  const canvas = sheetCanvas(sheet, ratio);
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) =>
      blob
        ? resolve(blob)
        : reject(new Error(`A picture of ${canvas.width} × ${canvas.height} pixels is too large; make it smaller.`));
    canvas.toBlob(done, `image/${format}`, 0.92);
  });
}

/** The image of a single chart has no margin, so that it looks as on the page. */
function layOut(sheet: ExportSheet, ruler: Ruler, ratio: number): SheetLayout {
  const { panels, width, chartHeight, theme, title, legend = [] } = sheet;
  const columns = Math.max(1, Math.min(panels.length, sheet.columns ?? columnsFor(panels.length)));
  const alone = panels.length === 1 && !title && !panels[0]?.title && legend.length === 0;
  const margin = alone ? 0 : MARGIN;
  const wide = (width - 2 * margin - GAP * (columns - 1)) / columns;
  const parts: SheetPart[] = [];
  let y = margin;
  if (title) {
    parts.push({ x: margin, y, draw: titlePainter(title, width - 2 * margin, theme, 4) });
    y += TITLE;
  }
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    const top = row.some((panel) => panel.title) ? PANEL_TITLE : 0;
    row.forEach(({ title: name, chart }, i) => {
      const x = margin + i * (wide + GAP);
      if (name) parts.push({ x, y, draw: titlePainter(name, wide, theme, 1) });
      parts.push({ x, y: y + top, draw: (pen) => chart.drawTo(pen, wide, chartHeight, ratio) });
    });
    y += top + chartHeight + (alone ? 0 : GAP);
  }
  for (const block of legend) {
    const { height, draw } = legendOf(block, width - 2 * margin, theme, ruler);
    parts.push({ x: margin, y, draw });
    y += height + ROW / 2;
  }
  return { height: Math.ceil(y), parts };
}

function columnsFor(count: number): number {
  return count < 2 ? 1 : count <= 4 ? 2 : 3;
}

function titlePainter(text: string, room: number, theme: ChartTheme, larger: number): (pen: Pen) => void {
  return (pen) => {
    pen.font = fontOf({ ...theme, fontSize: theme.fontSize + larger }, 600);
    pen.fillStyle = theme.text;
    pen.textAlign = 'left';
    pen.textBaseline = 'alphabetic';
    pen.fillText(shortened(pen, text, room), 0, theme.fontSize + larger);
  };
}

interface PlacedItem extends LegendItem {
  readonly x: number;
  readonly y: number;
  readonly room: number;
}

/** The name of a block, and its items in columns as wide as the widest item. */
function legendOf(
  { title, items }: LegendBlock,
  width: number,
  theme: ChartTheme,
  ruler: Ruler,
): { readonly height: number; readonly draw: (pen: Pen) => void } {
  const font = fontOf(theme);
  const shown = items.slice(0, MOST_ITEMS);
  const rest = items.length - shown.length;
  const all: readonly LegendItem[] = rest > 0 ? [...shown, { label: `and ${rest} more` }] : shown;
  const widest = Math.max(0, ...all.map(({ label }) => ruler(label, font)));
  const cell = Math.min(width, SWATCH + Math.ceil(widest) + 20);
  const columns = Math.max(1, Math.floor(width / cell));
  const placed = all.map((item, i): PlacedItem => {
    const place = { x: (i % columns) * cell, y: Math.floor(i / columns) * ROW + (title ? ROW : 0) };
    return { ...item, ...place, room: cell - SWATCH - 4 };
  });
  const height = (title ? ROW : 0) + Math.ceil(all.length / columns) * ROW;
  return { height, draw: (pen) => drawLegend(pen, title, placed, theme) };
}

function drawLegend(pen: Pen, title: string, items: readonly PlacedItem[], theme: ChartTheme): void {
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.font = fontOf(theme, 600);
  pen.fillStyle = theme.muted;
  if (title) pen.fillText(title, 0, ROW / 2);
  pen.font = fontOf(theme);
  for (const { label, color, dash = [], x, y, room } of items) {
    if (color) {
      pen.strokeStyle = color;
      pen.lineWidth = 2;
      pen.setLineDash([...dash]);
      pen.beginPath();
      pen.moveTo(x, y + ROW / 2);
      pen.lineTo(x + SWATCH - 6, y + ROW / 2);
      pen.stroke();
    }
    pen.fillStyle = theme.text;
    pen.fillText(shortened(pen, label, room), color ? x + SWATCH : x, y + ROW / 2);
  }
  pen.setLineDash([]);
}
