/** The pages of HTML of a run. */
import type { ReactNode } from 'react';
import { HtmlFrame } from '../../../parts/media/HtmlFrame';
import { sizeText } from '../../../text/format';
import type { MediaSeries, MediaValue, Run } from '../../../wire';
import { Players } from './Players';

export function Htmls({ run, series }: { run: Run; series: readonly MediaSeries[] }): ReactNode {
  return (
    <Players
      run={run}
      series={series}
      noun="page"
      wide
      factsOf={factsOf}
      player={({ blob }, _, label) => <HtmlFrame key={blob} run={run} blob={blob} label={label} />}
    />
  );
}

const factsOf = ({ size }: MediaValue): string[] => ['html', sizeText(size)];
