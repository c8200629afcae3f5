/** Canvases stacked in a host, with one size, sharp at the device's pixel ratio. */
import { penOf } from './pen';
import type { Rect, Unsubscribe } from './types';
import type { Size } from './view';

/** A canvas that takes memory once something is drawn on it: most layers of most charts stay empty. */
export class Layer {
  readonly canvas = document.createElement('canvas');
  private context: CanvasRenderingContext2D | null = null;
  private size: Size = { width: 0, height: 0, ratio: 1 };

  /** `keeps`: the picture stays, stretched, when the size changes, until it is drawn again. */
  constructor(private readonly keeps = false) {}

  get pen(): CanvasRenderingContext2D {
    if (this.context) return this.context;
    this.context = penOf(this.canvas);
    this.resize(this.context);
    return this.context;
  }

  fit({ width, height, ratio }: Size): void {
    this.size = { width, height, ratio };
    this.canvas.style.width = `${this.pixels.width / ratio}px`;
    this.canvas.style.height = `${this.pixels.height / ratio}px`;
    if (!this.context) return;
    const kept = this.keeps ? copyOf(this.canvas) : null;
    this.resize(this.context);
    if (kept) this.context.drawImage(kept, 0, 0, width, height);
  }

  /** Shows a part of the present picture in another place, in CSS pixels. */
  stretch(from: Rect, to: Rect): void {
    const kept = this.context && copyOf(this.canvas);
    if (!kept || !this.context) return;
    const { ratio } = this.size;
    const [left, top] = [from.left * ratio, from.top * ratio];
    const [width, height] = [(from.right - from.left) * ratio, (from.bottom - from.top) * ratio];
    this.clear();
    this.context.drawImage(kept, left, top, width, height, to.left, to.top, to.right - to.left, to.bottom - to.top);
  }

  clear(): void {
    this.context?.clearRect(0, 0, this.size.width, this.size.height);
  }

  /** Whole device pixels. */
  private get pixels(): { width: number; height: number } {
    const { width, height, ratio } = this.size;
    return { width: Math.round(width * ratio), height: Math.round(height * ratio) };
  }

  private resize(pen: CanvasRenderingContext2D): void {
    Object.assign(this.canvas, this.pixels);
    pen.setTransform(this.size.ratio, 0, 0, this.size.ratio, 0, 0);
  }
}

export class Layers {
  /** Grid, labels and marks; all lines; highlighted lines; crosshair and dots. Bottom to top. */
  readonly axes: Layer;
  readonly lines: Layer;
  readonly lit: Layer;
  readonly pulse: Layer;
  readonly pointer: Layer;
  width = 0;
  height = 0;
  ratio = 1;

  constructor(private readonly host: HTMLElement) {
    if (getComputedStyle(host).position === 'static') host.style.position = 'relative';
    this.axes = this.add(true);
    this.lines = this.add(true);
    this.lit = this.add();
    this.pulse = this.add();
    this.pointer = this.add();
  }

  private get all(): readonly Layer[] {
    return [this.axes, this.lines, this.lit, this.pulse, this.pointer];
  }

  /** True while the size of the host or the pixel density differs from the canvases. */
  get outgrown(): boolean {
    const { clientWidth, clientHeight } = this.host;
    return clientWidth !== this.width || clientHeight !== this.height || window.devicePixelRatio !== this.ratio;
  }

  /** Takes the host's size. */
  fit(): void {
    this.width = this.host.clientWidth;
    this.height = this.host.clientHeight;
    this.ratio = window.devicePixelRatio;
    for (const layer of this.all) layer.fit(this);
  }

  remove(): void {
    for (const { canvas } of this.all) canvas.remove();
  }

  private add(keeps = false): Layer {
    const layer = new Layer(keeps);
    Object.assign(layer.canvas.style, { position: 'absolute', left: '0', top: '0', display: 'block' });
    layer.canvas.setAttribute('aria-hidden', 'true');
    this.host.append(layer.canvas);
    return layer;
  }
}

function copyOf(canvas: HTMLCanvasElement): HTMLCanvasElement | null {
  if (canvas.width === 0 || canvas.height === 0) return null;
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext('2d')?.drawImage(canvas, 0, 0);
  return copy;
}

/** Calls back when the pixel density changes, for example by page zoom. */
export function onRatioChange(changed: () => void): Unsubscribe {
  const stop = new AbortController();
  const watch = () => {
    const query = matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    const again = () => {
      changed();
      watch();
    };
    query.addEventListener('change', again, { once: true, signal: stop.signal });
  };
  watch();
  return () => stop.abort();
}
