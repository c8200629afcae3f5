/** A page for tests: two explorers side by side, each with its own view, on data that no server sent. */
import { createRoot } from 'react-dom/client';
import { ApiError } from '../src/data/error';
import type { ProjectState } from '../src/data/useProject';
import { SourceContext, type DataSource } from '../src/data/source';
import { answer, runRow, type Sample } from '../src/data/testing';
import { MetricsExplorer } from '../src/explorer/MetricsExplorer';
import { viewInMemory } from '../src/explorer/view/store';
import { ViewContext } from '../src/explorer/view/useView';
import { DEFAULT_VIEW } from '../src/explorer/view/view';
import { FrameContext, type FrameState } from '../src/parts/useFrame';
import '../src/parts/design/tokens.css';
import '../src/parts/design/controls.css';
import '../src/parts/marks.css';
import '../src/parts/middle.css';
import '../src/parts/states.css';
import '../src/explorer/explorer.css';
import '../src/frame/frame.css';

const RUNS: readonly { readonly id: string; readonly loss: number[]; readonly accuracy: number[] }[] = [
  { id: 'first', loss: [3, 2, 1], accuracy: [0.1, 0.5, 0.9] },
  { id: 'second', loss: [5, 4, 2], accuracy: [0.2, 0.3, 0.4] },
];

const samplesOf = (q: string): Sample[] =>
  RUNS.map(({ id, loss, accuracy }) => ({
    run: runRow(id, { name: `Run ${id}` }),
    params: { lr: id === 'first' ? 0.1 : 0.2 },
    series: [{ name: q, y: q === 'loss' ? loss : accuracy }],
  }));

const json = (value: unknown): Response => new Response(JSON.stringify(value));

const source: DataSource = {
  request: (path) => {
    const { pathname, searchParams } = new URL(path, 'http://stage/');
    if (pathname === '/api/series')
      return Promise.resolve(new Response(new Blob(answer(samplesOf(searchParams.get('q') ?? '')) as BlobPart[])));
    if (pathname === '/api/complete') return Promise.resolve(json({ start: 0, end: 0, items: [] }));
    if (pathname === '/api/tags') return Promise.resolve(json({ tags: [] }));
    if (pathname === '/api/check') return Promise.resolve(json({ error: null }));
    return Promise.reject(new ApiError({ message: `Nothing at ${path}`, hint: null, start: null, end: null }, 404));
  },
  urlOf: (path) => path,
  follow: () => () => undefined,
};

const server: ProjectState = {
  project: {
    root: '/stage',
    runs: RUNS.length,
    running: 0,
    writable: false,
    reason: 'A stage has no repository.',
    experiments: [],
    active_experiment: 'default',
    sources: [''],
    revision: 'stage-1',
    indexing: null,
    undeletable: 'A stage has no repository.',
    user: null,
    role: 'read',
    via: 'owner',
    shares: false,
    home_dashboard: null,
    version: '0',
  },
  refused: null,
  unable: null,
  reachable: true,
  lost: () => undefined,
  refresh: () => undefined,
};

const frame: FrameState = {
  routeOf: () => undefined,
  server,
  theme: 'light',
  readOnly: 'A stage has no repository.',
  undeletable: 'A stage has no repository.',
  edited: () => undefined,
  listen: () => () => undefined,
};

export function show(host: HTMLElement): void {
  const views = ['loss', 'accuracy'].map((q) => [q, viewInMemory({ ...DEFAULT_VIEW, q })] as const);
  createRoot(host).render(
    <SourceContext value={source}>
      <FrameContext value={frame}>
        {views.map(([q, view]) => (
          <section key={q} aria-label={`Explorer of ${q}`} className="page" style={{ width: 700, height: 700 }}>
            <ViewContext value={view}>
              <MetricsExplorer />
            </ViewContext>
          </section>
        ))}
      </FrameContext>
    </SourceContext>,
  );
}
