/** Images: small copies in the grid, the full view, and two compared. */
import type { ReactNode } from 'react';
import { Choice } from '../../../parts/design/controls';
import { PopoverButton } from '../../../parts/design/Popover';
import { Lightbox } from '../../../parts/media/Lightbox';
import { every, type MediaKindRow, type OpenProps, type KindTileProps } from '../kindRow';
import type { MediaAddress, PictureFit, PixelLook } from '../mediaAddress';
import { shapeOf } from '../steps';
import type { ChangeMedia } from '../useMediaAddress';
import { ComparePictures } from './ComparePictures';
import { Thumbnail } from './Thumbnail';

export function PictureTile({ item, width, height, title, look, onOpen }: KindTileProps): ReactNode {
  const { fit, pixels } = look.address;
  return (
    <button type="button" className="media-picture" title={title} style={{ height }} onClick={() => onOpen(item)}>
      <Thumbnail item={item} label={title} width={width} height={height} fit={fit} pixels={pixels} />
    </button>
  );
}

export function OpenPicture({ items, at, titleOf, onMove, onClose }: OpenProps): ReactNode {
  return <Lightbox pictures={items} at={at} titleOf={titleOf} onMove={onMove} onClose={onClose} />;
}

const FITS: readonly { value: PictureFit; label: string }[] = [
  { value: 'contain', label: 'Whole images' },
  { value: 'cover', label: 'Fill the tiles' },
];
const PIXELS: readonly { value: PixelLook; label: string }[] = [
  { value: 'auto', label: 'Pixels: sharp where enlarged' },
  { value: 'sharp', label: 'Pixels: sharp' },
  { value: 'smooth', label: 'Pixels: smooth' },
];

function ImageControls({ address, change }: { address: MediaAddress; change: ChangeMedia }): ReactNode {
  return (
    <PopoverButton
      icon="picture"
      label="How images are drawn"
      tip="How images are drawn"
      end
      active={address.fit !== 'contain' || address.pixels !== 'auto'}
      panel={() => (
        <div className="panel">
          <Choice label="Fit" value={address.fit} options={FITS} onChange={(fit) => change({ fit })} />
          <Choice label="Pixels" value={address.pixels} options={PIXELS} onChange={(pixels) => change({ pixels })} />
        </div>
      )}
    />
  );
}

export const IMAGES: MediaKindRow = {
  kind: 'image',
  noun: 'image',
  nouns: 'images',
  label: 'Images',
  alias: 'images',
  icon: 'picture',
  code: 'run.track(aim.Image(pixels, caption="a digit"), name="samples", step=step)',
  example: 'samples if hparams.lr < 0.01 and images.step > 100',
  searched: 'captions',
  rows: ['run.hash', 'media.name'],
  columns: ['media.step'],
  size: 128,
  sizes: [48, 480],
  looks: [],
  shapeOf,
  tilesOf: every,
  Tile: PictureTile,
  Open: OpenPicture,
  Compare: ComparePictures,
  Controls: ImageControls,
};
