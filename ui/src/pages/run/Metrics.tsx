/** One chart per metric with its contexts overlaid. Pinned metrics come first. */
import { useMemo, useState, type ReactNode } from 'react';
import { useAddress } from '../../parts/address';
import { FindField } from '../../parts/design/FindField';
import { Button } from '../../parts/design/controls';
import { plural } from '../../text/format';
import { useFrame } from '../../parts/useFrame';
import { recall, remember } from '../../parts/memory';
import type { MetricSummary, Run } from '../../wire';
import { MetricChart } from './MetricChart';
import { Passes } from './Passes';
import { useSeries } from './useSeries';

const COLUMNS = 500;
const AT_ONCE = 48;

export function Metrics({
  run,
  metrics,
  empty,
}: {
  run: Run;
  metrics: readonly MetricSummary[];
  /** The text if there are none. */
  empty: ReactNode;
}): ReactNode {
  const { server } = useFrame();
  const storage = `pins:${server.project?.root ?? ''}`;
  const [pins, setPins] = useState<readonly string[]>(() => recall<readonly string[]>(storage, []));
  const [find, setFind] = useState('');
  const [most, setMost] = useState(AT_ONCE);
  const word = find.trim().toLowerCase();
  const names = useMemo(() => [...new Set(metrics.map((metric) => metric.name))], [metrics]);
  const matching = useMemo(() => names.filter((name) => name.toLowerCase().includes(word)), [names, word]);
  const pinned = matching.filter((name) => pins.includes(name));
  const others = matching.filter((name) => !pins.includes(name));
  const groups = [
    { title: 'Pinned', names: pinned },
    { title: 'Metrics', names: others },
  ];
  const shown = groups.flatMap((group) => group.names).slice(0, most);
  const passes = useAddress().get('passes') === '1';
  const series = useSeries(run, shown, COLUMNS, passes);
  const togglePin = (name: string): void => {
    const next = pins.includes(name) ? pins.filter((pin) => pin !== name) : [...pins, name];
    setPins(next);
    remember(storage, next);
  };
  if (names.length === 0) return empty;
  return (
    <>
      <p className="table-find">
        <FindField label="Find a metric" value={find} onFind={setFind} />
        <span className="count">
          {word ? `${matching.length} of ${plural(names.length, 'metric')}` : plural(names.length, 'metric')}
        </span>
        {series.failed && <span className="warn">The points could not be loaded.</span>}
      </p>
      <Passes on={passes} series={shown.flatMap((name) => series.of(name) ?? [])} />
      {matching.length === 0 && (
        <p className="quiet">
          No metric contains “<bdi>{find}</bdi>”.
        </p>
      )}
      {groups.map(({ title, names: own }) => {
        const drawn = own.filter((name) => shown.includes(name));
        return (
          drawn.length > 0 && (
            <section key={title} aria-label={title} className="metric-group">
              <h2 className={pinned.length > 0 ? '' : 'hidden-text'}>{title}</h2>
              <div className="metric-grid">
                {drawn.map((name) => (
                  <MetricChart
                    key={name}
                    name={name}
                    run={run}
                    series={series.of(name)}
                    pinned={pins.includes(name)}
                    onPin={() => togglePin(name)}
                  />
                ))}
              </div>
            </section>
          )
        );
      })}
      {matching.length > most && (
        <Button look="outline" onClick={() => setMost(most + AT_ONCE)}>
          {`Show ${Math.min(AT_ONCE, matching.length - most)} more of ${plural(matching.length, 'metric')}`}
        </Button>
      )}
    </>
  );
}
