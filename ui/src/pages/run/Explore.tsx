/** Links from a run to the explorers: all its metrics, one of them, or the experiment's other runs. */
import { useMemo, type ReactNode } from 'react';
import { useSourcesOf } from '../../explorer/useSourcesOf';
import { PopoverButton, walkItems } from '../../parts/design/Popover';
import { Icon, type IconName } from '../../parts/design/Icon';
import { href } from '../../parts/address';
import { Link } from '../../parts/Link';
import type { RunDetail } from '../../wire';
import { plural } from '../../text/format';
import { metricWords, quoted } from '../../text/words';
import { runsAddress } from '../../parts/runsAddress';
import { isSystem } from '../../text/system';

const FIRST_METRICS = 6;
const LISTED = 30;

interface Way {
  readonly icon: IconName;
  readonly label: string;
  readonly detail?: string;
  readonly to: string;
}

interface ListedWays {
  readonly title: string;
  readonly ways: readonly Way[];
  /** How many more there are. */
  readonly left?: number;
}

function waysOf({ run, metrics }: RunDetail, sourcesOf: (metric: string) => readonly string[]): ListedWays[] {
  const all = [...new Set(metrics.map((metric) => metric.name))];
  const own = all.filter((name) => !isSystem(name));
  const archived = run.archived ? ' and run.archived' : '';
  const words = (name: string): string => metricWords(name, sourcesOf(name));
  const of = (names: readonly string[]): string =>
    href('metrics', { q: `${names.map(words).join(', ')} if run.hash == ${quoted(run.hash)}${archived}` });
  const beside = (name: string): string =>
    href('metrics', { q: `${words(name)} if experiment == ${quoted(run.experiment)}`, color: 'run.hash' });
  const here: Way[] = [];
  if (own.length > 0)
    here.push({
      icon: 'axis',
      label: own.length > FIRST_METRICS ? `First ${FIRST_METRICS} metrics` : 'Metrics of this run',
      to: of(own.slice(0, FIRST_METRICS)),
    });
  const system = all.filter(isSystem);
  if (system.length > 0) here.push({ icon: 'screen', label: 'System metrics', to: of(system.slice(0, FIRST_METRICS)) });
  here.push({
    icon: 'list',
    label: 'Runs of the experiment',
    detail: run.experiment,
    to: runsAddress(`experiment == ${quoted(run.experiment)}`),
  });
  const among: Way[] = own.slice(0, LISTED).map((name) => ({ icon: 'group', label: name, to: beside(name) }));
  return [
    { title: 'This run', ways: here },
    ...(among.length
      ? [{ title: 'With the other runs of its experiment', ways: among, left: own.length - among.length }]
      : []),
  ];
}

export function Explore({ detail }: { detail: RunDetail }): ReactNode {
  const { id } = detail.run;
  const sourcesOf = useSourcesOf(useMemo(() => [id], [id]));
  return (
    <PopoverButton
      look="outline"
      icon="axis"
      label="Open in an explorer"
      end
      panel={(close) => (
        <div className="picker explore" onKeyDown={walkItems}>
          {waysOf(detail, sourcesOf).map(({ title, ways, left = 0 }) => (
            <section key={title} aria-label={title}>
              <h2 className="picker-title">{title}</h2>
              <div className="picker-list">
                {ways.map(({ icon, label, detail: more, to }) => (
                  <Link key={label} to={to} data-item className="picker-item" onNavigate={close}>
                    <Icon name={icon} />
                    <span className="menu-label">
                      <bdi>{label}</bdi>
                    </span>
                    {more && (
                      <span className="menu-detail">
                        <bdi>{more}</bdi>
                      </span>
                    )}
                  </Link>
                ))}
              </div>
              {left > 0 && <p className="menu-empty">{`${plural(left, 'more metric')}: find them under Metrics.`}</p>}
            </section>
          ))}
        </div>
      )}
    >
      Open in explorer
    </PopoverButton>
  );
}
