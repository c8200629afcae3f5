/** Names the hovered run. Its content was logged by someone, so it is only shown as text. */
import { useSyncExternalStore, type ReactNode } from 'react';
import type { Item } from '../../data/result';
import type { Column } from '../../explorer/columns';
import { fieldOf, fieldText } from '../../explorer/fields';
import type { Marker } from '../../explorer/lines';
import type { RunNames } from '../../explorer/names';
import { TipBox, TipHead, TipLine } from '../../explorer/Tooltip';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame } from '../../parts/useFrame';
import type { View } from '../../explorer/view/view';
import { AddTag } from '../../parts/AddTag';
import type { PlotPointer } from './pointer';

export function RunTip({
  pointer,
  byKey,
  names,
  marker,
  axes,
  fields,
  view,
}: {
  pointer: PlotPointer;
  byKey: ReadonlyMap<string, Item>;
  names: RunNames;
  marker: (item: Item) => Marker;
  /** The axes of the chart. */
  axes: readonly Column<Item>[];
  fields: readonly string[];
  view: View;
}): ReactNode {
  const { readOnly } = useFrame();
  const pointed = useSyncExternalStore(pointer.subscribe, () => pointer.pointed);
  const item = pointed && byKey.get(pointed.key);
  if (!pointed || !item) return null;
  const { run } = item;
  const placed = new Set(axes.map(({ id }) => id));
  const held = view.pin?.key === pointed.key;
  return (
    <TipBox at={pointed} place={view.tipAt} held={held}>
      <TipHead run={run} name={names(run)} marker={marker(item)} />
      <dl>
        {axes.map((column) => (
          <TipLine key={column.id} name={column.label} text={column.text(item) || 'none'} />
        ))}
        {run.error && <TipLine name="error" text={run.error} />}
        {fields
          .filter((id) => !placed.has(id))
          .map((id) => {
            const field = fieldOf(id);
            return <TipLine key={id} name={field.label} text={fieldText(field, item)} />;
          })}
      </dl>
      {held && (
        <p className="tooltip-foot">
          <Link to={href('run', { run: run.id })}>Open the run</Link>
          {readOnly === null && <AddTag runs={[run]} />}
        </p>
      )}
    </TipBox>
  );
}
