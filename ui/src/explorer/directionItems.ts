/** The part of a column's menu that says which values of its metrics are better. */
import type { MetricDirections } from '../parts/directions';
import type { MenuItem } from '../parts/design/Menu';

/** More do not fit into a menu. */
const MOST = 8;

export function directionItems(metrics: readonly string[], { of, set }: MetricDirections): MenuItem[] {
  const [only] = metrics;
  if (set === null || only === undefined || metrics.length > MOST) return [];
  if (metrics.length === 1)
    return (['min', 'max'] as const).map((direction) => ({
      label: direction === 'min' ? 'Lower is better' : 'Higher is better',
      chosen: of(only) === direction,
      onSelect: () => void set(only, direction),
    }));
  return metrics.map((name) => ({
    label: `Higher is better: ${name}`,
    toggles: true,
    chosen: of(name) === 'max',
    onSelect: () => void set(name, of(name) === 'max' ? 'min' : 'max'),
  }));
}
