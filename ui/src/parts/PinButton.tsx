/** Pins a metric's chart to the top, or unpins it. */
import type { ReactNode } from 'react';
import { Button } from './design/controls';

interface PinButtonProps {
  name: string;
  pinned: boolean;
  onToggle: (name: string) => void;
}

export function PinButton({ name, pinned, onToggle }: PinButtonProps): ReactNode {
  return (
    <Button
      small
      icon="pin"
      active={pinned}
      aria-pressed={pinned}
      title={pinned ? 'Unpin' : 'Pin to the top'}
      aria-label={`${pinned ? 'Unpin' : 'Pin'} ${name}`}
      onClick={() => onToggle(name)}
    />
  );
}
