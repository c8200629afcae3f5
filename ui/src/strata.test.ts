/** Imports of the UI point one way and never in a circle, imports of types included. ARCHITECTURE.md has the same table. */
import { expect, test } from 'vitest';

/** A stratum, and the ones that it may import. It may always import itself. */
const STRATA: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  aimql: [],
  stats: [],
  text: ['wire', 'aimql'],
  data: ['wire', 'text'],
  parts: ['wire', 'text', 'data'],
  charts: ['stats', 'text'],
  explorer: ['wire', 'stats', 'text', 'data', 'parts', 'charts'],
  pages: ['wire', 'stats', 'text', 'data', 'parts', 'charts', 'explorer'],
  frame: ['wire', 'text', 'data', 'parts'],
  main: ['parts', 'explorer', 'pages', 'frame'],
};

const sources = import.meta.glob<string>(['./**/*.{ts,tsx}', '!./*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;

function resolved(from: string, specifier: string): string {
  const path = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') path.pop();
    else if (part !== '.') path.push(part);
  }
  const plain = path.join('/');
  return [plain, `${plain}.ts`, `${plain}.tsx`, `${plain}/index.ts`].find((file) => file in sources) ?? plain;
}

const imports = new Map(
  Object.entries(sources).map(([file, text]) => [
    file,
    [...text.matchAll(IMPORT)].flatMap(([, specifier = '']) => {
      const target = resolved(file, specifier);
      return target in sources ? [target] : [];
    }),
  ]),
);

const stratumOf = (file: string): string => (file.split('/')[1] ?? '').replace(/\.tsx?$/, '');

type Graph = ReadonlyMap<string, readonly string[]>;

/** The first circle that is found, in the order of imports. */
function circleIn(graph: Graph): readonly string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

test('every file is in a stratum, and every stratum has files', () => {
  expect([...new Set([...imports.keys()].map(stratumOf))].sort()).toEqual(Object.keys(STRATA).sort());
});

test('no file imports a stratum above its own', () => {
  const upward = [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => {
        const [own, other] = [stratumOf(file), stratumOf(target)];
        return own !== other && !STRATA[own]?.includes(other);
      })
      .map((target) => `${file} imports ${target}`),
  );
  expect(upward).toEqual([]);
});

test('no files import each other in a circle', () => expect(circleIn(imports)).toEqual([]));

/** The folder of a page. The home page shows a dashboard, and dashboards draw and list runs as it does: the two are one. */
const pageOf = (file: string): string => (file.split('/')[2] ?? '').replace('dashboards', 'home');

function pages(): Graph {
  const graph = new Map<string, string[]>();
  for (const [file, targets] of imports) {
    if (stratumOf(file) !== 'pages') continue;
    const others = targets.filter((target) => stratumOf(target) === 'pages').map(pageOf);
    const page = pageOf(file);
    graph.set(page, [...(graph.get(page) ?? []), ...others.filter((other) => other !== page)]);
  }
  return graph;
}

test('no folders of pages import each other in a circle', () => {
  expect(pages().get('overview')?.length).toBeGreaterThan(0);
  expect(circleIn(pages())).toEqual([]);
});

test('the strata have files to check, and their imports are seen', () => {
  expect(imports.get('./main.tsx')).toContain('./frame/App.tsx');
  expect(imports.get('./pages/routes.ts')).toContain('./pages/run/RunPage.tsx');
  expect(imports.get('./charts/LineChart.ts')?.length).toBeGreaterThan(5);
});
