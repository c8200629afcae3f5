/** The project at a glance: what runs now, what happened in the last year, and the ways to what people looked at. */
import type { ReactNode } from 'react';
import { countText, dateText, durationText, plural } from '../../explorer/format';
import { EmptyRepo, Query } from '../../explorer/states';
import { href, pageOf } from '../../frame/address';
import { Link } from '../../frame/Link';
import { routeOf } from '../../frame/routes';
import { useFrame, useNews, useTitle } from '../../frame/useFrame';
import { recentQueries } from '../../state/memory';
import type { Bookmark, Experiment, Overview, Tag } from '../../wire';
import { ask } from '../api';
import { ExperimentTable } from '../experiments/ExperimentsPage';
import { Figures } from '../parts/Figures';
import { Heatmap, queryOfDay } from '../parts/Heatmap';
import { runsAddress } from '../parts/runsAddress';
import { RunTable } from '../parts/RunTable';
import { Answer, Card, Hint, Sheet } from '../parts/Sheet';
import { TagChip } from '../parts/TagChip';
import { useAsked, usePaced } from '../parts/useAsked';

interface Found {
  readonly overview: Overview;
  readonly experiments: readonly Experiment[];
  readonly tags: readonly Tag[];
  readonly bookmarks: readonly Bookmark[];
}

async function look(signal: AbortSignal): Promise<Found> {
  const [overview, { experiments }, { tags }, { bookmarks }] = await Promise.all([
    ask.overview(undefined, signal),
    ask.experiments(signal),
    ask.tags(signal),
    ask.bookmarks(signal),
  ]);
  return { overview, experiments, tags, bookmarks };
}

export default function DashboardPage(): ReactNode {
  const { project } = useFrame().server;
  const asked = useAsked('dashboard', look);
  const again = usePaced(asked.again);
  useNews({ changed: again, began: again });
  useTitle('Dashboard');
  return (
    <Answer of={asked} title="Dashboard">
      {(found) => (found.overview.runs === 0 && project ? <Empty root={project.root} /> : <Page found={found} />)}
    </Answer>
  );
}

function Empty({ root }: { root: string }): ReactNode {
  return (
    <>
      <h1 className="hidden-text">Dashboard</h1>
      <EmptyRepo root={root} />
    </>
  );
}

const MOST = 8;

function Page({ found: { overview, experiments, tags, bookmarks } }: { found: Found }): ReactNode {
  const { statuses } = overview;
  const shownExperiments = experiments
    .filter((one) => !one.archived)
    .sort((a, b) => (b.last_at ?? 0) - (a.last_at ?? 0));
  const shownTags = tags.filter((tag) => !tag.archived);
  return (
    <Sheet title="Dashboard">
      <div className="cards dashboard">
        <Card title="In numbers" wide>
          <Figures
            figures={[
              ['Runs', overview.runs],
              ['Running', statuses.running ?? 0],
              ['Finished', statuses.finished ?? 0],
              ['Failed', statuses.failed ?? 0],
              ['Archived', overview.archived],
              ['Experiments', experiments.length],
              ['Metrics', overview.metrics],
              ['Time recorded', durationText(overview.seconds)],
            ]}
          />
        </Card>
        <Card title="Active runs" wide count={overview.active.length ? countText(overview.active.length) : undefined}>
          {overview.active.length === 0 ? (
            <Hint>Nothing is recording now. A run appears here as soon as it begins.</Hint>
          ) : (
            <RunTable runs={overview.active} label="Active runs" />
          )}
        </Card>
        <Card title="Contributions" wide>
          <Heatmap days={overview.days} addressOf={(day) => runsAddress(queryOfDay(day))} />
        </Card>
        <Card title="Newest runs" wide actions={<Ways />}>
          <RunTable runs={overview.recent} label="Newest runs" />
        </Card>
        <Card title="Experiments" count={countText(shownExperiments.length)} actions={<More to="experiments" />}>
          <ExperimentTable experiments={shownExperiments.slice(0, MOST)} />
        </Card>
        <Searches />
        <Card title="Bookmarks" count={bookmarks.length ? countText(bookmarks.length) : undefined} actions={<More to="bookmarks" />}>
          {bookmarks.length === 0 ? (
            <Hint>None yet. The explorer’s toolbar keeps a view under a name.</Hint>
          ) : (
            <ul className="link-list">
              {bookmarks.slice(0, MOST).map((one) => (
                <li key={one.id}>
                  <Link className="text-link" to={one.search}>
                    <bdi>{one.name}</bdi>
                  </Link>
                  <span className="count">
                    {routeOf(pageOf(one.search))?.title} · {dateText(one.edited_at)}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Tags" count={shownTags.length ? countText(shownTags.length) : undefined} actions={<More to="tags" />}>
          {shownTags.length === 0 ? (
            <Hint>None yet. A tag marks runs across experiments.</Hint>
          ) : (
            <ul className="link-list">
              {shownTags.slice(0, MOST).map((tag) => (
                <li key={tag.name}>
                  <Link className="plain-link" to={href('tags', { tag: tag.name })}>
                    <TagChip name={tag.name} />
                  </Link>
                  <span className="count">{plural(tag.runs, 'run')}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
    </Sheet>
  );
}

const More = ({ to }: { to: string }): ReactNode => (
  <Link className="button small" to={href(to)}>
    Show all
  </Link>
);

const Ways = (): ReactNode => (
  <>
    <Link className="button small" to={runsAddress('run.status == "running"')}>
      Running
    </Link>
    <Link className="button small" to={runsAddress('run.created_at > now() - days(7)')}>
      Last week
    </Link>
    <Link className="button small" to={runsAddress('run.archived')}>
      Archived
    </Link>
  </>
);

function Searches(): ReactNode {
  const recent = recentQueries().slice(0, MOST);
  return (
    <Card title="Recent searches">
      {recent.length === 0 ? (
        <Hint>None in this browser yet.</Hint>
      ) : (
        <ul className="link-list">
          {recent.map((q) => (
            <li key={q}>
              <Link className="plain-link" to={href('metrics', { q })}>
                <Query text={q} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
