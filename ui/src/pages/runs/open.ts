/** The action of a click on the row of a run. */
import type { Item } from '../../data/result';
import type { Row } from '../../explorer/rows';
import { href, navigate } from '../../parts/address';

/** Opens the page of the run, unless text is selected. */
export function openRun(row: Row<Item>): void {
  if (!window.getSelection()?.toString()) navigate(href('run', { run: row.members[0].run.id }));
}

export const NOTHING = (): void => undefined;
