/** The brushed window of a chart and its brushes. */
import { useCallback, useState } from 'react';
import type { DashboardChart } from '../../wire';
import type { KeptView } from './chartProps';

const UNTOUCHED: KeptView = { zoom: null, brushes: {} };

/** Until the chart shows something else. */
export function useChartView({ kind, metrics, axes, x }: DashboardChart): [KeptView, (kept: KeptView) => void] {
  const of = JSON.stringify([kind, metrics, axes, x]);
  const [held, hold] = useState({ of, kept: UNTOUCHED });
  const keep = useCallback((kept: KeptView) => hold({ of, kept }), [of]);
  return [held.of === of ? held.kept : UNTOUCHED, keep];
}
