/** Formats numbers, durations and dates for people. */
import { itemAt } from '../text/lists';
import { offsetText } from '../text/format';

const UNITS: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** One value, for a tooltip or a tag: about five significant digits, never empty. */
export function formatValue(value: number, digits = 5): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+inf' : '-inf';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return trimExponent(value.toExponential(digits - 1));
  if (Number.isInteger(value)) return groupDigits(String(value));
  const fixed = value.toFixed(Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(size)))));
  return groupDigits(trimZeros(fixed));
}

/** Labels of evenly spaced ticks, all with the decimals that `step` needs. */
export function formatTicks(values: readonly number[], step: number): string[] {
  const size = Math.max(...values.map(Math.abs), 0);
  if (size === 0) return values.map(() => '0');
  if (size >= 1e15 || size < 1e-3) return values.map((v) => exponential(v, step));
  const unit = size < 1e4 ? undefined : UNITS.find(([u]) => size >= u && step >= u / 100);
  const [divisor, suffix] = unit ?? [1, ''];
  const places = decimals(step / divisor);
  return values.map((v) => (v === 0 ? '0' : groupDigits((v / divisor).toFixed(places)) + suffix));
}

export function formatPower(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-3) return trimExponent(value.toExponential(5));
  const unit = UNITS.find(([u]) => size >= u);
  return unit ? trimZeros((value / unit[0]).toFixed(3)) + unit[1] : trimZeros(value.toFixed(6));
}

/** Seconds as HH:mm:ss, with days and fractions if needed. */
export function formatDuration(seconds: number, step = 1): string {
  if (!Number.isFinite(seconds)) return formatValue(seconds);
  const places = step >= 1 ? 0 : decimals(step);
  const scaled = Math.round(Math.abs(seconds) * 10 ** places);
  const whole = Math.floor(scaled / 10 ** places);
  const fraction = places ? '.' + String(scaled - whole * 10 ** places).padStart(places, '0') : '';
  const days = Math.floor(whole / 86400);
  const clock = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60].map(two).join(':');
  return (seconds < 0 && scaled ? '-' : '') + (days ? `${days}d ` : '') + clock + fraction;
}

/** Unix seconds as local date and time. */
export function formatTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return formatValue(seconds);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${formatDay(at)} ${at.getFullYear()} ${clock} ${offsetText(at)}`;
}

export function formatDay(at: Date): string {
  return `${MONTHS[at.getMonth()]} ${at.getDate()}`;
}

export function formatMonth(at: Date): string {
  return at.getMonth() === 0 ? String(at.getFullYear()) : itemAt(MONTHS, at.getMonth());
}

export function formatClock(at: Date, withSeconds: boolean): string {
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return withSeconds ? `${clock}:${two(at.getSeconds())}` : clock;
}

export function decimals(step: number): number {
  for (let places = 0; places < 20; places++) {
    const scaled = step * 10 ** places;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return places;
  }
  return 20;
}

function exponential(value: number, step: number): string {
  if (value === 0) return '0';
  const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  return trimExponent(value.toExponential(Math.min(20, decimals(step / 10 ** power))));
}

function trimExponent(text: string): string {
  const [mantissa = '', power = ''] = text.split('e');
  return `${trimZeros(mantissa)}e${power.replace('+', '')}`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function groupDigits(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
