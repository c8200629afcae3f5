/** Sounds: a waveform with a player in each tile. */
import { useRef, type ReactNode } from 'react';
import { useApi } from '../../../data/api';
import type { MediaItem } from '../../../data/cells';
import { Button } from '../../../parts/design/controls';
import { MediaDialog } from '../../../parts/media/MediaDialog';
import { useKept } from '../../../parts/useKept';
import { durationText } from '../../../text/format';
import { itemAt } from '../../../text/lists';
import type { WaveformQuery } from '../../../wire';
import { every, type MediaKindRow, type OpenProps, type KindTileProps } from '../kindRow';
import { usePlayer } from './usePlayer';
import { Waveform } from './Waveform';

type Bins = NonNullable<WaveformQuery['bins']>;
const BINS: readonly Bins[] = [128, 512, 2048];

/** The fewest bins with one for each pixel. */
const binsFor = (pixels: number): Bins => BINS.find((bins) => bins >= pixels) ?? 2048;

function Sound({
  item,
  width,
  title,
  loop,
  children,
}: {
  item: MediaItem;
  width: number;
  title: string;
  loop: boolean;
  children?: ReactNode;
}): ReactNode {
  const { blobAddress } = useApi();
  const audio = useRef<HTMLAudioElement>(null);
  const address = blobAddress(item.run.id, item.blob);
  const { playing, share, failed, toggle, seek } = usePlayer(audio, address, item.seconds);
  const bins = binsFor(width * Math.min(2, window.devicePixelRatio || 1));
  const outline = useKept(`waveform ${item.key} ${bins}`, ({ waveform }, signal) =>
    waveform(item.run.id, item.blob, bins, signal),
  );
  return (
    <>
      <Waveform pairs={outline.data} share={share} label={`Position in ${title}`} onSeek={seek} />
      <div className="media-sound-foot">
        <Button
          small
          icon={playing ? 'pause' : 'play'}
          aria-label={`${playing ? 'Pause' : 'Play'} ${title}`}
          onClick={toggle}
        />
        <span className="count">
          {failed ? 'This browser cannot play it' : item.seconds === null ? item.format : durationText(item.seconds)}
        </span>
        {outline.problem && (
          <span className="count waveform-none" title={[outline.problem.message, outline.problem.hint].join(' ')}>
            no waveform
          </span>
        )}
        <span className="stretch" />
        {children}
      </div>
      <audio ref={audio} preload="none" src={address} loop={loop} />
    </>
  );
}

function SoundTile({ item, width, height, title, look, onOpen }: KindTileProps): ReactNode {
  return (
    <div className="media-sound" style={{ height }}>
      <Sound item={item} width={width} title={title} loop={look.look === 'loop'}>
        <Button small icon="expand" aria-label={`Open ${title}`} onClick={() => onOpen(item)} />
      </Sound>
    </div>
  );
}

function OpenSound({ look, ...rest }: OpenProps): ReactNode {
  const item = itemAt(rest.items, rest.at);
  return (
    <MediaDialog {...rest}>
      <div className="media-sound lightbox-sound">
        <Sound key={item.key} item={item} width={2048} title={rest.titleOf(item)} loop={look.look === 'loop'} />
      </div>
    </MediaDialog>
  );
}

export const SOUNDS: MediaKindRow = {
  kind: 'audio',
  noun: 'sound',
  nouns: 'sounds',
  label: 'Sounds',
  alias: 'audios',
  icon: 'sound',
  code: 'run.track(aim.Audio(samples, rate=16_000), name="speech", step=step)',
  example: 'speech if hparams.lr < 0.01 and audios.step > 100',
  searched: 'captions',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 224,
  sizes: [128, 800],
  looks: [
    { value: 'once', label: 'Play once' },
    { value: 'loop', label: 'Play in a loop' },
  ],
  shapeOf: () => 0.45,
  tilesOf: every,
  Tile: SoundTile,
  Open: OpenSound,
};
