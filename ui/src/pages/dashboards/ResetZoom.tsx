/** Leads back from a brushed window of a chart. */
import type { ReactNode } from 'react';
import { Button } from '../../parts/design/controls';
import type { ChartBodyProps } from './chartProps';

export function ResetZoom({ kept, onKept }: Pick<ChartBodyProps, 'kept' | 'onKept'>): ReactNode {
  if (!kept.zoom) return null;
  return (
    <div className="board-zoom">
      <Button small look="outline" icon="reset" onClick={() => onKept({ ...kept, zoom: null })}>
        Reset zoom
      </Button>
    </div>
  );
}
