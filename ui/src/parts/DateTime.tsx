/** A time in the time zone of the viewer; in UTC on hover. */
import type { ReactNode } from 'react';
import { dateText, exactDateText, isoDateText } from '../text/format';

export function DateTime({ at }: { at: number }): ReactNode {
  return (
    <time dateTime={isoDateText(at)} title={exactDateText(at)}>
      {dateText(at)}
    </time>
  );
}
