/** Distributions: a tile per series, with a heat map or ridgelines over its steps, or the histogram of the one step. */
import { useMemo, type ReactNode } from 'react';
import type { MediaItem } from '../../../data/cells';
import {
  BarsChart,
  DISTRIBUTION_LOOKS,
  distributionsOf,
  StepsChart,
  type DistributionLook,
} from '../../../explorer/DistributionCharts';
import { Button } from '../../../parts/design/controls';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { Explained } from '../../../parts/states';
import { useKept } from '../../../parts/useKept';
import { itemAt } from '../../../text/lists';
import type { MediaValues } from '../../../wire';
import { DistributionCard } from '../../run/media/Distributions';
import { values, type MediaRequest } from '../../run/media/useMedia';
import type { MediaKindRow, OpenProps, TileLook, KindTileProps } from '../kindRow';
import { lastOfSeries } from '../steps';
import '../../run/run.css';

/** More would be less than a pixel for each. */
const MOST_STEPS = 200;
const VALUE_BYTES = 4_000;

const seriesOf = ({
  name,
  context,
}: MediaItem): { kind: 'distribution'; name: string; context: Record<string, unknown> } => ({
  kind: 'distribution',
  name,
  context: { ...context },
});

function requestOf(item: MediaItem, { address, at }: TileLook): MediaRequest {
  if (at !== null) return { steps: 1, lo: item.step, hi: item.step };
  return { steps: Math.min(MOST_STEPS, address.steps), lo: address.lo ?? undefined, hi: address.hi ?? undefined };
}

/** Asked again when the series has another last value. */
function useDistributions(item: MediaItem, look: TileLook): ReturnType<typeof useKept<MediaValues>> {
  const wanted = requestOf(item, look);
  const { steps, lo, hi } = wanted;
  return useKept(
    `distributions ${item.key} ${steps} ${lo} ${hi}`,
    ({ ask }, signal) => values(ask, item.run, seriesOf(item), wanted, signal),
    (answer) => answer.values.length * VALUE_BYTES,
  );
}

const lookOf = ({ look }: TileLook): DistributionLook => (look === 'ridges' ? 'ridges' : 'heat');

function DistributionTile({ item, height, title, look, onOpen }: KindTileProps): ReactNode {
  const { data: media, problem } = useDistributions(item, look);
  const { data } = useMemo(() => distributionsOf(media?.values ?? []), [media]);
  const last = data.histograms.at(-1);
  const open = (): void => onOpen(item);
  return (
    <div className="media-chart" style={{ height }}>
      {problem && <Explained problem={problem} />}
      {!problem && media === null && <span className="media-wait skeleton" />}
      {media !== null && !last && <p className="count">No distribution that can be drawn</p>}
      {last && look.at === null && (
        <StepsChart className="media-chart-host" look={lookOf(look)} data={data} at={-1} onPick={open} />
      )}
      {last && look.at !== null && <BarsChart className="media-chart-host" histogram={last} range={null} />}
      <Button small icon="expand" aria-label={`Open ${title}`} onClick={open} />
    </div>
  );
}

function OpenDistribution({ look, ...rest }: OpenProps): ReactNode {
  const item = itemAt(rest.items, rest.at);
  const { address } = look;
  return (
    <MediaDialog {...rest} ending="bin">
      <div className="lightbox-text lightbox-chart" tabIndex={0} role="group" aria-label="Distribution">
        <DistributionCard
          key={item.key}
          run={item.run}
          series={seriesOf(item)}
          wanted={{ steps: MOST_STEPS, lo: address.lo ?? undefined, hi: address.hi ?? undefined }}
          look={lookOf(look)}
        />
      </div>
    </MediaDialog>
  );
}

export const DISTRIBUTIONS: MediaKindRow = {
  kind: 'distribution',
  noun: 'distribution',
  nouns: 'distributions',
  label: 'Distributions',
  alias: 'distributions',
  icon: 'bars',
  code: 'run.track(aim.Distribution(weights), name="weights", step=step)',
  example: 'weights if hparams.lr < 0.01 and distributions.step > 100',
  searched: null,
  rows: ['media.name'],
  columns: ['run.hash'],
  size: 360,
  sizes: [200, 960],
  looks: DISTRIBUTION_LOOKS,
  shapeOf: () => 0.6,
  tilesOf: lastOfSeries,
  Tile: DistributionTile,
  Open: OpenDistribution,
};
