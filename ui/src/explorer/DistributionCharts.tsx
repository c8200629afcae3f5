/** Charts of distributions: those of many steps as a heat map or ridgelines, that of one step as bars. */
import { useEffect, useRef, type ReactNode } from 'react';
import { Bars, DensityMap, Ridges, type BinHover, type DistributionSeries, type HistogramArrays } from '../charts';
import { useFrame } from '../parts/useFrame';
import type { MediaValue } from '../wire';
import { chartTheme } from './chartTheme';

export type DistributionLook = 'heat' | 'ridges';
export const DISTRIBUTION_LOOKS: readonly { value: DistributionLook; label: string }[] = [
  { value: 'heat', label: 'Heat map' },
  { value: 'ridges', label: 'Ridgelines' },
];
const CHARTS = { heat: DensityMap, ridges: Ridges } as const;

const histogramOf = ({ histogram }: MediaValue): HistogramArrays | null =>
  histogram && { edges: Float64Array.from(histogram.edges), counts: Float64Array.from(histogram.counts) };

/** The last one of each step. */
export function distributionsOf(values: readonly MediaValue[]): {
  data: DistributionSeries;
  values: readonly MediaValue[];
} {
  const last = new Map<number, MediaValue>();
  for (const value of values) if (value.histogram) last.set(value.step, value);
  const shown = [...last.values()].sort((a, b) => a.step - b.step);
  const histograms = shown.flatMap((value) => histogramOf(value) ?? []);
  return { data: { steps: Float64Array.from(shown, ({ step }) => step), histograms }, values: shown };
}

export function StepsChart({
  className,
  look,
  data,
  at,
  onPick,
}: {
  className: string;
  look: DistributionLook;
  data: DistributionSeries;
  /** The index of the marked step; -1: none. */
  at: number;
  onPick: (index: number) => void;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<DensityMap | Ridges | null>(null);
  const latest = useRef(onPick);
  useEffect(() => {
    latest.current = onPick;
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new CHARTS[look](host.current);
    chart.current = made;
    made.on.pick(({ index }) => latest.current(index));
    return () => made.destroy();
  }, [look]);
  useEffect(() => chart.current?.setOptions({ theme: chartTheme(theme) }), [theme, look]);
  useEffect(() => {
    chart.current?.setData(data);
    chart.current?.choose(at);
  }, [data, at, look]);
  return <div ref={host} className={className} />;
}

export function BarsChart({
  className,
  histogram,
  range,
  onHover,
}: {
  className: string;
  histogram: HistogramArrays;
  range: readonly [number, number] | null;
  onHover?: (hover: BinHover | null) => void;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Bars | null>(null);
  const latest = useRef(onHover);
  useEffect(() => {
    latest.current = onHover;
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new Bars(host.current);
    chart.current = made;
    made.on.hover((hover) => latest.current?.(hover));
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const color = host.current ? getComputedStyle(host.current).getPropertyValue('--accent').trim() : '';
    chart.current?.setOptions({ theme: chartTheme(theme), color, range });
    chart.current?.setData(histogram);
  }, [theme, range, histogram]);
  return <div ref={host} className={className} />;
}
