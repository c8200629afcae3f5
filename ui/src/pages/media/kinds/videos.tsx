/** Videos: the first frame in the grid, which plays under the pointer, and the whole video with its controls. */
import { useRef, type ReactNode } from 'react';
import { useApi } from '../../../data/api';
import type { MediaItem } from '../../../data/cells';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { itemAt } from '../../../text/lists';
import { every, type MediaKindRow, type OpenProps, type KindTileProps } from '../kindRow';
import { shapeOf } from '../steps';

/** A GIF plays as an image does. */
const isImage = ({ format }: MediaItem): boolean => format === 'gif';

function VideoTile({ item, height, title, look, onOpen }: KindTileProps): ReactNode {
  const { blobAddress } = useApi();
  const video = useRef<HTMLVideoElement>(null);
  const address = blobAddress(item.run.id, item.blob);
  const play = (): void => void video.current?.play().catch(() => undefined);
  return (
    <button
      type="button"
      className="media-picture media-video"
      title={title}
      aria-label={`Open ${title}`}
      style={{ height }}
      onClick={() => onOpen(item)}
      onPointerEnter={play}
      onPointerLeave={() => video.current?.pause()}
    >
      {isImage(item) ? (
        <img src={address} alt="" draggable={false} />
      ) : (
        <video ref={video} src={address} preload="metadata" muted playsInline loop={look.look === 'loop'} />
      )}
    </button>
  );
}

function OpenVideo({ look, ...rest }: OpenProps): ReactNode {
  const { blobAddress } = useApi();
  const item = itemAt(rest.items, rest.at);
  const address = blobAddress(item.run.id, item.blob);
  const label = `${rest.titleOf(item)}, step ${item.step}`;
  return (
    <MediaDialog {...rest}>
      <div className="lightbox-stage fit media-video">
        {isImage(item) ? (
          <img src={address} alt={label} />
        ) : (
          <video key={item.key} src={address} aria-label={label} controls autoPlay muted loop={look.look === 'loop'} />
        )}
      </div>
    </MediaDialog>
  );
}

export const VIDEOS: MediaKindRow = {
  kind: 'video',
  noun: 'video',
  nouns: 'videos',
  label: 'Videos',
  alias: 'videos',
  icon: 'film',
  code: 'run.track(aim.Video("rollout.mp4"), name="rollouts", step=step)',
  example: 'rollouts if hparams.lr < 0.01 and videos.step > 100',
  searched: 'captions',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 200,
  sizes: [96, 800],
  looks: [
    { value: 'once', label: 'Play once' },
    { value: 'loop', label: 'Play in a loop' },
  ],
  shapeOf,
  tilesOf: every,
  Tile: VideoTile,
  Open: OpenVideo,
};
