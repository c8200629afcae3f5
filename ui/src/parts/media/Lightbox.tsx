/** One image over the page: the arrow keys move to the next, plus and minus zoom, dragging pans. */
import { itemAt } from '../../text/lists';
import { useEffect, useRef, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Button } from '../design/controls';
import { DateTime } from '../DateTime';
import { Icon } from '../design/Icon';
import { fileName } from '../../text/csv';
import { countText, sizeText } from '../../text/format';
import { useApi } from '../../data/api';
import { Picture, type ShownPicture } from './Picture';
import { PictureZoomButtons, useZoom } from './zoom';

export function Lightbox<T extends ShownPicture>({
  pictures,
  at,
  titleOf,
  onMove,
  onClose,
}: {
  pictures: readonly T[];
  at: number;
  /** Default: the name of the series. */
  titleOf?: (picture: T) => string;
  onMove: (index: number) => void;
  onClose: () => void;
}): ReactNode {
  const { blobAddress } = useApi();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const value = itemAt(pictures, at);
  const { run, name } = value;
  const title = titleOf?.(value) ?? name;
  const move = (step: number): void => onMove(Math.max(0, Math.min(pictures.length - 1, at + step)));
  const zooming = useZoom(() => fitOf(dialog.current, value));
  const { zoom } = zooming;
  const keys = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowRight') move(1);
    else if (event.key === 'ArrowLeft') move(-1);
    else if (!zooming.key(event.key)) return;
    event.preventDefault();
  };
  const facts = [
    `step ${countText(value.step)}`,
    value.width && value.height && `${value.width} × ${value.height}`,
    value.format,
    sizeText(value.size),
  ].filter(Boolean);
  return createPortal(
    <dialog
      ref={dialog}
      className="lightbox"
      aria-label={`${title}, step ${value.step}`}
      onClose={onClose}
      onKeyDown={keys}
    >
      <div className="lightbox-head">
        <p>
          <strong>
            <bdi>{title}</bdi>
          </strong>
          <span className="count">
            {facts.join(' · ')} · <DateTime at={value.time} />
          </span>
        </p>
        <span className="stretch" />
        <span className="count">{`${countText(at + 1)} of ${countText(pictures.length)}`}</span>
        <Button small icon="left" tip="Previous" disabled={at === 0} onClick={() => move(-1)} />
        <Button small icon="right" tip="Next" disabled={at === pictures.length - 1} onClick={() => move(1)} />
        <PictureZoomButtons of={zooming} />
        <a
          className="button outline small"
          href={blobAddress(run.id, value.blob)}
          download={fileName(`${name}-${value.step}-${value.index}`, value.format)}
        >
          <Icon name="download" />
          Download
        </a>
        <Button small icon="close" tip="Close" autoFocus onClick={() => dialog.current?.close()} />
      </div>
      <PictureStage zoom={zoom}>
        <span
          style={
            zoom === null ? undefined : { width: (value.width ?? 300) * zoom, height: (value.height ?? 300) * zoom }
          }
        >
          <Picture key={value.blob} picture={value} whole />
        </span>
      </PictureStage>
      {value.caption && (
        <p className="lightbox-caption">
          <bdi>{value.caption}</bdi>
        </p>
      )}
    </dialog>,
    document.body,
  );
}

/** The scale of an image that fits the available space. */
function fitOf(dialog: HTMLElement | null, { width, height }: ShownPicture): number {
  const stage = dialog?.querySelector('.lightbox-stage');
  return stage && width && height ? Math.min(stage.clientWidth / width, stage.clientHeight / height) : 1;
}

function PictureStage({ zoom, children }: { zoom: number | null; children: ReactNode }): ReactNode {
  const stage = useRef<HTMLDivElement>(null);
  const held = useRef<{ x: number; y: number } | null>(null);
  return (
    <div
      ref={stage}
      className={`lightbox-stage ${zoom === null ? 'fit' : 'zoomed'}`}
      tabIndex={0}
      role="group"
      aria-label="Picture"
      onPointerDown={(event) => {
        if (zoom === null) return;
        held.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (!held.current) return;
        stage.current?.scrollBy(held.current.x - event.clientX, held.current.y - event.clientY);
        held.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerUp={() => (held.current = null)}
    >
      {children}
    </div>
  );
}
