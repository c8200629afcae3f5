/** Requests at once, and again on demand, one at a time: news that come faster than answers never block an answer. */
export function inTurn(ask: (signal: AbortSignal) => Promise<void>): { again: () => void; stop: () => void } {
  const abort = new AbortController();
  let [busy, due] = [false, true];
  const go = async (): Promise<void> => {
    busy = true;
    while (due && !abort.signal.aborted) {
      due = false;
      await ask(abort.signal);
    }
    busy = false;
  };
  const again = (): void => {
    due = true;
    if (!busy) void go();
  };
  again();
  return { again, stop: () => abort.abort() };
}
