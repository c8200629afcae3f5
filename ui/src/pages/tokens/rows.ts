/** What the table of tokens says about one. */
import { dateText } from '../../text/format';
import type { TokenRow } from '../../wire';

export const kindOf = ({ link }: TokenRow): 'token' | 'link' => (link === null ? 'token' : 'link');

export function timeLeft({ expires }: TokenRow, now = Date.now() / 1000): string {
  if (expires === null) return 'never';
  return expires <= now ? 'expired' : dateText(expires);
}

/** Where a search finds its words. */
export const textOf = (row: TokenRow): string => [row.user, row.id, kindOf(row), row.link ?? row.role].join(' ');
