/** Halos at the ends of running lines, on a layer whose opacity CSS animates. */
import { dot, livePoint } from './draw';
import type { Layer } from './layers';
import type { ChartView } from './view';

const MOST = 100;
const RADIUS = 7;

export class Pulse {
  private animation: Animation | null = null;

  constructor(
    private readonly layer: Layer,
    private readonly still: MediaQueryList,
  ) {}

  /** Draws the halos of a view on the empty layer; they do not move if the user prefers reduced motion. */
  show({ single, frame }: ChartView): void {
    let count = 0;
    for (const trace of single) {
      const at = livePoint(trace, frame.plot);
      if (!at || count++ >= MOST) continue;
      const { pen } = this.layer;
      pen.fillStyle = trace.line.color;
      pen.globalAlpha = 0.35;
      dot(pen, at.x, at.y, RADIUS);
    }
    if (count > 0 && !this.still.matches) this.animation ??= this.animate();
    else this.stop();
  }

  stop(): void {
    this.animation?.cancel();
    this.animation = null;
  }

  private animate(): Animation {
    const timing = { duration: 1100, iterations: Infinity, direction: 'alternate', easing: 'ease-in-out' } as const;
    return this.layer.canvas.animate([{ opacity: 0.15 }, { opacity: 1 }], timing);
  }
}
