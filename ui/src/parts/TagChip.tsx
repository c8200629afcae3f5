/** A tag with its color as a dot next to the text, so that every color is readable. */
import type { ReactNode } from 'react';
import { Icon } from './design/Icon';
import { useTagStyles } from './tagStyles';

export function TagChip({ name, onRemove }: { name: string; onRemove?: () => void }): ReactNode {
  const style = useTagStyles().get(name);
  return (
    <span className="tag-chip" title={style?.comment || undefined}>
      <Dot color={style?.color ?? null} />
      <bdi>{name}</bdi>
      {onRemove && (
        <button type="button" className="tag-remove" aria-label={`Remove tag ${name}`} onClick={onRemove}>
          <Icon name="close" size={10} />
        </button>
      )}
    </span>
  );
}

export function Dot({ color }: { color: string | null }): ReactNode {
  return <span className="tag-dot" style={color ? { background: color } : undefined} aria-hidden="true" />;
}
