/** Light, dark, or the system's theme. `public/theme.js` does the same before the first paint. */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { recall, remember } from '../memory';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

const system = window.matchMedia('(prefers-color-scheme: dark)');

function watchSystem(listener: () => void): () => void {
  system.addEventListener('change', listener);
  return () => system.removeEventListener('change', listener);
}

export function useTheme(): { choice: ThemeChoice; theme: Theme; choose: (choice: ThemeChoice) => void } {
  const [choice, setChoice] = useState<ThemeChoice>(() => recall<ThemeChoice>('theme', 'system'));
  const systemDark = useSyncExternalStore(watchSystem, () => system.matches);
  const theme: Theme = choice === 'dark' || (choice !== 'light' && systemDark) ? 'dark' : 'light';
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const choose = useCallback((next: ThemeChoice) => {
    remember('theme', next);
    setChoice(next);
  }, []);
  return { choice, theme, choose };
}
