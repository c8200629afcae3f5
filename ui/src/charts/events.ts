import type { Unsubscribe } from './types';

/** A list of listeners: calling it adds one, `emit` tells all. */
export interface Signal<T> {
  (listener: (value: T) => void): Unsubscribe;
  emit(value: T): void;
  clear(): void;
}

/** The events of a chart, whose listeners end with it. */
export type Signals = Readonly<Record<string, Pick<Signal<never>, 'clear'>>>;

export function makeSignal<T>(): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  const add = (listener: (value: T) => void): Unsubscribe => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return Object.assign(add, {
    emit: (value: T) => listeners.forEach((listener) => listener(value)),
    clear: () => listeners.clear(),
  });
}
