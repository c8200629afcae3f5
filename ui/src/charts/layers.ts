/** Canvases stacked in a host, with one size, sharp at the device's pixel ratio. */
import { penOf } from './pen';
import type { Unsubscribe } from './types';

export interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly pen: CanvasRenderingContext2D;
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
    this.axes = this.add();
    this.lines = this.add();
    this.lit = this.add();
    this.pulse = this.add();
    this.pointer = this.add();
  }

  get all(): readonly Layer[] {
    return [this.axes, this.lines, this.lit, this.pulse, this.pointer];
  }

  /** True while the size of the host or the pixel density differs from the canvases. */
  get outgrown(): boolean {
    const { clientWidth, clientHeight } = this.host;
    return clientWidth !== this.width || clientHeight !== this.height || window.devicePixelRatio !== this.ratio;
  }

  /** Takes the host's size. Lines and axes stay, stretched, until they are repainted. */
  fit(): void {
    this.width = this.host.clientWidth;
    this.height = this.host.clientHeight;
    this.ratio = window.devicePixelRatio;
    for (const layer of this.all) {
      const kept = layer === this.axes || layer === this.lines ? copyOf(layer.canvas) : null;
      this.size(layer);
      if (kept) layer.pen.drawImage(kept, 0, 0, this.width, this.height);
    }
  }

  /** Whole device pixels, and the CSS size that matches them exactly. */
  private size({ canvas, pen }: Layer): void {
    canvas.width = Math.round(this.width * this.ratio);
    canvas.height = Math.round(this.height * this.ratio);
    canvas.style.width = `${canvas.width / this.ratio}px`;
    canvas.style.height = `${canvas.height / this.ratio}px`;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  clear(layer: Layer): void {
    layer.pen.clearRect(0, 0, this.width, this.height);
  }

  remove(): void {
    for (const { canvas } of this.all) canvas.remove();
  }

  private add(): Layer {
    const canvas = document.createElement('canvas');
    Object.assign(canvas.style, { position: 'absolute', left: '0', top: '0', display: 'block' });
    canvas.setAttribute('aria-hidden', 'true');
    this.host.append(canvas);
    return { canvas, pen: penOf(canvas) };
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
