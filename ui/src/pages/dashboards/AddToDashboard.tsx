/** Charts of the wall as a new dashboard, or one more chart of a dashboard. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import { href, navigate } from '../../parts/address';
import { Button } from '../../parts/design/controls';
import { Menu } from '../../parts/design/Menu';
import { useToast } from '../../parts/design/Toast';
import { useAsked } from '../../parts/useAsked';
import { useEdit } from '../../parts/useEdit';
import { useFrame } from '../../parts/useFrame';
import { countText, plural } from '../../text/format';
import type { DashboardChart } from '../../wire';
import { conditionOf } from '../home/runList';
import type { WallView } from '../home/wallView';
import { MOST_CHARTS, newChart } from './board';
import { NameDialog } from './NameDialog';

const lineOf = (name: string, { axis, smoothing }: Pick<WallView, 'axis' | 'smoothing'>): DashboardChart => ({
  ...newChart('line'),
  metrics: [name],
  x: axis,
  smoothing,
  ignore_outliers: true,
});

interface SaveAsDashboardProps {
  /** Of the charts in unfolded sections. */
  names: readonly string[];
  view: WallView;
}

export function SaveAsDashboard({ names, view }: SaveAsDashboardProps): ReactNode {
  const { write } = useApi();
  const { readOnly } = useFrame();
  const [open, setOpen] = useState(false);
  if (readOnly !== null) return null;
  const kept = names.slice(0, MOST_CHARTS);
  const save = async (name: string): Promise<void> => {
    const charts = kept.map((metric) => lineOf(metric, view));
    const { id } = await write.dashboard({ name, charts, runs: conditionOf(view).q, newest: view.newest });
    navigate(href('dashboards', { id }));
  };
  return (
    <>
      <Button icon="columns" disabled={names.length === 0} onClick={() => setOpen(true)}>
        Save as dashboard
      </Button>
      {open && (
        <NameDialog title="Save as dashboard" name={view.experiment ?? ''} onName={save} onClose={() => setOpen(false)}>
          <p className="quiet">
            {kept.length < names.length
              ? `The first ${MOST_CHARTS} of ${countText(names.length)} charts: fold sections, or find charts, to choose others.`
              : `${plural(kept.length, 'chart')} of this page, with its runs, axis and smoothing.`}
          </p>
        </NameDialog>
      )}
    </>
  );
}

/** Adds a chart of the wall to a dashboard that exists. */
export function AddToDashboard({
  name,
  view,
}: {
  name: string;
  view: Pick<WallView, 'axis' | 'smoothing'>;
}): ReactNode {
  const { ask, write } = useApi();
  const { readOnly } = useFrame();
  const edit = useEdit();
  const toast = useToast();
  const asked = useAsked('dashboards', (signal) => ask.dashboards(signal));
  const boards = asked.data?.dashboards ?? [];
  if (readOnly !== null || boards.length === 0) return null;
  const add = async (id: string): Promise<void> => {
    const board = await ask.dashboard(id);
    const charts = [...board.charts, lineOf(name, view)];
    const { runs, newest, edited_at } = board;
    await write.dashboard({ id, name: board.name, runs, newest, charts, seen: edited_at });
    toast({
      text: `Added to “${board.name}”.`,
      action: { label: 'Open', run: () => navigate(href('dashboards', { id })) },
    });
  };
  return (
    <Menu
      icon="pin"
      look="outline"
      label="Add to a dashboard"
      end
      items={boards.map(({ id, name: label, charts }) => ({
        label,
        disabled: charts.length >= MOST_CHARTS,
        onSelect: () => void edit([], () => add(id)),
      }))}
    >
      Add to dashboard
    </Menu>
  );
}
