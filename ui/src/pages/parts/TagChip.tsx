/** A tag in its colour; the colour is a dot beside the text, so every colour can be read. */
import type { ReactNode } from 'react';
import { Icon } from '../../design/Icon';
import { useTagLooks } from './tagLooks';

export function TagChip({ name, onRemove }: { name: string; onRemove?: () => void }): ReactNode {
  const look = useTagLooks().get(name);
  return (
    <span className="tag-chip" title={look?.comment || undefined}>
      <Dot colour={look?.colour ?? null} />
      <bdi>{name}</bdi>
      {onRemove && (
        <button type="button" className="tag-remove" aria-label={`Remove tag ${name}`} onClick={onRemove}>
          <Icon name="close" size={10} />
        </button>
      )}
    </span>
  );
}

export function Dot({ colour }: { colour: string | null }): ReactNode {
  return <span className="tag-dot" style={colour ? { background: colour } : undefined} aria-hidden="true" />;
}
