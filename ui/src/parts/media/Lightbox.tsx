/** One image over the page: plus and minus zoom, dragging pans. */
import { itemAt } from '../../text/lists';
import { useRef, type ReactNode, type RefObject } from 'react';
import { MediaDialog, type MediaDialogProps } from './MediaDialog';
import { Picture, type ShownPicture } from './Picture';
import { PictureZoomButtons, useZoom } from './zoom';

export function Lightbox<T extends ShownPicture>({
  pictures,
  ...rest
}: Omit<MediaDialogProps<T>, 'items'> & { pictures: readonly T[] }): ReactNode {
  const stage = useRef<HTMLDivElement>(null);
  const value = itemAt(pictures, rest.at);
  const zooming = useZoom(() => fitOf(stage.current, value));
  const { zoom } = zooming;
  return (
    <MediaDialog items={pictures} {...rest} onKey={zooming.key} controls={<PictureZoomButtons of={zooming} />}>
      <PictureStage stage={stage} zoom={zoom}>
        <span
          style={
            zoom === null ? undefined : { width: (value.width ?? 300) * zoom, height: (value.height ?? 300) * zoom }
          }
        >
          <Picture key={value.blob} picture={value} whole />
        </span>
      </PictureStage>
    </MediaDialog>
  );
}

/** The scale of an image that fits the available space. */
const fitOf = (stage: HTMLElement | null, { width, height }: ShownPicture): number =>
  stage && width && height ? Math.min(stage.clientWidth / width, stage.clientHeight / height) : 1;

function PictureStage({
  stage,
  zoom,
  children,
}: {
  stage: RefObject<HTMLDivElement | null>;
  zoom: number | null;
  children: ReactNode;
}): ReactNode {
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
