/** Two pictures at one zoom: side by side, or the difference of their pixels. */
import { useEffect, useRef, useState, type ReactNode, type UIEvent } from 'react';
import { createPortal } from 'react-dom';
import { useApi } from '../../../data/api';
import type { MediaItem } from '../../../data/cells';
import { Button, Choice, Slider } from '../../../parts/design/controls';
import { PictureZoomButtons, useZoom } from '../../../parts/media/zoom';

type Mode = 'beside' | 'difference';
const MODES: readonly { value: Mode; label: string }[] = [
  { value: 'beside', label: 'Side by side' },
  { value: 'difference', label: 'Difference' },
];
const STRONGEST = 8;

export function ComparePictures({
  pair,
  titleOf,
  onClose,
}: {
  pair: readonly [MediaItem, MediaItem];
  titleOf: (item: MediaItem) => string;
  onClose: () => void;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [mode, setMode] = useState<Mode>('beside');
  const [strength, setStrength] = useState(1);
  useEffect(() => dialog.current?.showModal(), []);
  const width = Math.max(1, ...pair.map((item) => item.width ?? 300));
  const height = Math.max(1, ...pair.map((item) => item.height ?? 300));
  const zooming = useZoom(() => fitOf(dialog.current, width, height));
  const { zoom } = zooming;
  const keys = (event: React.KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
    if (event.key === 'd') setMode(mode === 'beside' ? 'difference' : 'beside');
    else if (!zooming.key(event.key)) return;
    event.preventDefault();
  };
  return createPortal(
    <dialog
      ref={dialog}
      className="lightbox compare-pictures"
      aria-label="Compare two pictures"
      onClose={onClose}
      onKeyDown={keys}
    >
      <div className="lightbox-head">
        <Choice label="How to compare" value={mode} options={MODES} onChange={setMode} />
        {mode === 'difference' && (
          <Slider
            label="Strength of the difference"
            value={strength}
            max={STRONGEST}
            step={1}
            text={`× ${Math.max(1, strength)}`}
            onChange={(next) => setStrength(Math.max(1, next))}
          />
        )}
        <span className="stretch" />
        <PictureZoomButtons of={zooming} />
        <Button small icon="close" tip="Close" autoFocus onClick={() => dialog.current?.close()} />
      </div>
      <Stages pair={pair} mode={mode} zoom={zoom} strength={strength} width={width} height={height} titleOf={titleOf} />
    </dialog>,
    document.body,
  );
}

/** The scale at which both fit, side by side. */
function fitOf(dialog: HTMLElement | null, width: number, height: number): number {
  const stage = dialog?.querySelector('.compare-stage');
  return stage ? Math.min(stage.clientWidth / width, stage.clientHeight / height) : 1;
}

function Stages({
  pair,
  mode,
  zoom,
  strength,
  width,
  height,
  titleOf,
}: {
  pair: readonly [MediaItem, MediaItem];
  mode: Mode;
  zoom: number | null;
  strength: number;
  width: number;
  height: number;
  titleOf: (item: MediaItem) => string;
}): ReactNode {
  const stages = useRef<HTMLDivElement>(null);
  /** What is scrolled in one is scrolled in the other. */
  const follow = (event: UIEvent<HTMLElement>): void => {
    const { scrollLeft, scrollTop } = event.currentTarget;
    for (const other of stages.current?.querySelectorAll('.compare-stage') ?? []) {
      if (other === event.currentTarget) continue;
      if (other.scrollLeft !== scrollLeft) other.scrollLeft = scrollLeft;
      if (other.scrollTop !== scrollTop) other.scrollTop = scrollTop;
    }
  };
  const ratio = width / height;
  const style =
    zoom === null
      ? { width: `min(100cqw, 100cqh * ${ratio})`, aspectRatio: ratio }
      : { width: width * zoom, height: height * zoom };
  const groups: readonly (readonly MediaItem[])[] = mode === 'beside' ? pair.map((item) => [item]) : [pair];
  return (
    <div ref={stages} className="compare-stages">
      {groups.map((items) => (
        <figure key={items.map(({ key }) => key).join()}>
          <div
            className={`compare-stage ${zoom === null ? 'fit' : 'zoomed'}`}
            tabIndex={0}
            role="group"
            aria-label={items.map(titleOf).join(' and ')}
            onScroll={follow}
          >
            <span
              className={`compare-box ${items.length > 1 ? 'difference' : ''}`}
              style={{ ...style, ...(items.length > 1 && { filter: `brightness(${strength})` }) }}
            >
              {items.map((item) => (
                <Whole key={item.key} item={item} title={titleOf(item)} width={width} height={height} />
              ))}
            </span>
          </div>
          <figcaption>
            <bdi>{items.map(titleOf).join(' − ')}</bdi>
          </figcaption>
        </figure>
      ))}
    </div>
  );
}

/** A picture at the zoom of the box, which has the size of the larger one. */
function Whole({
  item,
  title,
  width,
  height,
}: {
  item: MediaItem;
  title: string;
  width: number;
  height: number;
}): ReactNode {
  const { blobAddress } = useApi();
  return (
    <img
      className={(item.width ?? Infinity) <= 96 ? 'tiny' : ''}
      style={{
        width: `${((item.width ?? width) / width) * 100}%`,
        height: `${((item.height ?? height) / height) * 100}%`,
      }}
      src={blobAddress(item.run.id, item.blob)}
      alt={title}
      draggable={false}
    />
  );
}
