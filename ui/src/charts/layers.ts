/** Canvases stacked in a host, of one size, crisp at the device's pixel ratio. */
import type { Pen } from './axes';
import type { Off } from './types';

export interface Layer {
  readonly canvas: HTMLCanvasElement;
  readonly pen: Pen;
}

export class Layers {
  /** Grid, labels and marks; all lines; the lit lines; crosshair and dots. Bottom to top. */
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

  /** Takes the host's size; true when it changed, and everything is blank. */
  fit(): boolean {
    const { clientWidth: width, clientHeight: height } = this.host;
    const ratio = window.devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    Object.assign(this, { width, height, ratio });
    for (const { canvas, pen } of this.all) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    return true;
  }

  clear(layer: Layer): void {
    layer.pen.clearRect(0, 0, this.width, this.height);
  }

  remove(): void {
    for (const { canvas } of this.all) canvas.remove();
  }

  private add(): Layer {
    const canvas = document.createElement('canvas');
    Object.assign(canvas.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', display: 'block' });
    canvas.setAttribute('aria-hidden', 'true');
    this.host.append(canvas);
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('This browser offers no 2D canvas, which charts are drawn on.');
    return { canvas, pen };
  }
}

/** Calls back when the page moves to a screen of other density, or is zoomed. */
export function onRatioChange(changed: () => void): Off {
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
