/** Pushed changes. One connection per visible tab: browsers allow six per host, so a hidden tab closes its own. */
import type { LiveEvent } from '../wire';

export interface LiveHandlers {
  /** Runs that changed since the last event; many events become one call. None: only what belongs to the repository. */
  changed(runs: string[]): void;
  /** Connected; news begin after this revision. */
  began(revision: string): void;
  /** The connection broke and will be retried. */
  lost(): void;
  state(connected: boolean): void;
}

const GATHER = 250;
const RETRY = 2000;

export class Live {
  private source: EventSource | null = null;
  private pending = new Set<string>();
  private timer = 0;
  private retry = 0;

  constructor(private readonly handlers: LiveHandlers) {
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onVisibility();
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.disconnect();
  }

  private readonly onVisibility = (): void => {
    if (document.hidden) this.disconnect();
    else if (!this.source) this.connect();
  };

  private connect(): void {
    const source = new EventSource('api/live');
    this.source = source;
    let first = true;
    source.onopen = () => this.handlers.state(true);
    source.onmessage = (message: MessageEvent<string>) => {
      const event = JSON.parse(message.data) as LiveEvent;
      if (first) this.handlers.began(event.revision);
      else this.gather(event.runs);
      first = false;
    };
    source.onerror = () => {
      this.handlers.state(false);
      this.handlers.lost();
      source.close();
      if (this.source === source) this.retry = window.setTimeout(() => this.connect(), RETRY);
    };
  }

  private disconnect(): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.retry);
    this.timer = 0;
    this.source?.close();
    this.source = null;
  }

  private gather(runs: readonly string[]): void {
    for (const run of runs) this.pending.add(run);
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      const changed = [...this.pending];
      this.pending.clear();
      this.handlers.changed(changed);
    }, GATHER);
  }
}
