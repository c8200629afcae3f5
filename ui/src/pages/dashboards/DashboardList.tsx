/** All dashboards: what is on each, and a link to it. */
import { useState, type ReactNode } from 'react';
import { useApi } from '../../data/api';
import { href, navigate } from '../../parts/address';
import { DateTime } from '../../parts/DateTime';
import { Button } from '../../parts/design/controls';
import { Confirm } from '../../parts/design/Confirm';
import { Icon } from '../../parts/design/Icon';
import { Link } from '../../parts/Link';
import { Searchable } from '../../parts/Searchable';
import { Answer, Sheet } from '../../parts/Sheet';
import { Notice } from '../../parts/states';
import { useAsked, usePaced } from '../../parts/useAsked';
import { useEdit } from '../../parts/useEdit';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import { plural } from '../../text/format';
import type { DashboardRow, Dashboards } from '../../wire';
import { iconOf, WIDEST } from './board';
import { NameDialog } from './NameDialog';
import './dashboards.css';

export function DashboardList(): ReactNode {
  const { ask } = useApi();
  const asked = useAsked('dashboards', (signal) => ask.dashboards(signal));
  const again = usePaced(asked.again, 300);
  useNews({ changed: (runs) => runs.length === 0 && again(), missed: again });
  useTitle('Dashboards');
  return (
    <Answer of={asked} title="Dashboards">
      {(answer) => <ListedBoards of={answer} onChanged={asked.again} />}
    </Answer>
  );
}

function ListedBoards({ of: { dashboards, home }, onChanged }: { of: Dashboards; onChanged: () => void }): ReactNode {
  const { readOnly } = useFrame();
  const { write } = useApi();
  const edit = useEdit();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<DashboardRow | null>(null);
  const add = (
    <Button look="primary" icon="plus" disabled={readOnly !== null} onClick={() => setAdding(true)}>
      New dashboard
    </Button>
  );
  return (
    <Sheet
      title="Dashboards"
      lead={<p>Pages of charts, shared with everyone who uses this repository.</p>}
      actions={readOnly === null && dashboards.length > 0 && add}
    >
      <Searchable
        items={dashboards}
        noun="dashboard"
        textOf={({ name }) => name}
        empty={<NoDashboards add={readOnly === null && add} />}
      >
        {(shown) => (
          <ul className="board-cards">
            {shown.map((row) => (
              <BoardCard
                key={row.id}
                row={row}
                home={row.id === home}
                onDelete={readOnly === null ? () => setDeleting(row) : null}
              />
            ))}
          </ul>
        )}
      </Searchable>
      {adding && (
        <NameDialog
          title="New dashboard"
          name=""
          onName={async (name) => {
            const { id } = await write.dashboard({ name, charts: [] });
            navigate(href('dashboards', { id }));
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {deleting && (
        <Confirm
          title="Delete this dashboard?"
          action="Delete"
          onCancel={() => setDeleting(null)}
          onConfirm={() => {
            const { id, name } = deleting;
            setDeleting(null);
            void edit([], () => write.deleteDashboard(id), `“${name}” is deleted.`).then(onChanged);
          }}
        >
          “<bdi>{deleting.name}</bdi>” is deleted for everyone. Runs are not affected.
        </Confirm>
      )}
    </Sheet>
  );
}

function NoDashboards({ add }: { add: ReactNode }): ReactNode {
  return (
    <Notice icon="columns" title="No dashboards yet">
      <p>A dashboard keeps the charts that matter, with their axes and in your order.</p>
      <span className="pair">
        {add}
        <Link className="button outline" to={href('home', { wall: '1' })}>
          Start from all charts
        </Link>
      </span>
    </Notice>
  );
}

const PREVIEWED = 18;

interface BoardCardProps {
  row: DashboardRow;
  home: boolean;
  onDelete: (() => void) | null;
}

function BoardCard({ row, home, onDelete }: BoardCardProps): ReactNode {
  const { id, name, charts, edited_at } = row;
  return (
    <li className="card board-card">
      <Link className="board-card-link" to={href('dashboards', { id })}>
        <span className="board-preview" aria-hidden="true" style={{ gridTemplateColumns: `repeat(${WIDEST}, 1fr)` }}>
          {charts.slice(0, PREVIEWED).map(({ kind, width, height }, at) => (
            <span key={at} style={{ gridColumn: `span ${width}`, gridRow: `span ${height}` }}>
              <Icon name={iconOf(kind)} size={14} />
            </span>
          ))}
        </span>
        <h2>
          <bdi>{name}</bdi>
        </h2>
      </Link>
      <div className="bookmark-foot">
        <span className="count">
          {plural(charts.length, 'chart')} · <DateTime at={edited_at} />
        </span>
        {home && <span className="badge gray">home</span>}
        <span className="stretch" />
        {onDelete && <Button small icon="trash" aria-label={`Delete ${name}`} onClick={onDelete} />}
      </div>
    </li>
  );
}
