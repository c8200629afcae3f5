/** One of many media over the page: the arrow keys move to the next one. */
import { itemAt } from '../../text/lists';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Button } from '../design/controls';
import { DateTime } from '../DateTime';
import { Icon } from '../design/Icon';
import { fileName } from '../../text/csv';
import { countText, sizeText } from '../../text/format';
import { useApi } from '../../data/api';
import type { ShownPicture } from './Picture';
import './media.css';

export interface MediaDialogProps<T extends ShownPicture> {
  items: readonly T[];
  at: number;
  /** Default: the name of the series. */
  titleOf?: (item: T) => string;
  onMove: (index: number) => void;
  onClose: () => void;
}

export function MediaDialog<T extends ShownPicture>({
  items,
  at,
  titleOf,
  onMove,
  onClose,
  onKey,
  ending,
  save,
  controls,
  children,
}: MediaDialogProps<T> & {
  /** Takes another key; whether it did. */
  onKey?: (key: string) => boolean;
  /** The ending of the downloaded file; default: the format. */
  ending?: string;
  /** Downloads what is shown, where that is more than the file of one value. */
  save?: (() => void) | undefined;
  controls?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const { blobAddress } = useApi();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const value = itemAt(items, at);
  const { run, name } = value;
  const title = titleOf?.(value) ?? name;
  const move = (step: number): void => onMove(Math.max(0, Math.min(items.length - 1, at + step)));
  const keys = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLInputElement) return;
    if (event.key === 'ArrowRight') move(1);
    else if (event.key === 'ArrowLeft') move(-1);
    else if (!onKey?.(event.key)) return;
    event.preventDefault();
  };
  const facts = [
    `step ${countText(value.step)}`,
    value.width && value.height && `${value.width} × ${value.height}`,
    value.format,
    value.size > 0 && sizeText(value.size),
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
        <span className="count">{`${countText(at + 1)} of ${countText(items.length)}`}</span>
        <Button small icon="left" tip="Previous" disabled={at === 0} onClick={() => move(-1)} />
        <Button small icon="right" tip="Next" disabled={at === items.length - 1} onClick={() => move(1)} />
        {controls}
        {save ? (
          <Button small look="outline" icon="download" onClick={save}>
            Download
          </Button>
        ) : (
          <a
            className="button outline small"
            href={blobAddress(run.id, value.blob)}
            download={fileName(`${name}-${value.step}-${value.index}`, ending ?? value.format)}
          >
            <Icon name="download" />
            Download
          </a>
        )}
        <Button small icon="close" tip="Close" autoFocus onClick={() => dialog.current?.close()} />
      </div>
      {children}
      {value.caption && (
        <p className="lightbox-caption">
          <bdi>{value.caption}</bdi>
        </p>
      )}
    </dialog>,
    document.body,
  );
}
