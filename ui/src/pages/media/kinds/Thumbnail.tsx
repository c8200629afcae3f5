/** One picture of the grid. Where another one takes its place, the old one stays until the new one is there. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../../data/api';
import type { MediaItem } from '../../../data/cells';
import type { ThumbnailQuery } from '../../../wire';
import type { PictureFit, PixelLook } from '../mediaAddress';

const COPIES: readonly ThumbnailQuery['size'][] = [128, 256, 512];

/** The smallest copy with enough pixels. */
export const copyFor = (pixels: number): ThumbnailQuery['size'] => COPIES.find((size) => size >= pixels) ?? 512;

export function Thumbnail({
  item,
  label,
  width,
  height,
  fit,
  pixels,
}: {
  item: MediaItem;
  label: string;
  width: number;
  height: number;
  fit: PictureFit;
  pixels: PixelLook;
}): ReactNode {
  const { thumbnailAddress } = useApi();
  const shown = Math.max(width, height) * Math.min(2, window.devicePixelRatio || 1);
  const src = thumbnailAddress(item.run.id, item.blob, copyFor(shown));
  const [broken, setBroken] = useState<string | null>(null);
  const tiny = Math.max(item.width ?? Infinity, item.height ?? Infinity) <= Math.max(width, height);
  const sharp = pixels === 'sharp' || (pixels === 'auto' && tiny);
  if (broken === src)
    return <span className="broken-picture">This {item.format || 'image'} cannot be shown small</span>;
  return (
    <img
      className={sharp ? 'tiny' : undefined}
      style={{ objectFit: fit }}
      src={src}
      alt={label}
      width={width}
      height={height}
      decoding="async"
      draggable={false}
      onError={() => setBroken(src)}
    />
  );
}
