/** The zoom of pictures in a dialog: null fits them into it. */
import { useState, type ReactNode } from 'react';
import { Button } from '../design/controls';

const ZOOMS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128];

export interface PictureZoom {
  zoom: number | null;
  setZoom: (zoom: number | null) => void;
  /** To the next level. */
  zoomBy: (step: number) => void;
  /** Takes + - 0; whether it was one of them. */
  key: (key: string) => boolean;
}

/** `fit`: the scale at which the pictures fit. */
export function useZoom(fit: () => number): PictureZoom {
  const [zoom, setZoom] = useState<number | null>(null);
  const zoomBy = (step: number): void => {
    const from = zoom ?? fit();
    const next = step > 0 ? ZOOMS.find((level) => level > from) : ZOOMS.findLast((level) => level < from);
    if (next !== undefined) setZoom(next);
  };
  const key = (pressed: string): boolean => {
    if (pressed === '+' || pressed === '=') zoomBy(1);
    else if (pressed === '-') zoomBy(-1);
    else if (pressed === '0') setZoom(null);
    else return false;
    return true;
  };
  return { zoom, setZoom, zoomBy, key };
}

export function PictureZoomButtons({ of }: { of: PictureZoom }): ReactNode {
  const { zoom, setZoom, zoomBy } = of;
  return (
    <>
      <Button small look="outline" aria-pressed={zoom === null} active={zoom === null} onClick={() => setZoom(null)}>
        Fit
      </Button>
      <Button small icon="minus" tip="Smaller" onClick={() => zoomBy(-1)} />
      <output className="count">{zoom === null ? 'fit' : `${zoom * 100} %`}</output>
      <Button small icon="plus" tip="Larger" onClick={() => zoomBy(1)} />
    </>
  );
}
