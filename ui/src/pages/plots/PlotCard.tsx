/** Holds one framework-free chart of runs: React passes data and options, the chart draws and reports back. */
import { useEffect, useRef, type ReactNode } from 'react';
import type { Drawable, Unsubscribe, PlotHover } from '../../charts';
import { ChartTitle } from '../../explorer/ChartCard';
import { plural } from '../../text/format';
import type { Item } from '../../data/result';
import type { Group } from '../../explorer/grouping';
import type { Highlight } from '../../explorer/highlight';
import type { PlotPointer } from './pointer';

type Listen = (listener: (hover: PlotHover | null) => void) => Unsubscribe;

export interface PlotChart extends Drawable {
  readonly on: { readonly hover: Listen; readonly pick: Listen };
  setFocus(key: string | null): void;
  setPin(key: string | null): void;
  destroy(): void;
}

export interface PlotDrawing<C extends PlotChart> {
  readonly make: (host: HTMLElement) => C;
  readonly setData: (chart: C, group: Group<Item>) => void;
  readonly setOptions: (chart: C) => void;
}

interface PlotCardProps<C extends PlotChart> {
  group: Group<Item>;
  /** The number of drawn runs. */
  drawn: number;
  titled: boolean;
  drawing: PlotDrawing<C>;
  pin: string | null;
  onPin: (key: string | null) => void;
  highlight: Highlight;
  pointer: PlotPointer;
  /** Every chart on the page, by the key of its group. */
  charts: Map<string, Drawable>;
}

export function PlotCard<C extends PlotChart>(props: PlotCardProps<C>): ReactNode {
  const { group, drawn, titled, drawing, pin, onPin, highlight, pointer, charts } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<C | null>(null);
  const latest = useRef({ drawing, onPin });
  useEffect(() => {
    latest.current = { drawing, onPin };
  });
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const made = latest.current.drawing.make(element);
    chart.current = made;
    charts.set(group.key, made);
    const place = (hover: PlotHover | null): { key: string; left: number; top: number } | null => {
      const box = element.getBoundingClientRect();
      return hover && { key: hover.key, left: box.left + hover.px, top: box.top + hover.py };
    };
    made.on.hover((hover) => pointer.hover(place(hover)));
    made.on.pick((picked) => {
      pointer.hold(place(picked));
      latest.current.onPin(picked?.key ?? null);
    });
    const off = highlight.subscribe(() => made.setFocus(highlight.key));
    return () => {
      off();
      if (charts.get(group.key) === made) charts.delete(group.key);
      made.destroy();
      chart.current = null;
    };
  }, [group.key, highlight, pointer, charts]);
  const { setData, setOptions } = drawing;
  useEffect(() => {
    if (chart.current) setData(chart.current, group);
  }, [setData, group]);
  useEffect(() => {
    if (chart.current) setOptions(chart.current);
  }, [setOptions, group.key]);
  useEffect(() => chart.current?.setPin(pin), [pin, group.key]);
  const total = group.items.length;
  return (
    <figure className="chart">
      {titled && (
        <figcaption>
          <ChartTitle group={group} all="All runs" />
          <span className="count">
            {drawn === total ? plural(total, 'run') : `${drawn} of ${plural(total, 'run')}`}
          </span>
        </figcaption>
      )}
      <div ref={host} className="chart-host" />
    </figure>
  );
}
