/** The charts' colors from the page: a canvas does not know CSS variables, so they are read from the page. */
import { darkTheme, lightTheme, type ChartTheme } from '../charts';
import type { Theme } from '../parts/design/theme';

const made = new Map<Theme, ChartTheme>();

export function chartTheme(theme: Theme): ChartTheme {
  const known = made.get(theme);
  if (known) return known;
  const plain = theme === 'dark' ? darkTheme : lightTheme;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  if (document.documentElement.dataset.theme !== theme || !token('--surface')) return plain;
  const own: ChartTheme = {
    ...plain,
    background: token('--surface'),
    muted: token('--text-3'),
    grid: token('--line'),
    axis: token('--line-strong'),
    fontFamily: token('--font'),
  };
  made.set(theme, own);
  return own;
}
