/** Names the hovered point. Its content was logged by someone, so it is only shown as text. */
import { useLayoutEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { formatDuration, formatTime, formatValue } from '../charts';
import { paramOf, type Item, type Result, type Run, type Series } from '../data/result';
import type { TipPlace } from './view/view';
import { axisMetric, type XAxis } from '../data/axis';
import { bundleName, type Bundle } from './bundles';
import { varyingParams } from './channels';
import { RunStatus } from './columns';
import { divergedText } from './diverged';
import { fieldOf, fieldText } from './fields';
import { valuesInTip } from './groupNames';
import type { RunNames } from './names';
import { runName } from '../text/runName';
import type { ChartSync, Pointed } from './sync';
import { countText, plural } from '../text/format';
import { href } from '../parts/address';
import { Link } from '../parts/Link';
import { divergedBy } from '../stats';
import type { Marker } from './lines';
import { Swatch } from './Swatch';
import { useWhen } from './useWhen';

interface TooltipProps {
  sync: ChartSync;
  byKey: ChartSync['byKey'];
  /** The keys of the drawn lines. */
  shown: ReadonlySet<string>;
  /** The query of the lines. */
  answered: string;
  marker: (series: Series) => Marker;
  fields: readonly string[];
  names: RunNames;
  x: XAxis;
  place: TipPlace;
  /** Pinned points stay, so that their links can be reached. */
  held: boolean;
  /** Actions next to the link to the run. */
  foot?: (run: Run) => ReactNode;
}

const AWAY = 16;
const EDGE = 8;
const DIFFERING = 10;

export function Tooltip(props: TooltipProps): ReactNode {
  const { sync, byKey, shown, answered, marker, fields, names, x, place, held, foot } = props;
  const pointed = useSyncExternalStore(sync.subscribe, () => sync.pointed);
  const target = pointed ? byKey.get(pointed.hover.key) : undefined;
  if (!pointed || !target) return null;
  return (
    <TipBox at={pointed} place={place} held={held}>
      {'members' in target ? (
        <OfGroup bundle={target} shown={shown} pointed={pointed} marker={marker} x={x} />
      ) : (
        <OfSeries
          answered={answered}
          series={target}
          pointed={pointed}
          marker={marker}
          fields={fields}
          names={names}
          x={x}
          held={held}
          foot={foot}
        />
      )}
    </TipBox>
  );
}

/** A box that stays leaves the table below the charts free, whose buttons it would cover. */
function floorOf(box: HTMLElement): number {
  const table = box.parentElement?.querySelector('.split-bar')?.getBoundingClientRect().top ?? Infinity;
  return Math.min(table, window.innerHeight);
}

function moveNear(box: HTMLElement, at: { readonly left: number; readonly top: number }, held: boolean): void {
  const { offsetWidth: width, offsetHeight: height } = box;
  const right = at.left + AWAY;
  const left = right + width + EDGE > window.innerWidth ? at.left - AWAY - width : right;
  const top = Math.min(at.top + AWAY, (held ? floorOf(box) : window.innerHeight) - height - EDGE);
  box.style.transform = `translate(${Math.max(EDGE, Math.round(left))}px, ${Math.max(EDGE, Math.round(top))}px)`;
}

/** Next to a position in the window and always inside it, or at the chosen place. */
export function TipBox({
  at,
  place,
  held,
  children,
}: {
  at: { readonly left: number; readonly top: number };
  place: TipPlace;
  held: boolean;
  children: ReactNode;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    if (place !== 'near') {
      element.style.transform = '';
      return undefined;
    }
    moveNear(element, at, held);
    if (!held) return undefined;
    const grown = new ResizeObserver(() => moveNear(element, at, held));
    grown.observe(element);
    return () => grown.disconnect();
  });
  if (place === 'off') return null;
  const classes = `tooltip ${place === 'near' ? '' : `at-${place}`} ${held ? 'held' : ''}`;
  return (
    <div ref={box} className={classes} role="tooltip">
      {children}
    </div>
  );
}

interface PartProps extends Pick<TooltipProps, 'marker' | 'x'> {
  pointed: Pointed;
}

function OfGroup({
  bundle,
  shown,
  pointed: { hover },
  marker,
  x,
}: PartProps & Pick<TooltipProps, 'shown'> & { bundle: Bundle }): ReactNode {
  const { low, high, count } = hover;
  const members = bundle.members.filter(({ key }) => shown.has(key));
  const diverged = divergedBy(members, hover.x);
  const left = members.filter((line) => line.run.diverged || divergedBy([line]) > 0).length;
  return (
    <>
      <div className="tooltip-head">
        <Swatch {...marker(bundle.members[0])} />
        <strong>
          <bdi>{bundleName(bundle)}</bdi>
        </strong>
      </div>
      <div className="tooltip-metric">
        <span>{plural(members.length, 'line')}</span>
        <span className="tooltip-value">{formatValue(hover.shown)}</span>
      </div>
      <dl>
        {low !== undefined && high !== undefined && (
          <TipLine name="area" text={areaText(low, high, left, members.length)} />
        )}
        {count !== undefined && <TipLine name="n" text={divergedText(count + diverged, diverged) || String(count)} />}
        <TipLine name={axisName(x)} text={axisText(x, hover.x)} />
        {valuesInTip(bundle).map(({ name, text, whole = text }) => (
          <TipLine key={name} name={name} text={whole} />
        ))}
      </dl>
    </>
  );
}

/** `left`: how many of the members the area leaves out, because they diverged. */
function areaText(low: number, high: number, left: number, members: number): string {
  if (left === members) return 'none, all diverged';
  if (Number.isNaN(low)) return 'none of one value';
  return `${formatValue(low)} – ${formatValue(high)}${left > 0 ? `, without ${countText(left)} diverged` : ''}`;
}

const axisName = (x: XAxis): string =>
  axisMetric(x) ?? (x === 'relative' ? 'time' : x === 'process' ? 'process time' : x);

export function axisText(x: XAxis, value: number): string {
  if (x === 'relative' || x === 'process') return formatDuration(value);
  return x === 'time' ? formatTime(value) : formatValue(value);
}

function OfSeries({
  answered,
  series,
  pointed: { hover },
  marker,
  fields,
  names,
  x,
  held,
  foot,
}: PartProps & Pick<TooltipProps, 'answered' | 'fields' | 'names' | 'held' | 'foot'> & { series: Series }): ReactNode {
  const smoothed = hover.shown !== hover.y && !(Number.isNaN(hover.shown) && Number.isNaN(hover.y));
  const { run } = series;
  const { epoch, time } = useWhen(answered, series, hover.step, held);
  return (
    <>
      <TipHead run={run} name={names(run)} marker={marker(series)} />
      <div className="tooltip-metric">
        <span>
          <bdi>{series.name}</bdi>
          {series.contextText && (
            <>
              {' '}
              <span className="tooltip-context">
                <bdi>{series.contextText}</bdi>
              </span>
            </>
          )}
        </span>
        <span className="tooltip-value">{formatValue(hover.y)}</span>
      </div>
      <dl>
        {smoothed && <TipLine name="smoothed" text={formatValue(hover.shown)} />}
        <TipLine name="step" text={String(hover.step)} />
        {x !== 'step' && <TipLine name={axisName(x)} text={axisText(x, hover.x)} />}
        {epoch !== undefined && x !== 'epoch' && <TipLine name="epoch" text={formatValue(epoch)} />}
        {time !== undefined && x !== 'time' && <TipLine name="at" text={formatTime(time)} />}
        {run.error && <TipLine name="error" text={run.error} />}
        {run.dropped > 0 && <TipLine name="lost points" text={String(run.dropped)} />}
        {fields.map((id) => {
          const field = fieldOf(id);
          return <TipLine key={id} name={field.label} text={fieldText(field, series)} />;
        })}
      </dl>
      {held && (
        <p className="tooltip-foot">
          <Link to={href('run', { run: run.id })}>Open the run</Link>
          {foot?.(run)}
        </p>
      )}
    </>
  );
}

/** A list or an object is too long for one line. */
function differingParams(result: Result<Item>): string[] {
  const plain = (value: unknown): boolean => typeof value !== 'object' || value === null;
  return varyingParams(result).filter((path) => result.runs.every((run) => plain(paramOf(run, path))));
}

/** The fields in the tooltip: grouping fields, then the params that differ. */
export function tooltipFields(result: Result<Item>, grouped: readonly string[]): string[] {
  const named = ['metric.name', 'run.hash', 'run.name', 'run.status'];
  const own = grouped.filter((id) => !named.includes(id) && !id.startsWith('context.'));
  const differing = differingParams(result).map((path) => `params.${path}`);
  return [...new Set(['experiment', ...own, ...differing.slice(0, DIFFERING)])];
}

export function TipHead({ run, name, marker }: { run: Run; name: string; marker: Marker }): ReactNode {
  return (
    <div className="tooltip-head">
      <Swatch {...marker} />
      <strong title={runName(run)}>
        <bdi>{name}</bdi>
      </strong>
      <RunStatus run={run} />
    </div>
  );
}

export function TipLine({ name, text }: { name: string; text: string }): ReactNode {
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{text}</bdi>
      </dd>
    </div>
  );
}
