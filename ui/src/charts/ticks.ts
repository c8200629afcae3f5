/** Ticks of an axis: round numbers, decades, clock units and calendar units. */
import { formatClock, formatDay, formatDuration, formatMonth, formatPower, formatTicks } from './format';
import type { Scale } from './scales';
import type { XKind } from './types';

export interface Tick {
  readonly value: number;
  /** Empty for a minor tick. */
  readonly label: string;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
/** The last second of a Date, less two days for what is rounded down or in another zone. */
const LAST_SECOND = 8.64e12 - 2 * DAY;
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, MINUTE, 120, 300, 600, 900, 1800, HOUR, 7200, 10800, 21600, 43200];
const DAY_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].map((n) => n * DAY);

/** Ticks of one axis; `count` is the number of labels that fit. */
export function axisTicks(scale: Scale, count: number, kind: XKind | 'value'): Tick[] {
  const [low, high] = scale.domain;
  if (scale.kind === 'log' && high / low > 3) return logTicks(low, high, count);
  if (kind === 'relative') return durationTicks(low, high, count);
  if (kind === 'time') return timeTicks(low, high, count);
  return linearTicks(low, high, count, kind === 'step');
}

export function linearTicks(low: number, high: number, count: number, whole = false): Tick[] {
  const step = niceStep((high - low) / Math.max(1, count), whole);
  const values = multiples(low, high, step);
  const labels = formatTicks(values, step);
  return values.map((value, i) => ({ value, label: labels[i] ?? '' }));
}

export function niceStep(rough: number, whole = false): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].find((n) => n * power >= rough * (1 - 1e-9)) ?? 10;
  const step = power < 1 ? nice / Math.round(1 / power) : nice * power;
  return whole ? Math.max(1, step) : step;
}

export function logTicks(low: number, high: number, count: number): Tick[] {
  if (!(low > 0 && high < Infinity)) return [];
  const first = Math.floor(Math.log10(low) - 1e-9);
  const last = Math.ceil(Math.log10(high) + 1e-9);
  const decades = Math.log10(high / low);
  const every = Math.ceil(decades / Math.max(1, count) - 1e-9);
  const labeled = decades * 3 <= count * 1.2 ? [1, 2, 5] : [1];
  const ticks: Tick[] = [];
  for (let power = first; power <= last; power++) {
    for (let n = 1; n < 10; n++) {
      const value = Number(`${n}e${power}`);
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9) || (every > 1 && n > 1)) continue;
      const shown = labeled.includes(n) && (n > 1 || power % every === 0);
      if (shown || every === 1) ticks.push({ value, label: shown ? formatPower(value) : '' });
    }
  }
  return ticks;
}

export function durationTicks(low: number, high: number, count: number): Tick[] {
  const rough = (high - low) / Math.max(1, count);
  const step =
    rough < 1
      ? niceStep(rough)
      : ([...CLOCK_STEPS, ...DAY_STEPS].find((s) => s >= rough) ?? DAY * niceStep(rough / DAY));
  return multiples(low, high, step).map((value) => ({ value, label: formatDuration(value, step) }));
}

/** Unix seconds, marked in local time; the first mark of a day carries the date. */
export function timeTicks(low: number, high: number, count: number): Tick[] {
  if (!(low >= -LAST_SECOND && high <= LAST_SECOND)) return linearTicks(low, high, count);
  const rough = (high - low) / Math.max(1, count);
  if (rough < 1) return linearTimeTicks(low, high, niceStep(rough));
  const step = CLOCK_STEPS.find((s) => s >= rough);
  if (step !== undefined) return clockTicks(low, high, step);
  const days = [1, 2, 7, 14].find((d) => d * DAY >= rough);
  if (days !== undefined) return dayTicks(low, high, days);
  return monthTicks(
    low,
    high,
    [1, 2, 3, 6, 12].find((m) => m * 30 * DAY >= rough) ?? 12 * niceStep(rough / (366 * DAY), true),
  );
}

function linearTimeTicks(low: number, high: number, step: number): Tick[] {
  return multiples(low, high, step).map((value) => {
    const at = new Date(value * 1000);
    const [fraction = ''] = formatTicks([value - Math.floor(value)], step);
    return { value, label: formatClock(at, true) + fraction.replace(/^0/, '') };
  });
}

/** Wall-clock multiples of the step within each local day, also across daylight saving changes. */
function clockTicks(low: number, high: number, step: number): Tick[] {
  const ticks: Tick[] = [];
  const day = new Date(low * 1000);
  day.setHours(0, 0, 0, 0);
  for (; day.getTime() / 1000 <= high; day.setDate(day.getDate() + 1)) {
    const skipped = Math.max(0, Math.floor((low - HOUR * 2 - day.getTime() / 1000) / step) * step);
    for (let second = skipped; second < DAY; second += step) {
      const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 0, 0, second);
      const value = at.getTime() / 1000;
      if (value > high) break;
      if (value < low || value <= (ticks.at(-1)?.value ?? -Infinity)) continue;
      ticks.push({ value, label: second === 0 ? formatDay(at) : formatClock(at, step < MINUTE) });
    }
  }
  return ticks;
}

function dayTicks(low: number, high: number, days: number): Tick[] {
  const ticks: Tick[] = [];
  const at = new Date(low * 1000);
  at.setHours(0, 0, 0, 0);
  const epochDay = (d: Date) => Math.round((d.getTime() / 1000 - d.getTimezoneOffset() * 60) / DAY);
  while (epochDay(at) % days !== 0) at.setDate(at.getDate() + 1);
  for (; at.getTime() / 1000 <= high; at.setDate(at.getDate() + days)) {
    if (at.getTime() / 1000 >= low) ticks.push({ value: at.getTime() / 1000, label: formatDay(at) });
  }
  return ticks;
}

function monthTicks(low: number, high: number, months: number): Tick[] {
  const ticks: Tick[] = [];
  const from = new Date(low * 1000);
  const first = Math.floor((from.getFullYear() * 12 + from.getMonth()) / months) * months;
  for (let month = first; ; month += months) {
    const at = new Date(Math.floor(month / 12), month % 12, 1);
    const value = at.getTime() / 1000;
    if (value > high) return ticks;
    if (value >= low) ticks.push({ value, label: formatMonth(at) });
  }
}

function multiples(low: number, high: number, step: number): number[] {
  const slack = step * 1e-9;
  const first = Math.ceil((low - slack) / step);
  const values: number[] = [];
  for (let n = first; n * step <= high + slack && values.length < 1000; n++) {
    values.push(Number((n * step).toPrecision(15)) + 0);
  }
  return values;
}
