/** Points in space with the colors of their labels, and a legend of these. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { PointCloud, colorFor, eight, formatValue, twentyFour } from '../charts';
import type { RecordedCloud } from '../data/cloud';
import type { Theme } from '../parts/design/theme';
import { Button } from '../parts/design/controls';
import { useFrame } from '../parts/useFrame';
import { countText } from '../text/format';
import { chartTheme } from './chartTheme';
import './classifier.css';

/** More classes cannot be told apart by color: then labels are only said. */
const MOST_CLASSES = 24;

/** The labels of classes, by their frequency; none where nearly every point has its own. */
export function classesOf(labels: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts.size > MOST_CLASSES ? [] : [...counts].sort((a, b) => b[1] - a[1]).map(([label]) => label);
}

function colorsOf(cloud: RecordedCloud, classes: readonly string[], theme: Theme): Uint8Array {
  if (cloud.rgb.length > 0) return cloud.rgb;
  const palette = classes.length > eight.light.length ? twentyFour : eight;
  const colors = (classes.length > 0 ? classes : ['']).map((_, i) => {
    const color = colorFor(i, theme, palette);
    return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  });
  const places = new Map(classes.map((label, i) => [label, i]));
  const rgb = new Uint8Array(cloud.xyz.length);
  for (let i = 0; i < rgb.length / 3; i++) rgb.set(colors[places.get(cloud.labels[i] ?? '') ?? 0] ?? [], 3 * i);
  return rgb;
}

export function CloudChart({
  cloud,
  flat = false,
  small = false,
}: {
  cloud: RecordedCloud;
  /** Seen from the front. */
  flat?: boolean;
  /** A look at it, without legend and gestures. */
  small?: boolean;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<PointCloud | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const classes = useMemo(() => classesOf(cloud.labels), [cloud]);
  const data = useMemo(() => ({ xyz: cloud.xyz, rgb: colorsOf(cloud, classes, theme) }), [cloud, classes, theme]);
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new PointCloud(host.current, { still: small });
    chart.current = made;
    made.on.hover(setHover);
    return () => made.destroy();
  }, [small]);
  useEffect(() => chart.current?.setOptions({ theme: chartTheme(theme), flat }), [theme, flat, small]);
  useEffect(() => {
    setHover(null);
    chart.current?.setData(data);
  }, [data, small]);
  if (small)
    return (
      <div className="classifier small">
        <div ref={host} className="classifier-host" />
      </div>
    );
  return (
    <div className="classifier cloud">
      <div ref={host} className="classifier-host cloud" />
      <p className="count classifier-says" aria-live="polite">
        {hover === null
          ? `${countText(cloud.xyz.length / 3)} points · drag to ${flat ? 'move' : 'turn'}, click and scroll to zoom`
          : pointText(cloud, hover)}
        <Button small onClick={() => chart.current?.reset()}>
          Reset view
        </Button>
      </p>
      {cloud.rgb.length === 0 && classes.length > 0 && <ClassLegend classes={classes} theme={theme} />}
    </div>
  );
}

function ClassLegend({ classes, theme }: { classes: readonly string[]; theme: Theme }): ReactNode {
  const palette = classes.length > eight.light.length ? twentyFour : eight;
  return (
    <ul className="classifier-legend cloud-legend">
      {classes.map((label, i) => (
        <li key={label}>
          <i style={{ background: colorFor(i, theme, palette) }} />
          <bdi>{label}</bdi>
        </li>
      ))}
    </ul>
  );
}

function pointText({ xyz, labels, shares }: RecordedCloud, index: number): string {
  const place = [0, 1, 2].map((axis) => formatValue(xyz[3 * index + axis] ?? NaN, 4)).join(', ');
  return [labels[index], `point ${countText(index)}`, shares.length === 0 && labels.length === 0 && place]
    .filter(Boolean)
    .join(' · ');
}
