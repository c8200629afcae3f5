/** Distributions: all steps as a density map, and the histogram of the chosen step. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import {
  Bars,
  DensityMap,
  extentOf,
  formatValue,
  quantile,
  totalOf,
  type BinHover,
  type DistributionSeries as Data,
  type HistogramArrays,
} from '../../../charts';
import { Choice } from '../../../parts/design/controls';
import { chartTheme } from '../../../explorer/chartTheme';
import { countText } from '../../../text/format';
import { useFrame } from '../../../parts/useFrame';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { Answer } from '../../../parts/Sheet';
import { SeriesList, StepSlider, useStep } from './Series';
import { useValues, type MediaRequest } from './useMedia';

type Density = '25' | '100' | '400';
const DENSITIES: readonly { value: Density; label: string }[] = [
  { value: '25', label: '25 steps' },
  { value: '100', label: '100 steps' },
  { value: '400', label: '400 steps' },
];

export function Distributions({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  const [density, setDensity] = useState<Density>('100');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const wanted: MediaRequest = { steps: Number(density), lo: whole(from), hi: whole(to) };
  return (
    <SeriesList
      series={series}
      noun="distribution"
      controls={
        <>
          <span className="stretch" />
          <span className="step-range">
            Steps
            <StepField label="From step" placeholder="first" value={from} onChange={setFrom} />
            to
            <StepField label="To step" placeholder="last" value={to} onChange={setTo} />
          </span>
          <Choice label="How many steps are shown" value={density} options={DENSITIES} onChange={setDensity} />
        </>
      }
    >
      {(title) => <DistributionCard run={run} series={title} wanted={wanted} />}
    </SeriesList>
  );
}

const whole = (text: string): number | undefined => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : undefined);

function StepField({
  label,
  placeholder,
  value,
  onChange,
}: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
}): ReactNode {
  return (
    <input
      className="field"
      inputMode="numeric"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function DistributionCard({ run, series, wanted }: { run: Run; series: MediaSeries; wanted: MediaRequest }): ReactNode {
  const asked = useValues(run, series, wanted);
  const [kept, setKept] = useState<MediaValues | null>(null);
  useEffect(() => {
    if (asked.data) setKept(asked.data);
  }, [asked.data]);
  if (!asked.data && kept && !asked.problem) return <DistributionCharts media={kept} />;
  return <Answer of={asked}>{(media) => <DistributionCharts media={media} />}</Answer>;
}

const histogramOf = ({ histogram }: MediaValue): HistogramArrays | null =>
  histogram && { edges: Float64Array.from(histogram.edges), counts: Float64Array.from(histogram.counts) };

/** The last one of each step. */
function dataOf(values: readonly MediaValue[]): { data: Data; values: readonly MediaValue[] } {
  const last = new Map<number, MediaValue>();
  for (const value of values) if (value.histogram) last.set(value.step, value);
  const shown = [...last.values()].sort((a, b) => a.step - b.step);
  const histograms = shown.flatMap((value) => histogramOf(value) ?? []);
  return { data: { steps: Float64Array.from(shown, ({ step }) => step), histograms }, values: shown };
}

function DistributionCharts({ media }: { media: MediaValues }): ReactNode {
  const { data, values } = useMemo(() => dataOf(media.values), [media]);
  const steps = useMemo(() => [...data.steps], [data]);
  const [at, setAt] = useStep(steps);
  const range = useMemo(() => extentOf(data.histograms), [data]);
  const histogram = data.histograms[at] ?? null;
  const value = values[at];
  if (!histogram || !value) return <p className="quiet">No distributions in these steps.</p>;
  return (
    <>
      <Densities data={data} at={at} onPick={setAt} />
      <StepSlider steps={steps} at={at} onChange={setAt} label="Step of the histogram" />
      <BarsOf histogram={histogram} range={range} value={value} />
      {media.steps < media.steps_found && (
        <p className="count">{`${countText(media.steps)} of ${countText(media.steps_found)} steps are shown, evenly spread`}</p>
      )}
    </>
  );
}

function Densities({ data, at, onPick }: { data: Data; at: number; onPick: (index: number) => void }): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<DensityMap | null>(null);
  const latest = useRef(onPick);
  useEffect(() => {
    latest.current = onPick;
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new DensityMap(host.current);
    chart.current = made;
    made.on.pick(({ index }) => latest.current(index));
    return () => made.destroy();
  }, []);
  useEffect(() => chart.current?.setOptions({ theme: chartTheme(theme) }), [theme]);
  useEffect(() => {
    chart.current?.setData(data);
    chart.current?.choose(at);
  }, [data, at]);
  return <div ref={host} className="density-host" />;
}

function BarsOf({
  histogram,
  range,
  value,
}: {
  histogram: HistogramArrays;
  range: readonly [number, number] | null;
  value: MediaValue;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Bars | null>(null);
  const [hover, setHover] = useState<BinHover | null>(null);
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new Bars(host.current);
    chart.current = made;
    made.on.hover(setHover);
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const color = host.current ? getComputedStyle(host.current).getPropertyValue('--accent').trim() : '';
    chart.current?.setOptions({ theme: chartTheme(theme), color, range });
    chart.current?.setData(histogram);
  }, [theme, range, histogram]);
  return (
    <>
      <div ref={host} className="bars-host" />
      <p className="count bins-says">{hover ? binText(hover) : summaryOf(histogram, value)}</p>
    </>
  );
}

const binText = ({ low, high, count, share }: BinHover): string =>
  `${countText(count)} from ${formatValue(low)} to ${formatValue(high)}, ${(share * 100).toFixed(1)} %`;

function summaryOf(histogram: HistogramArrays, { histogram: recorded }: MediaValue): string {
  const { nan = 0, below = 0, above = 0 } = recorded ?? {};
  const odd = [
    nan > 0 && `${countText(nan)} NaN`,
    below > 0 && `${countText(below)} below`,
    above > 0 && `${countText(above)} above`,
  ].filter(Boolean);
  if (totalOf(histogram) === 0) return ['No finite samples', ...odd].join(' · ');
  return [
    `${countText(totalOf(histogram))} samples`,
    `median ${formatValue(quantile(histogram, 0.5), 3)}`,
    `middle 90 % from ${formatValue(quantile(histogram, 0.05), 3)} to ${formatValue(quantile(histogram, 0.95), 3)}`,
    ...odd,
  ].join(' · ');
}
