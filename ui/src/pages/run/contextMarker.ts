/** A context has one color in all charts of a run; where there is one alone, that is the color of the run. */
import { colorFor, eight, twentyFour } from '../../charts';
import type { Series } from '../../data/result';
import type { Marker } from '../../explorer/lines';
import { colorOfRun } from '../../explorer/style';
import type { Theme } from '../../parts/design/theme';
import { compareNames } from '../../text/order';

export function contextMarker(items: readonly Series[], theme: Theme): (series: Series) => Marker {
  const contexts = [...new Set(items.map(({ contextText }) => contextText))].sort(compareNames);
  const [first] = items;
  if (contexts.length <= 1) {
    const only = first ? { color: colorOfRun(first.run, theme), dash: [] } : UNKNOWN;
    return () => only;
  }
  const palette = contexts.length <= eight.light.length ? eight : twentyFour;
  const markers = new Map(contexts.map((text, at) => [text, { color: colorFor(at, theme, palette), dash: [] }]));
  return ({ contextText }) => markers.get(contextText) ?? UNKNOWN;
}

const UNKNOWN: Marker = { color: 'currentColor', dash: [] };
