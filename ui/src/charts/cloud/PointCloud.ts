/** Points in space: turned by dragging, arrow keys or a finger, enlarged by + and −, two fingers or, once pressed, the wheel. */
import { Drawing } from '../drawing';
import { makeSignal } from '../events';
import type { Pen } from '../pen';
import { lightTheme } from '../theme';
import type { ChartTheme } from '../types';
import { FLAT, START, frameOf, moved, project, turned, zoomed } from './camera';
import { drawPoints, makeRaster, pointAt, type Raster } from './raster';
import type { CloudPoints, CloudView } from './types';

interface PointCloudOptions {
  readonly theme: ChartTheme;
  /** Seen from the front: dragging moves the cloud instead of turning it. */
  readonly flat: boolean;
  /** A look at it, which cannot be turned. */
  readonly still: boolean;
}

const NOTHING: CloudPoints = { xyz: new Float32Array(0), rgb: new Uint8Array(0) };
/** Points that are drawn while the cloud moves, and the milliseconds after which all are drawn. */
const MOVING = 150_000;
const RESTS = 160;
const REACH = 12;
const TURN = 0.008;
const KEY_TURN = 0.12;
const KEY_ZOOM = 1.2;

export class PointCloud extends Drawing<PointCloudOptions> {
  readonly on = { hover: makeSignal<number | null>() };

  private data = NOTHING;
  private frame3d = frameOf(NOTHING.xyz);
  private view = START;
  private placed = new Float32Array(0);
  private raster: Raster = makeRaster(1, 1);
  private readonly canvas = document.createElement('canvas');
  private at = -1;
  private readonly fingers = new Map<number, readonly [number, number]>();
  private moving = false;
  private rest = 0;

  constructor(host: HTMLElement, options: Partial<PointCloudOptions> = {}) {
    super(host, { theme: lightTheme, flat: false, still: false, ...options });
    if (!this.options.still) this.listen();
    this.stop.signal.addEventListener('abort', () => window.clearTimeout(this.rest));
  }

  setData(data: CloudPoints): void {
    this.data = data;
    this.frame3d = frameOf(data.xyz);
    this.placed = new Float32Array(data.xyz.length);
    this.at = -1;
    this.schedule('view');
  }

  override setOptions(options: Partial<PointCloudOptions>): void {
    if (options.flat !== undefined && options.flat !== this.options.flat) this.view = options.flat ? FLAT : START;
    super.setOptions(options);
  }

  /** As it was first seen. */
  reset(): void {
    this.show(this.options.flat ? FLAT : START);
  }

  override drawTo(pen: Pen, width: number, height: number, ratio: number): void {
    this.draw(pen, width, height, ratio, 1);
  }

  protected override paint(pen: Pen): void {
    const { width, height, ratio } = this.layers;
    const count = this.data.xyz.length / 3;
    this.draw(pen, width, height, ratio, this.moving ? Math.max(1, Math.ceil(count / MOVING)) : 1);
  }

  private draw(pen: Pen, width: number, height: number, ratio: number, each: number): void {
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.raster.width !== w || this.raster.height !== h) {
      this.raster = makeRaster(w, h);
      [this.canvas.width, this.canvas.height] = [w, h];
    }
    const view = { ...this.view, x: this.view.x * ratio, y: this.view.y * ratio };
    project(this.data.xyz, this.frame3d, view, [w, h], this.placed, each);
    const count = this.data.xyz.length / 3;
    const size = Math.max(1, Math.round(ratio * (count > 100_000 ? 1 : count > 10_000 ? 2 : count > 500 ? 3 : 5)));
    drawPoints(this.raster, this.placed, this.data.rgb, size, channels(this.options.theme.background), each);
    const image = new ImageData(w, h);
    image.data.set(this.raster.pixels);
    this.canvas.getContext('2d')?.putImageData(image, 0, 0);
    pen.globalAlpha = 1;
    pen.drawImage(this.canvas, 0, 0, width, height);
  }

  protected override summary(): string {
    const count = this.data.xyz.length / 3;
    const turn = this.options.flat ? 'move' : 'turn';
    return `${count.toLocaleString('en')} points. Arrow keys ${turn} them, plus and minus zoom, 0 shows all.`;
  }

  protected override drawPointer(): void {
    const { pointer, ratio } = this.layers;
    pointer.clear();
    if (this.at < 0) return;
    const { pen } = pointer;
    pen.strokeStyle = this.options.theme.text;
    pen.lineWidth = 1.5;
    pen.beginPath();
    const [x, y] = [this.placed[3 * this.at] ?? 0, this.placed[3 * this.at + 1] ?? 0];
    pen.arc(x / ratio, y / ratio, 6, 0, 2 * Math.PI);
    pen.stroke();
  }

  private show(view: CloudView): void {
    this.view = view;
    this.point(-1);
    this.moving = true;
    this.schedule('view');
    window.clearTimeout(this.rest);
    this.rest = window.setTimeout(() => {
      this.moving = false;
      this.schedule('view');
    }, RESTS);
  }

  private point(index: number): void {
    if (index === this.at) return;
    this.at = index;
    this.drawPointer();
    this.on.hover.emit(index < 0 ? null : index);
  }

  private listen(): void {
    const { surface } = this;
    const { signal } = this.stop;
    surface.tabIndex = 0;
    Object.assign(surface.style, { touchAction: 'none', userSelect: 'none', cursor: 'grab' });
    surface.addEventListener('pointerdown', (event) => this.press(event), { signal });
    surface.addEventListener('pointermove', (event) => this.drag(event), { signal });
    for (const name of ['pointerup', 'pointercancel'] as const)
      surface.addEventListener(name, ({ pointerId }) => this.fingers.delete(pointerId), { signal });
    surface.addEventListener('pointerleave', () => this.point(-1), { signal });
    surface.addEventListener('dblclick', () => this.reset(), { signal });
    surface.addEventListener('keydown', (event) => this.pressKey(event), { signal });
    surface.addEventListener(
      'wheel',
      (event) => {
        // Otherwise the page scrolls on. A pinch on a touchpad is a wheel with Ctrl.
        if (!event.ctrlKey && document.activeElement !== surface) return;
        event.preventDefault();
        this.show(zoomed(this.view, Math.exp(-event.deltaY * 0.0015)));
      },
      { signal, passive: false },
    );
  }

  private press(event: PointerEvent): void {
    this.surface.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  private drag(event: PointerEvent): void {
    const before = this.fingers.get(event.pointerId);
    if (!before) return this.hover(event);
    const now = [event.clientX, event.clientY] as const;
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, now);
    if (other) {
      const apart = (at: readonly [number, number]): number => Math.hypot(at[0] - other[0], at[1] - other[1]) || 1;
      this.show(moved(zoomed(this.view, apart(now) / apart(before)), dx / 2, dy / 2));
    } else if (this.options.flat || event.shiftKey) this.show(moved(this.view, dx, dy));
    else this.show(turned(this.view, dx * TURN, dy * TURN));
  }

  private hover(event: PointerEvent): void {
    if (this.moving) return;
    const { left, top } = this.surface.getBoundingClientRect();
    const { ratio } = this.layers;
    this.point(pointAt(this.placed, (event.clientX - left) * ratio, (event.clientY - top) * ratio, REACH * ratio));
  }

  private pressKey(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (arrow && (this.options.flat || event.shiftKey)) this.show(moved(this.view, arrow[0] * 30, arrow[1] * 30));
    else if (arrow) this.show(turned(this.view, arrow[0] * KEY_TURN, arrow[1] * KEY_TURN));
    else if (event.key === '+' || event.key === '=') this.show(zoomed(this.view, KEY_ZOOM));
    else if (event.key === '-') this.show(zoomed(this.view, 1 / KEY_ZOOM));
    else if (event.key === '0') this.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const channels = (color: string): [number, number, number] => {
  const [r = 255, g = 255, b = 255] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return [r, g, b].some(Number.isNaN) ? [255, 255, 255] : [r, g, b];
};
