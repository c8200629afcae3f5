/** An answer of the server that many components show: asked for once for each data source. */
import { useApi, type Api } from '../data/api';

export class SharedAnswer<T> {
  private asked = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    public current: T,
    private readonly ask: () => Promise<T>,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  load(): void {
    if (!this.asked) void this.refresh();
  }

  /** Asks again. A failure leaves the answer as it is, and the next `load` asks once more. */
  readonly refresh = async (): Promise<void> => {
    this.asked = true;
    try {
      const current = await this.ask();
      if (current === this.current) return;
      this.current = current;
      for (const listener of this.listeners) listener();
    } catch {
      this.asked = false;
    }
  };
}

/** A hook that gives the answer of the present data source. `ask` gets the one before, which it may return if nothing
 * changed; `none` stands until the first answer. */
export function sharedAnswer<T>(none: T, ask: (api: Api, before: T) => Promise<T>): () => SharedAnswer<T> {
  const made = new WeakMap<Api, SharedAnswer<T>>();
  return function useSharedAnswer() {
    const api = useApi();
    const known: SharedAnswer<T> = made.get(api) ?? new SharedAnswer(none, () => ask(api, known.current));
    made.set(api, known);
    return known;
  };
}
