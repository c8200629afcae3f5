/** Local storage that never fails: if it is forbidden or full, nothing is remembered. */

export function recall<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`aim.${name}`);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

export function remember(name: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`aim.${name}`);
    else localStorage.setItem(`aim.${name}`, JSON.stringify(value));
  } catch {
    // Private windows refuse: the choice lasts as long as the page.
  }
}

const KEPT = 12;

export function recentQueries(): string[] {
  const kept = recall<unknown>('recent', []);
  return Array.isArray(kept) ? kept.filter((item): item is string => typeof item === 'string') : [];
}

export function rememberQuery(query: string): void {
  const text = query.trim();
  if (text) remember('recent', [text, ...recentQueries().filter((item) => item !== text)].slice(0, KEPT));
}
