/** Distributions: all steps as a density map or ridgelines, and the histogram of the chosen step. */
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { extentOf, formatValue, quantile, totalOf, type BinHover, type HistogramArrays } from '../../../charts';
import {
  BarsChart,
  DISTRIBUTION_LOOKS,
  distributionsOf,
  StepsChart,
  type DistributionLook,
} from '../../../explorer/DistributionCharts';
import { Choice } from '../../../parts/design/controls';
import { countText } from '../../../text/format';
import type { MediaSeries, MediaValue, MediaValues, Run } from '../../../wire';
import { Answer } from '../../../parts/Sheet';
import { SeriesList } from './Series';
import { StepSlider, useStep } from './step';
import { useValues, type MediaRequest, type SeriesId } from './useMedia';

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
  const [look, setLook] = useState<DistributionLook>('heat');
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
          <Choice label="How distributions are shown" value={look} options={DISTRIBUTION_LOOKS} onChange={setLook} />
          <Choice label="How many steps are shown" value={density} options={DENSITIES} onChange={setDensity} />
        </>
      }
    >
      {(title) => <DistributionCard run={run} series={title} wanted={wanted} look={look} />}
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

export function DistributionCard({
  run,
  series,
  wanted,
  look,
}: {
  run: Pick<Run, 'id'>;
  series: SeriesId & { readonly count?: number };
  wanted: MediaRequest;
  look: DistributionLook;
}): ReactNode {
  const asked = useValues(run, series, wanted);
  const [kept, setKept] = useState<MediaValues | null>(null);
  useEffect(() => {
    if (asked.data) setKept(asked.data);
  }, [asked.data]);
  if (!asked.data && kept && !asked.problem) return <DistributionCharts media={kept} look={look} />;
  return <Answer of={asked}>{(media) => <DistributionCharts media={media} look={look} />}</Answer>;
}

function DistributionCharts({ media, look }: { media: MediaValues; look: DistributionLook }): ReactNode {
  const { data, values } = useMemo(() => distributionsOf(media.values), [media]);
  const steps = useMemo(() => [...data.steps], [data]);
  const choice = useStep(steps);
  const { at } = choice;
  const range = useMemo(() => extentOf(data.histograms), [data]);
  const histogram = data.histograms[at] ?? null;
  const value = values[at];
  if (!histogram || !value) return <p className="quiet">No distributions in these steps.</p>;
  return (
    <>
      <StepsChart className="density-host" look={look} data={data} at={at} onPick={choice.choose} />
      <StepSlider of={choice} label="Step of the histogram" />
      <BarsOf histogram={histogram} range={range} value={value} />
      {media.steps < media.steps_found && (
        <p className="count">{`${countText(media.steps)} of ${countText(media.steps_found)} steps are shown, evenly spread`}</p>
      )}
    </>
  );
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
  const [hover, setHover] = useState<BinHover | null>(null);
  return (
    <>
      <BarsChart className="bars-host" histogram={histogram} range={range} onHover={setHover} />
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
