/** Charts draw in turns: one frame draws as many as its time allows, and the others wait for the next frames. */

/** Draws, and returns about how many milliseconds the strokes take that the browser draws at the end of the frame. */
type Turn = () => number;

/** Milliseconds of one frame for charts. */
const ROOM = 24;

export class Turns {
  private readonly waiting = new Set<Turn>();
  private frame = 0;

  /** Takes the turn once, in the next frame if there is room. */
  wait(turn: Turn): void {
    this.waiting.add(turn);
    this.frame ||= requestAnimationFrame(this.take);
  }

  leave(turn: Turn): void {
    this.waiting.delete(turn);
  }

  private readonly take = (): void => {
    this.frame = 0;
    const began = performance.now();
    let owed = 0;
    try {
      for (const turn of [...this.waiting]) {
        if (!this.waiting.delete(turn)) continue;
        owed += turn();
        if (performance.now() - began + owed >= ROOM) break;
      }
    } finally {
      // Also when a chart throws.
      if (this.waiting.size > 0) this.frame ||= requestAnimationFrame(this.take);
    }
  };
}
