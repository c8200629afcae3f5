/** What the table of tokens says about one. */
import { findWords, hasWords } from '../../text/find';
import { dateText } from '../../text/format';
import type { TokenRow } from '../../wire';

export const kindOf = ({ link }: TokenRow): 'token' | 'link' => (link === null ? 'token' : 'link');

export function timeLeft({ expires }: TokenRow, now = Date.now() / 1000): string {
  if (expires === null) return 'never';
  return expires <= now ? 'expired' : dateText(expires);
}

/** Whether every word of a text is in the row. */
export function matches(row: TokenRow, find: string): boolean {
  return hasWords([row.user, row.id, kindOf(row), row.link ?? row.role].join(' '), findWords(find));
}
