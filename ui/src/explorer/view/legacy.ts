/**
 * Links of Aim 2: `?search=` and a JSON state in base64. Each change nested the settings once more, so the outermost
 * value of a setting counts.
 */
import { contextText } from '../../data/result';
import { chartAt, lineNamed } from './places';
import type { View } from './view';

type LegacyView = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is LegacyView =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const inside = (value: unknown, name: string): LegacyView => {
  const inner = isObject(value) ? value[name] : undefined;
  return isObject(inner) ? inner : {};
};

export const isLegacy = (search: URLSearchParams): boolean => search.has('search') && !search.has('q');

function decoded(text: string): unknown {
  try {
    // A plus sign in base64 arrives as a space.
    const plain = atob(text.replace(/ /g, '+').replace(/-/g, '+').replace(/_/g, '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(plain, (letter) => letter.charCodeAt(0))));
  } catch {
    return null;
  }
}

function setting(settings: LegacyView, name: string): unknown {
  if (name in settings || !isObject(settings.persistent)) return settings[name];
  return setting(settings.persistent, name);
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];

/** Without a color grouping, every run had its own color, which is the default here too. */
function grouping(filter: LegacyView): Partial<View> {
  const colors = texts(filter.groupByColor);
  return {
    ...(colors.length > 0 && { color: colors }),
    stroke: texts(filter.groupByStyle),
    chart: texts(filter.groupByChart),
    group: filter.aggregated === true,
  };
}

const pair = (value: unknown): readonly [number, number] | null =>
  Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]) && value[0] < value[1]
    ? [value[0], value[1]]
    : null;

/**
 * In Aim 2, each chart had its own window, by its position. Here, x is shared, so the window is the one that contains
 * all; y belongs to one chart, and counts if no other chart had one.
 */
function legacyZoom(windows: LegacyView): View['zoom'] {
  const zooms = Object.keys(windows).map((place) => ({
    place,
    x: pair(inside(windows, place).x),
    y: pair(inside(windows, place).y),
  }));
  const ranges = zooms.flatMap(({ x }) => x ?? []);
  const x = ranges.length ? ([Math.min(...ranges), Math.max(...ranges)] as const) : null;
  const tall = zooms.filter(({ y }) => y !== null);
  const [only] = tall.length === 1 ? tall : [];
  return x || only ? [{ x, y: only?.y ?? null, chart: only ? chartAt(Number(only.place)) : null }] : [];
}

/** The pinned point, identified by what is known of its line before there is an answer. */
function pinOf(circle: LegacyView): View['pin'] {
  const { active, runHash, metricName, traceContext, step } = circle;
  if (active !== true || typeof runHash !== 'string' || typeof metricName !== 'string') return null;
  if (typeof step !== 'number' || !Number.isFinite(step)) return null;
  const context = typeof traceContext === 'string' ? decoded(traceContext) : null;
  return { key: lineNamed(runHash, metricName, isObject(context) ? contextText(context) : ''), x: step };
}

export function readLegacy(text: string): Partial<View> {
  const state = decoded(text);
  const query = inside(state, 'search').query;
  if (typeof query !== 'string') return {};
  const settings = inside(inside(state, 'chart'), 'settings');
  return {
    q: query.trim() || null,
    ...grouping(inside(state, 'contextFilter')),
    logY: setting(settings, 'yScale') === 1 || null,
    clip: setting(settings, 'displayOutliers') === false,
    curve: setting(settings, 'interpolate') === true,
    zoom: legacyZoom(inside({ zoom: setting(settings, 'zoom') }, 'zoom')),
    pin: pinOf(inside(inside(inside(state, 'chart'), 'focused'), 'circle')),
  };
}
