/** The curves of the compared runs: a small chart of each metric, also as the difference to the baseline. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { ChartOptions, ZoomRange } from '../../charts';
import { axisKind } from '../../data/axis';
import { itemOfRun, type Run } from '../../data/result';
import { chartTheme } from '../../explorer/chartTheme';
import { Highlight } from '../../explorer/highlight';
import { Swatch } from '../../explorer/Swatch';
import { ChartSync } from '../../explorer/sync';
import { useStyle } from '../../explorer/useStyle';
import { DEFAULT_VIEW } from '../../explorer/view/view';
import { href, navigate } from '../../parts/address';
import { Button, Choice } from '../../parts/design/controls';
import { useFrame } from '../../parts/useFrame';
import { DIVERGED } from '../../parts/Status';
import { useSteady } from '../../parts/useSteady';
import { isTelling } from '../../text/direction';
import { countText, plural } from '../../text/format';
import { runName } from '../../text/runName';
import { isSystem } from '../../text/system';
import { metricWords } from '../../text/words';
import type { RunDetail } from '../../wire';
import type { RunLook } from '../home/lines';
import { conditionOn } from '../home/runList';
import { Tile } from '../home/Tile';
import { useCurves } from '../home/useCurves';
import { useMetrics, useOthers } from '../home/useRuns';
import { tipOf, WallTip } from '../home/WallTip';
import '../home/home.css';
import { baselineAt, type ChangeCompare, type CompareState } from './address';
import { asDifferences } from './difference';
import { comparedNames } from './rows';

interface CompareCurvesProps {
  details: readonly RunDetail[];
  state: CompareState;
  change: ChangeCompare;
}

const AT_FIRST = 6;
const MORE = 24;
/** Of lines with fewer points, differences are exact. */
const COLUMNS = 1000;
const NONE: readonly never[] = [];
const COLORS = { ...DEFAULT_VIEW, color: ['run.hash'], stroke: [], chart: [] };
const WAYS = [
  { value: 'values', label: 'Values' },
  { value: 'difference', label: 'Difference to baseline' },
] as const;

export function CompareCurves({ details, state, change }: CompareCurvesProps): ReactNode {
  const { theme } = useFrame();
  const ids = useSteady(details.map(({ run }) => run.id));
  const { names, failed, again } = useMetrics(ids, '');
  const [most, setMost] = useState(AT_FIRST);
  const curves = useCurves({ runs: ids, x: 'step', smooth: 0, sources: names?.sources ?? NONE }, COLUMNS);
  const problem = useSyncExternalStore(curves.subscribe, () => curves.problem);
  const found = useMemo(() => inOrder(names?.names ?? NONE, state.find), [names, state.find]);
  const shown = useSteady(found.slice(0, most));
  useEffect(() => curves.see(shown), [curves, shown]);
  const baseline = details[baselineAt(details, state)]?.run.id ?? '';
  const drawn = useMemo(
    () => (state.difference ? asDifferences(curves, baseline) : curves),
    [curves, state.difference, baseline],
  );
  const { runs, look } = useLook(details, ids, baseline);
  const [sync] = useState(() => new ChartSync(new Highlight()));
  useEffect(() => {
    sync.byKey = curves.byKey;
  }, [sync, curves]);
  const options = useMemo<Partial<ChartOptions>>(
    () => ({
      xKind: axisKind('step'),
      xLabel: '',
      theme: chartTheme(theme),
      ...(state.difference && { yScale: 'linear' }),
    }),
    [theme, state.difference],
  );
  const sources = names?.sources ?? NONE;
  const enlarge = useCallback(
    (metric: string, window: ZoomRange | null) => {
      const zoom = window?.x ? window.x.map((end) => Number(end.toPrecision(12))).join('~') : null;
      navigate(
        href('metrics', { q: `${metricWords(metric, sources)} if ${conditionOn(ids)}`, color: 'run.hash', zoom }),
      );
    },
    [ids, sources],
  );
  if (names !== null && names.matched === 0) return null;
  return (
    <section className="compare-curves" aria-labelledby="compare-curves">
      <div className="compare-curves-head">
        <h2 id="compare-curves">Curves</h2>
        <span className="count">
          {found.length > shown.length
            ? `${countText(shown.length)} of ${plural(found.length, 'metric')}`
            : plural(found.length, 'metric')}
        </span>
        <span className="stretch" />
        <Choice
          label="Curves show"
          value={state.difference ? 'difference' : 'values'}
          options={WAYS}
          onChange={(way) => change({ difference: way === 'difference' })}
        />
      </div>
      <CompareLegend runs={runs} look={look} />
      {(failed || problem) && (
        <p className="explorer-note" role="alert">
          Some curves could not be loaded.{' '}
          <Button small look="outline" icon="reset" onClick={() => (failed ? again() : curves.again())}>
            Try again
          </Button>
        </p>
      )}
      {names !== null && found.length === 0 && (
        <p className="quiet">
          No metric contains “<bdi>{state.find}</bdi>”.
        </p>
      )}
      <div className="compare-grid">
        {shown.map((name) => (
          <Tile
            key={name}
            name={name}
            title={name}
            curves={drawn}
            look={look}
            options={options}
            sync={sync}
            onEnlarge={enlarge}
          />
        ))}
      </div>
      {found.length > shown.length && (
        <Button look="outline" onClick={() => setMost(most + MORE)}>
          Show {Math.min(MORE, found.length - shown.length)} more
        </Button>
      )}
      <WallTip sync={sync} {...tipOf(drawn)} look={state.difference ? { ...look, baseline: null } : look} x="step" />
    </section>
  );
}

/** Those that say how well a run does come first, those of the system last. */
function inOrder(names: readonly string[], find: string): readonly string[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (name: string): number => (isSystem(name) ? 2 : isTelling(name) ? 0 : 1);
  return names
    .filter((name) => words.every((word) => name.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b));
}

function useLook(
  details: readonly RunDetail[],
  ids: readonly string[],
  baseline: string,
): { runs: readonly Run[]; look: RunLook } {
  const { theme } = useFrame();
  const found = useOthers(NONE, ids);
  const runs = useMemo(() => [...found].sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)), [found, ids]);
  const items = useMemo(() => runs.map(itemOfRun), [runs]);
  const { marker } = useStyle(
    useMemo(() => ({ runs, paths: NONE, items }), [runs, items]),
    COLORS,
    theme,
  );
  const look = useMemo(() => {
    const told = comparedNames(details);
    const names = new Map(details.map(({ run }, at) => [run.id, told[at] ?? '']));
    return {
      colorOf: (run: Run) => marker({ key: run.id, run }).color,
      nameOf: (run: Run) => names.get(run.id) ?? runName(run),
      hidden: new Set<string>(),
      baseline,
    };
  }, [details, marker, baseline]);
  return { runs, look };
}

function CompareLegend({ runs, look }: { runs: readonly Run[]; look: RunLook }): ReactNode {
  return (
    <ul className="compare-legend" aria-label="Runs">
      {runs.map((run) => (
        <li key={run.id} title={runName(run)}>
          <Swatch color={look.colorOf(run)} dash={[]} />
          <bdi>{look.nameOf(run)}</bdi>
          {run.id === look.baseline && <span className="badge gray">baseline</span>}
          {run.diverged && (
            <span className="badge" title={DIVERGED}>
              diverged
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
