/** Pushed changes. One connection per visible tab: browsers allow six to a host, so a hidden tab gives its own back. */
import type { LiveEvent } from '../wire';

export interface LiveHandlers {
  /** Runs that changed since the last event, many events folded into one call. */
  changed(runs: string[], revision: string): void;
  /** Connected again after a time in which changes may have been missed. */
  resumed(): void;
  /** The connection broke; it is tried again. */
  lost(): void;
  state(connected: boolean): void;
}

const GATHER = 250;
const RETRY = 2000;

export class Live {
  private source: EventSource | null = null;
  private pending = new Set<string>();
  private revision = '';
  private timer = 0;
  private retry = 0;
  private wasOpen = false;

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
    source.onopen = () => {
      this.handlers.state(true);
      if (this.wasOpen) this.handlers.resumed();
      this.wasOpen = true;
    };
    source.onmessage = (event: MessageEvent<string>) => this.gather(JSON.parse(event.data) as LiveEvent);
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

  private gather(event: LiveEvent): void {
    for (const run of event.runs) this.pending.add(run);
    this.revision = event.revision;
    if (this.pending.size === 0 || this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      const runs = [...this.pending];
      this.pending.clear();
      this.handlers.changed(runs, this.revision);
    }, GATHER);
  }
}
