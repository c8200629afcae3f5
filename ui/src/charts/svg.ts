/** A pen that writes SVG: the same drawing code gives an image that is sharp at any size. */
import { penOf, type Pen } from './pen';

/** Width of a text in a font, as a canvas measures it. */
export type Ruler = (text: string, font: string) => number;

const STATE = [
  'globalAlpha',
  'strokeStyle',
  'fillStyle',
  'lineWidth',
  'lineJoin',
  'lineCap',
  'font',
  'textAlign',
  'textBaseline',
] as const;

type PenState = Pick<Pen, (typeof STATE)[number]>;

const ANCHORS: Readonly<Record<string, string>> = { right: 'end', end: 'end', center: 'middle' };
const DROPS: Readonly<Record<string, number>> = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2 };
/** Characters that XML cannot hold, even escaped. */
const UNSPEAKABLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeXml(text: string): string {
  return text.replace(UNSPEAKABLE, '\uFFFD').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

export class SvgPen implements Pen {
  globalAlpha = 1;
  strokeStyle: Pen['strokeStyle'] = '#000000';
  fillStyle: Pen['fillStyle'] = '#000000';
  lineWidth = 1;
  lineJoin: CanvasLineJoin = 'miter';
  lineCap: CanvasLineCap = 'butt';
  font = '400 11px sans-serif';
  textAlign: CanvasTextAlign = 'left';
  textBaseline: CanvasTextBaseline = 'alphabetic';

  private readonly out: string[] = [];
  private readonly kept: { readonly state: PenState; readonly dash: readonly number[]; readonly groups: number }[] = [];
  private dash: readonly number[] = [];
  private path: string[] = [];
  private groups = 0;
  private clips = 0;

  /** `name` distinguishes the ids of this pen from others in the same file. */
  constructor(
    private readonly ruler: Ruler,
    private readonly name: string,
  ) {}

  /** Everything drawn so far, as elements. */
  get body(): string {
    return this.out.join('\n') + '</g>'.repeat(this.groups);
  }

  save(): void {
    const state = Object.fromEntries(STATE.map((name) => [name, this[name]])) as unknown as PenState;
    this.kept.push({ state, dash: this.dash, groups: this.groups });
  }

  restore(): void {
    const before = this.kept.pop();
    if (!before) return;
    Object.assign(this, before.state);
    this.dash = before.dash;
    for (; this.groups > before.groups; this.groups--) this.out.push('</g>');
  }

  beginPath(): void {
    this.path = [];
  }

  closePath(): void {
    this.path.push('Z');
  }

  moveTo(x: number, y: number): void {
    this.path.push(`M${shortNumber(x)} ${shortNumber(y)}`);
  }

  lineTo(x: number, y: number): void {
    this.path.push(`${this.path.length ? 'L' : 'M'}${shortNumber(x)} ${shortNumber(y)}`);
  }

  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void {
    this.path.push(`C${[ax, ay, bx, by, x, y].map(shortNumber).join(' ')}`);
  }

  /** Whole circles and smaller arcs, drawn clockwise. */
  arc(x: number, y: number, radius: number, from: number, to: number): void {
    const at = (angle: number) =>
      `${shortNumber(x + radius * Math.cos(angle))} ${shortNumber(y + radius * Math.sin(angle))}`;
    const r = shortNumber(radius);
    const middle = (from + to) / 2;
    this.path.push(`${this.path.length && to - from < 6.28 ? 'L' : 'M'}${at(from)}`);
    this.path.push(`A${r} ${r} 0 0 1 ${at(middle)}A${r} ${r} 0 0 1 ${at(to)}`);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path.push(
      `M${shortNumber(x)} ${shortNumber(y)}h${shortNumber(width)}v${shortNumber(height)}h${shortNumber(-width)}Z`,
    );
  }

  roundRect(x: number, y: number, width: number, height: number, radii: Parameters<Pen['roundRect']>[4] = 0): void {
    const r = Math.min(typeof radii === 'number' ? radii : 0, Math.abs(width) / 2, Math.abs(height) / 2);
    if (r <= 0) return this.rect(x, y, width, height);
    const turn = (dx: number, dy: number) =>
      `a${shortNumber(r)} ${shortNumber(r)} 0 0 1 ${shortNumber(dx)} ${shortNumber(dy)}`;
    this.path.push(
      `M${shortNumber(x + r)} ${shortNumber(y)}h${shortNumber(width - 2 * r)}${turn(r, r)}v${shortNumber(height - 2 * r)}${turn(-r, r)}` +
        `h${shortNumber(2 * r - width)}${turn(-r, -r)}v${shortNumber(2 * r - height)}${turn(r, -r)}Z`,
    );
  }

  clip(): void {
    const id = `${this.name}-clip${++this.clips}`;
    this.out.push(`<clipPath id="${id}"><path d="${this.path.join('')}"/></clipPath><g clip-path="url(#${id})">`);
    this.groups++;
  }

  stroke(): void {
    if (this.path.length) this.out.push(`<path d="${this.path.join('')}" fill="none"${this.strokes()}/>`);
  }

  fill(): void {
    if (this.path.length) this.out.push(`<path d="${this.path.join('')}"${this.fills()}/>`);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.out.push(`<rect${box(x, y, width, height)}${this.fills()}/>`);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.out.push(`<rect${box(x, y, width, height)} fill="none"${this.strokes()}/>`);
  }

  drawImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void {
    const source = escapeXml(image.toDataURL());
    this.out.push(`<image${box(x, y, width, height)} preserveAspectRatio="none" href="${source}"/>`);
  }

  fillText(text: string, x: number, y: number): void {
    const { size, weight, family } = fontParts(this.font);
    const anchor = ANCHORS[this.textAlign];
    const place = ` x="${shortNumber(x)}" y="${shortNumber(y + size * (DROPS[this.textBaseline] ?? 0))}"`;
    const heavy = weight === '400' ? '' : ` font-weight="${weight}"`;
    const type = ` font-size="${size}" font-family="${escapeXml(family)}"${heavy}`;
    const side = anchor ? ` text-anchor="${anchor}"` : '';
    this.out.push(`<text${place}${type}${side}${this.fills()}>${escapeXml(text)}</text>`);
  }

  measureText(text: string): TextMetrics {
    return { width: this.ruler(text, this.font) } as TextMetrics;
  }

  setLineDash(dash: Iterable<number>): void {
    this.dash = [...dash];
  }

  private strokes(): string {
    const rounded = this.lineJoin === 'miter' ? '' : ` stroke-linejoin="${this.lineJoin}"`;
    const capped = this.lineCap === 'butt' ? '' : ` stroke-linecap="${this.lineCap}"`;
    const dashed = this.dash.length ? ` stroke-dasharray="${this.dash.map(shortNumber).join(' ')}"` : '';
    const plain = ` stroke="${escapeXml(String(this.strokeStyle))}" stroke-width="${shortNumber(this.lineWidth)}"`;
    return plain + rounded + capped + dashed + this.opacity('stroke');
  }

  private fills(): string {
    return ` fill="${escapeXml(String(this.fillStyle))}"${this.opacity('fill')}`;
  }

  private opacity(what: 'stroke' | 'fill'): string {
    return this.globalAlpha < 1 ? ` ${what}-opacity="${shortNumber(this.globalAlpha)}"` : '';
  }
}

function shortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function box(x: number, y: number, width: number, height: number): string {
  const left = Math.min(x, x + width);
  const top = Math.min(y, y + height);
  return ` x="${shortNumber(left)}" y="${shortNumber(top)}" width="${shortNumber(Math.abs(width))}" height="${shortNumber(Math.abs(height))}"`;
}

/** Parses a canvas font: weight, pixels, families. */
function fontParts(font: string): { readonly weight: string; readonly size: number; readonly family: string } {
  const [, weight = '400', size = '11', family = 'sans-serif'] = /^(?:(\w+) )?([\d.]+)px (.*)$/.exec(font) ?? [];
  return { weight, size: Number(size), family };
}

/** Measures with a canvas that is never shown. */
export function canvasRuler(): Ruler {
  const pen = penOf(document.createElement('canvas'));
  return (text, font) => {
    pen.font = font;
    return pen.measureText(text).width;
  };
}
