/** The pages of HTML of a run, each in a frame that reaches neither this page nor a network. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../../data/api';
import { Button } from '../../../parts/design/controls';
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

function HtmlFrame({ run, blob, label }: { run: Run; blob: string; label: string }): ReactNode {
  const { pageAddress } = useApi();
  const [scripts, setScripts] = useState(false);
  return (
    <>
      <div className="html-frame">
        <iframe
          key={String(scripts)}
          src={pageAddress(run.id, blob, scripts)}
          sandbox={scripts ? 'allow-scripts' : ''}
          title={label}
          loading="lazy"
          referrerPolicy="no-referrer"
        />
      </div>
      <div className="html-bar">
        <Button look="outline" onClick={() => setScripts(!scripts)}>
          {scripts ? 'Stop scripts' : 'Run scripts'}
        </Button>
        <span className="count">
          {scripts ? 'Scripts of this page run. They reach nothing outside of it.' : 'Scripts of this page are off.'}
        </span>
      </div>
    </>
  );
}
