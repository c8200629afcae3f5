/** Charts of classifiers: curves with their legend, and a confusion matrix. */
import { useEffect, useRef, useState, type ReactNode } from 'react';
import {
  Confusion,
  ClassifierCurves,
  formatValue,
  type ClassifierCurve,
  type ConfusionCounts,
  type ConfusionHover,
  type CurveHover,
  type CurveKind,
  type ShareOf,
} from '../charts';
import { Choice } from '../parts/design/controls';
import { useFrame } from '../parts/useFrame';
import { countText } from '../text/format';
import { chartTheme } from './chartTheme';
import { Swatch } from './Swatch';
import './classifier.css';

/** A curve, and what the legend says about it. */
export interface LabeledCurve extends ClassifierCurve {
  readonly key: string;
  readonly label: string;
  readonly area: number;
}

const AREA: Readonly<Record<CurveKind, string>> = { roc: 'AUC', pr: 'AP' };
const areaText = (area: number): string => (Number.isNaN(area) ? '–' : area.toFixed(3));

export function CurvesChart({
  kind,
  curves,
  small = false,
}: {
  kind: CurveKind;
  curves: readonly LabeledCurve[];
  /** A look at it: the legend has a few lines, and nothing is said below. */
  small?: boolean;
}): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<ClassifierCurves | null>(null);
  const [hover, setHover] = useState<CurveHover | null>(null);
  const [lit, setLit] = useState<number | null>(null);
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new ClassifierCurves(host.current);
    chart.current = made;
    made.on.hover(setHover);
    return () => made.destroy();
  }, []);
  useEffect(() => chart.current?.setOptions({ theme: chartTheme(theme), kind, small }), [theme, kind, small]);
  useEffect(() => {
    setHover(null);
    chart.current?.setData(curves);
  }, [curves]);
  useEffect(() => chart.current?.light(lit), [lit]);
  const under = hover && curves[hover.curve];
  return (
    <div className={`classifier ${small ? 'small' : ''}`}>
      <div ref={host} className="classifier-host" />
      {small && hover && under ? (
        <p className="classifier-legend count">{pointText(kind, hover)}</p>
      ) : (
        <CurveLegend kind={kind} curves={curves} small={small} lit={hover?.curve ?? lit} onLight={setLit} />
      )}
      {!small && (
        <p className="count classifier-says" aria-live="polite">
          {hover && under
            ? [under.label, pointText(kind, hover)].filter(Boolean).join(' · ')
            : 'Point at a curve to see its thresholds.'}
        </p>
      )}
    </div>
  );
}

const SMALL_LEGEND = 3;

function CurveLegend({
  kind,
  curves,
  small,
  lit,
  onLight,
}: {
  kind: CurveKind;
  curves: readonly LabeledCurve[];
  small: boolean;
  lit: number | null;
  onLight: (curve: number | null) => void;
}): ReactNode {
  const shown = small ? curves.slice(0, SMALL_LEGEND) : curves;
  return (
    <ul className="classifier-legend">
      {shown.map(({ key, label, area, color, dash }, place) => (
        <li key={key} className={lit === place ? 'lit' : ''}>
          <button
            type="button"
            tabIndex={small ? -1 : 0}
            title={label}
            onPointerEnter={() => onLight(place)}
            onPointerLeave={() => onLight(null)}
            onFocus={() => onLight(place)}
            onBlur={() => onLight(null)}
          >
            <Swatch color={color} dash={dash} />
            <bdi>{label}</bdi>
            <span className="count">{`${AREA[kind]} ${areaText(area)}`}</span>
          </button>
        </li>
      ))}
      {shown.length < curves.length && (
        <li className="count">{`and ${countText(curves.length - shown.length)} more`}</li>
      )}
    </ul>
  );
}

function pointText(kind: CurveKind, { x, y, threshold }: CurveHover): string {
  const [across, up] = kind === 'roc' ? ['FPR', 'TPR'] : ['recall', 'precision'];
  const limit = Number.isNaN(threshold) ? [] : [`threshold ${formatValue(threshold, 4)}`];
  return [`${across} ${x.toFixed(3)}`, `${up} ${y.toFixed(3)}`, ...limit].join(' · ');
}

const SHARES: readonly { value: ShareOf; label: string }[] = [
  { value: 'all', label: 'Counts' },
  { value: 'true', label: '% of true' },
  { value: 'predicted', label: '% of predicted' },
];

export function ConfusionChart({ data, small = false }: { data: ConfusionCounts; small?: boolean }): ReactNode {
  const { theme } = useFrame();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Confusion | null>(null);
  const [hover, setHover] = useState<ConfusionHover | null>(null);
  const [shareOf, setShareOf] = useState<ShareOf>('all');
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new Confusion(host.current);
    chart.current = made;
    made.on.hover(setHover);
    return () => made.destroy();
  }, []);
  useEffect(() => chart.current?.setOptions({ theme: chartTheme(theme), shareOf, small }), [theme, shareOf, small]);
  useEffect(() => {
    setHover(null);
    chart.current?.setData(data);
  }, [data]);
  return (
    <div className={`classifier ${small ? 'small' : ''}`}>
      {!small && <Choice label="What the numbers are" value={shareOf} options={SHARES} onChange={setShareOf} />}
      <div ref={host} className="classifier-host confusion" />
      {!small && (
        <p className="count classifier-says" aria-live="polite">
          {hover ? cellText(data, hover) : matrixText(data)}
        </p>
      )}
    </div>
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const percent = (part: number, whole: number): string => (whole > 0 ? `${((part / whole) * 100).toFixed(1)} %` : '–');

function cellText({ labels, counts }: ConfusionCounts, { row, column }: ConfusionHover): string {
  const count = counts[row]?.[column] ?? 0;
  const [ofTrue, ofPredicted] = [sum(counts[row] ?? []), sum(counts.map((cells) => cells[column] ?? 0))];
  return [
    `true ${labels[row]}, predicted ${labels[column]}: ${formatValue(count)}`,
    `${percent(count, ofTrue)} of true`,
    `${percent(count, ofPredicted)} of predicted`,
  ].join(' · ');
}

function matrixText({ labels, counts }: ConfusionCounts): string {
  const [all, right] = [sum(counts.map(sum)), sum(counts.map((row, i) => row[i] ?? 0))];
  return `${countText(labels.length)} classes · ${formatValue(all)} samples · accuracy ${percent(right, all)}`;
}
