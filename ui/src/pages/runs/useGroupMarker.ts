/** The color of a group and its runs: by its position among all groups, or by its values. */
import { useCallback, useMemo } from 'react';
import { colorFor } from '../../charts';
import type { Item } from '../../data/result';
import type { Marker } from '../../explorer/lines';
import type { Row } from '../../explorer/rows';
import { colorOfRun, isByRun, paletteOf, placesOf } from '../../explorer/style';
import type { View } from '../../explorer/view/view';
import type { Theme } from '../../parts/design/theme';
import { useFrame } from '../../parts/useFrame';
import type { Outline } from './outline';

const NONE: Marker = { color: 'transparent', dash: [] };

export function useGroupMarker(outline: Outline | null, view: View): (row: Row<Item>) => Marker {
  const { theme } = useFrame();
  const { palette, keep, seed } = view;
  const kept = keep.includes('color');
  const markers = useMemo(() => markersOf(outline, palette, kept, seed, theme), [outline, palette, kept, seed, theme]);
  const byRun = outline !== null && kept && view.palette === 'auto' && seed === 0 && isByRun(view.color);
  return useCallback(
    ({ group = '', members: [{ run }] }) =>
      byRun ? { color: colorOfRun(run, theme), dash: [] } : (markers.get(group) ?? NONE),
    [markers, byRun, theme],
  );
}

function markersOf(
  outline: Outline | null,
  chosen: View['palette'],
  kept: boolean,
  seed: number,
  theme: Theme,
): ReadonlyMap<string, Marker> {
  const { groups, total } = outline ?? { groups: [], total: 0 };
  const palette = paletteOf(chosen, total, kept);
  const keys = groups.map(({ colorKey }) => ({ key: colorKey }));
  const places = kept ? placesOf(keys, palette.light.length, kept, seed) : groups.map(({ place }) => place);
  return new Map(groups.map(({ key }, at) => [key, { color: colorFor(places[at] ?? 0, theme, palette), dash: [] }]));
}
