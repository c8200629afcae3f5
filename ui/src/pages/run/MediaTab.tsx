/** The media tabs, one per kind. An empty one shows the line of code that fills it. */
import type { ComponentType, ReactNode } from 'react';
import type { IconName } from '../../parts/design/Icon';
import { Notice } from '../../parts/states';
import type { MediaSeries, Run } from '../../wire';
import { Answer } from '../../parts/Sheet';
import type { Asked } from '../../parts/useAsked';
import { Audios } from './media/Audios';
import { Distributions } from './media/Distributions';
import { Figures } from './media/Figures';
import { Htmls } from './media/Htmls';
import { Images } from './media/Images';
import { Tables } from './media/Tables';
import { Texts } from './media/Texts';
import { Videos } from './media/Videos';
import type { Kind } from './media/useMedia';

interface TabRow {
  readonly kind: Kind;
  readonly tab: string;
  readonly label: string;
  readonly icon: IconName;
  readonly code: string;
  readonly shown: ComponentType<{ run: Run; series: readonly MediaSeries[] }>;
}

export const OBJECT_TABS: readonly TabRow[] = [
  {
    kind: 'distribution',
    tab: 'distributions',
    label: 'Distributions',
    icon: 'bars',
    code: 'run.track(aim.Distribution(weights), name="weights", step=step)',
    shown: Distributions,
  },
  {
    kind: 'image',
    tab: 'images',
    label: 'Images',
    icon: 'picture',
    code: 'run.track(aim.Image(pixels, caption="a digit"), name="samples", step=step)',
    shown: Images,
  },
  {
    kind: 'video',
    tab: 'videos',
    label: 'Videos',
    icon: 'film',
    code: 'run.track(aim.Video("rollout.mp4"), name="rollouts", step=step)',
    shown: Videos,
  },
  {
    kind: 'audio',
    tab: 'audios',
    label: 'Audios',
    icon: 'sound',
    code: 'run.track(aim.Audio(samples, rate=16_000), name="speech", step=step)',
    shown: Audios,
  },
  {
    kind: 'text',
    tab: 'texts',
    label: 'Texts',
    icon: 'text',
    code: 'run.track(aim.Text("what the model said"), name="answers", step=step)',
    shown: Texts,
  },
  {
    kind: 'table',
    tab: 'tables',
    label: 'Tables',
    icon: 'table',
    code: 'run.track(aim.Table(rows, columns=["text", "label"]), name="predictions", step=step)',
    shown: Tables,
  },
  {
    kind: 'html',
    tab: 'htmls',
    label: 'HTML',
    icon: 'page',
    code: 'run.track(aim.Html("<h1>Report</h1>"), name="report", step=step)',
    shown: Htmls,
  },
  {
    kind: 'figure',
    tab: 'figures',
    label: 'Figures',
    icon: 'axis',
    code: 'run.track(aim.Figure(figure), name="confusion", step=step)',
    shown: Figures,
  },
];

export function MediaTab({
  tab,
  run,
  objects,
}: {
  tab: string;
  run: Run;
  objects: Asked<readonly MediaSeries[]>;
}): ReactNode {
  const row = OBJECT_TABS.find((item) => item.tab === tab);
  if (!row) return null;
  const { kind, label, icon, code, shown: Shown } = row;
  return (
    <Answer of={objects}>
      {(all) => {
        const series = all.filter((item) => item.kind === kind);
        return series.length > 0 ? (
          <Shown run={run} series={series} />
        ) : (
          <Notice icon={icon} title={`No ${label.toLowerCase()}`}>
            <p>
              <code>{code}</code> records one. It appears here at once.
            </p>
          </Notice>
        );
      }}
    </Answer>
  );
}
