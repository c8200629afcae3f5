import { useState } from 'react';

/** The same object as long as `key` is the same. */
export function useSteady<T>(value: T, key = JSON.stringify(value)): T {
  const [held, hold] = useState({ key, value });
  if (held.key === key) return held.value;
  hold({ key, value });
  return value;
}
