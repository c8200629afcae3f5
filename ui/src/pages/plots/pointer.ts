/** The hovered or pinned run in one of several charts, and the position of its tooltip. */
import type { Highlight } from '../../explorer/highlight';

export interface PointedRun {
  readonly key: string;
  /** Position in the window. */
  readonly left: number;
  readonly top: number;
}

export class PlotPointer {
  private over: PointedRun | null = null;
  private held: PointedRun | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly highlight: Highlight) {}

  get pointed(): PointedRun | null {
    return this.over ?? this.held;
  }

  hover(pointed: PointedRun | null): void {
    this.over = pointed;
    this.highlight.set(pointed && { key: pointed.key, run: { id: pointed.key } });
    this.tell();
  }

  hold(pointed: PointedRun | null): void {
    this.held = pointed;
    this.tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
