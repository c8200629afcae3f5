/** How long ago a moment was, as people say it; a date when it is long ago. */
import { dateText, dayText } from './format';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function agoText(seconds: number, now = Date.now() / 1000): string {
  const passed = now - seconds;
  if (passed < MINUTE) return passed < -MINUTE ? dateText(seconds) : 'just now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  if (passed < 7 * DAY) return `${Math.floor(passed / DAY)} d ago`;
  return dayText(seconds);
}
