/** Numbers, times and sizes as people read them. */

const whole = new Intl.NumberFormat('en');

export const countText = (value: number): string => whole.format(value);

export const plural = (count: number, noun: string): string =>
  `${countText(count)} ${noun}${count === 1 || noun === 'series' ? '' : 's'}`;

export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${pad(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const pad = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** Null for a time outside of every calendar, which a script may well have recorded. */
function dateAt(seconds: number): Date | null {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A time in the time zone of the viewer, with its offset: as every page and the terminal show it, and queries read it. */
export function dateText(seconds: number, { exact = false } = {}): string {
  const date = dateAt(seconds);
  if (!date) return '–';
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}${exact ? `:${pad(date.getSeconds())}` : ''}`;
  return `${day} ${clock} ${offsetText(date)}`;
}

/** The offset of the time zone of the viewer at that time. */
export function offsetText(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(size / 60)}:${pad(size % 60)}`;
}

/** The day alone. */
export const dayText = (seconds: number): string => dateText(seconds).split(' ', 1).join('');

/** The same time in UTC, for a tooltip. */
export const exactDateText = (seconds: number): string =>
  dateAt(seconds)
    ?.toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC') ?? '–';

/** The time zone of the viewer, such as Europe/Berlin, with its offset for servers that do not know the name. */
export const zoneText = (): string => `${Intl.DateTimeFormat().resolvedOptions().timeZone} ${offsetText(new Date())}`;

/** For machines, such as the `dateTime` of an element. */
export const isoDateText = (seconds: number): string | undefined => dateAt(seconds)?.toISOString();

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`;
}

/** The factor of an exponential average. */
export const smoothingText = (factor: number): string => (factor === 0 ? 'off' : factor.toFixed(2));
