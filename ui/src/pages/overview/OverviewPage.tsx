/** The repository at a glance: active runs, the last year, recent activity and quick links. */
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../../parts/design/Icon';
import { countText, durationText, plural } from '../../text/format';
import { EmptyRepo } from '../../explorer/states';
import { QueryText } from '../../parts/states';
import { href, pageOf } from '../../parts/address';
import { Link } from '../../parts/Link';
import { useFrame, useNews, useTitle } from '../../parts/useFrame';
import { recentQueries } from '../../parts/memory';
import type { Bookmark, Experiment, Overview, Tag } from '../../wire';
import { useApi, type Api } from '../../data/api';
import { ExperimentTable } from '../experiments/ExperimentsPage';
import { Activity } from '../../parts/Activity';
import { agoText } from '../../text/ago';
import { KeyFigures } from '../../parts/KeyFigures';
import { Heatmap, queryOfDay } from '../../explorer/Heatmap';
import { runsAddress } from '../../parts/runsAddress';
import { RunTable } from '../../parts/RunTable';
import { Answer, Card, Hint, Sheet } from '../../parts/Sheet';
import { StatusCounts } from '../../parts/StatusCounts';
import { TagChip } from '../../parts/TagChip';
import { useAsked, usePaced } from '../../parts/useAsked';

interface LoadedOverview {
  readonly overview: Overview;
  readonly experiments: readonly Experiment[];
  readonly tags: readonly Tag[];
  readonly bookmarks: readonly Bookmark[];
}

async function look(ask: Api['ask'], signal: AbortSignal): Promise<LoadedOverview> {
  const [overview, { experiments }, { tags }, { bookmarks }] = await Promise.all([
    ask.overview(undefined, signal),
    ask.experiments(signal),
    ask.tags(signal),
    ask.bookmarks(signal),
  ]);
  return { overview, experiments, tags, bookmarks };
}

export default function OverviewPage(): ReactNode {
  const { ask } = useApi();
  const { project } = useFrame().server;
  const asked = useAsked('overview', (signal) => look(ask, signal));
  const again = usePaced(asked.again);
  useNews({ changed: again, missed: again });
  useTitle('Overview');
  return (
    <Answer of={asked} title="Overview">
      {(loaded) =>
        loaded.overview.runs === 0 && project ? <Empty root={project.root} /> : <OverviewContent loaded={loaded} />
      }
    </Answer>
  );
}

function Empty({ root }: { root: string }): ReactNode {
  return (
    <>
      <h1 className="hidden-text">Overview</h1>
      <EmptyRepo root={root} />
    </>
  );
}

const MOST = 8;
const ACTIVE = 'run.status == "running"';

function OverviewContent({
  loaded: { overview, experiments, tags, bookmarks },
}: {
  loaded: LoadedOverview;
}): ReactNode {
  const shownExperiments = experiments
    .filter((experiment) => !experiment.archived)
    .sort((a, b) => (b.last_at ?? 0) - (a.last_at ?? 0));
  return (
    <Sheet title="Overview">
      <div className="main-and-side">
        <div className="main-part">
          <Card title="Counts">
            <KeyFigures
              figures={[
                ['Runs', overview.runs],
                ['Experiments', experiments.length],
                ['Metrics', overview.metrics],
                ['Archived', overview.archived],
                ['Recorded time', durationText(overview.seconds)],
              ]}
            />
            <StatusCounts statuses={overview.statuses} diverged={overview.diverged} />
          </Card>
          <Card title="Active runs" count={overview.active.length ? countText(overview.active.length) : undefined}>
            {overview.active.length === 0 ? (
              <Hint>No active runs. A new run appears here as soon as it starts.</Hint>
            ) : (
              <>
                <RunTable runs={overview.active.slice(0, MOST)} label="Active runs" />
                {overview.active.length > MOST && (
                  <Link className="button small" to={runsAddress(ACTIVE)}>
                    Show all
                  </Link>
                )}
              </>
            )}
          </Card>
          <Card title="Runs per day">
            <Heatmap days={overview.days} addressOf={(day) => runsAddress(queryOfDay(day))} />
          </Card>
          <Card
            title="Newest runs"
            actions={
              <Link className="button small" to={href('runs')}>
                Show all
              </Link>
            }
          >
            <RunTable runs={overview.recent} label="Newest runs" />
          </Card>
          <Card title="Experiments" count={countText(shownExperiments.length)} actions={<More to="experiments" />}>
            <ExperimentTable experiments={shownExperiments.slice(0, MOST)} />
          </Card>
        </div>
        <div className="side-part">
          <QuickLinks />
          <Card title="Activity">
            <Activity events={overview.activity} />
          </Card>
          <Searches />
          <BookmarksCard bookmarks={bookmarks} />
          <OverviewTags tags={tags.filter((tag) => !tag.archived)} />
        </div>
      </div>
    </Sheet>
  );
}

function BookmarksCard({ bookmarks }: { bookmarks: readonly Bookmark[] }): ReactNode {
  const { routeOf } = useFrame();
  return (
    <Card
      title="Bookmarks"
      count={bookmarks.length ? countText(bookmarks.length) : undefined}
      actions={<More to="bookmarks" />}
    >
      {bookmarks.length === 0 ? (
        <Hint>No bookmarks yet. Save a view with the explorer’s toolbar.</Hint>
      ) : (
        <ul className="link-list">
          {bookmarks.slice(0, MOST).map((bookmark) => (
            <li key={bookmark.id}>
              <Link className="text-link" to={bookmark.search}>
                <bdi>{bookmark.name}</bdi>
              </Link>
              <span className="count">
                {routeOf(pageOf(bookmark.search))?.title} · {agoText(bookmark.edited_at)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function OverviewTags({ tags }: { tags: readonly Tag[] }): ReactNode {
  return (
    <Card title="Tags" count={tags.length ? countText(tags.length) : undefined} actions={<More to="tags" />}>
      {tags.length === 0 ? (
        <Hint>No tags yet. Tags mark runs across experiments.</Hint>
      ) : (
        <ul className="link-list">
          {tags.slice(0, MOST).map((tag) => (
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
  );
}

const More = ({ to }: { to: string }): ReactNode => (
  <Link className="button small" to={href(to)}>
    Show all
  </Link>
);

const QUICK: readonly { label: string; icon: IconName; q: string }[] = [
  { label: 'Active runs', icon: 'play', q: ACTIVE },
  { label: 'Runs of the last 7 days', icon: 'clock', q: 'run.created_at > now() - days(7)' },
  { label: 'Diverged runs', icon: 'alert', q: 'run.diverged' },
  { label: 'Failed runs', icon: 'alert', q: 'run.status == "failed"' },
  { label: 'Archived runs', icon: 'archive', q: 'run.archived' },
];

function QuickLinks(): ReactNode {
  return (
    <Card title="Quick links">
      <ul className="quick-links">
        {QUICK.map(({ label, icon, q }) => (
          <li key={label}>
            <Link className="menu-item" to={runsAddress(q)}>
              <Icon name={icon} />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Searches(): ReactNode {
  const recent = recentQueries().slice(0, MOST);
  return (
    <Card title="Recent searches">
      {recent.length === 0 ? (
        <Hint>No searches in this browser yet.</Hint>
      ) : (
        <ul className="link-list">
          {recent.map((q) => (
            <li key={q}>
              <Link className="plain-link" to={href('metrics', { q })}>
                <QueryText text={q} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
