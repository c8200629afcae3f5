/** Charts of fixed data, drawn one at a time by the tests beside this file. */
import {
  Bars,
  Calendar,
  columnOf,
  darkTheme,
  dayOf,
  DensityMap,
  drawSparkline,
  eight,
  LineChart,
  lightTheme,
  ParallelCoordinates,
  Ridges,
  Scatter,
  sheetCanvas,
  sheetSVG,
  type ChartColumn,
  type ChartTheme,
  type ColumnValue,
  type Drawable,
  type HistogramArrays,
  type Line,
  type ParallelOptions,
  type ScatterOptions,
} from '../../../ui/src/charts';
import { aggregate } from '../../../ui/src/stats';
import { itemAt } from '../../../ui/src/text/lists';

export type Scene = (host: HTMLElement, theme: ChartTheme, colors: readonly string[]) => void;

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('The scene lacks what it draws with.');
  return value;
}

const penOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => there(canvas.getContext('2d'));

/** The same numbers on every machine (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function losses(count: number, points: number): Line[] {
  return Array.from({ length: count }, (_, i) => {
    const next = random(i + 1);
    const rate = 0.5 + next();
    const floor = 0.1 + next() * 0.3;
    const x = Float64Array.from({ length: points }, (__, k) => k * 10);
    const y = x.map((__, k) => floor + 2 * Math.exp((-rate * k * 6) / points) + (next() - 0.5) * 0.12);
    return { key: `${i}`, label: `run ${i}`, color: '', dash: [], x, y };
  });
}

function grouped(method: 'ci95' | 'minmax', colors: readonly string[]): Line[] {
  const lines = losses(24, 60);
  return [0, 1, 2].map((group) => {
    const members = lines
      .filter((_, i) => i % 3 === group)
      .map((line) => ({
        x: line.x.subarray(0, 60 - group * 8),
        y: line.y.map((y) => y + group * 0.5),
      }));
    const { x, y, low, high, count } = aggregate(members, { line: 'mean', area: method });
    return {
      key: `${group}`,
      label: `lr ${group}`,
      color: itemAt(colors, group),
      dash: [],
      x,
      y,
      low,
      high,
      counts: count,
    };
  });
}

/** More lines than are drawn one by one, of `colors.length` groups at different heights, and one line far from them. */
function crowd(colors: readonly string[]): Line[] {
  return losses(2400, 30).map((made, i) => ({
    ...made,
    color: itemAt(colors, i % colors.length),
    y: made.y.map((y) => (i === 7 ? 4 - y / 3 : y + (i % colors.length) * (2 / colors.length))),
  }));
}

/** Forty bins around a middle. */
function bell(middle: number, width: number): HistogramArrays {
  const edges = Float64Array.from({ length: 41 }, (_, i) => middle + width * (i / 20 - 1) * 3);
  const counts = edges.slice(0, 40).map((_, i) => Math.round(1000 * Math.exp(-(((i - 19.5) / 9) ** 2))));
  return { edges, counts };
}

function line(
  host: HTMLElement,
  options: ConstructorParameters<typeof LineChart>[1],
  lines: readonly Line[],
): LineChart {
  const chart = new LineChart(host, options);
  chart.setLines(lines);
  window.made = chart;
  return chart;
}

interface Trial {
  readonly lr: number;
  readonly layers: number;
  readonly optimizer: string | null;
  readonly dropout: number | null;
  readonly loss: number;
  readonly accuracy: number;
}

/** Runs of which some lack a param, and a few end in NaN. */
function trials(count: number): Trial[] {
  const next = random(7);
  return Array.from({ length: count }, (_, i) => {
    const lr = 10 ** (-5 + 4 * next());
    const layers = 2 + Math.floor(next() * 7);
    const optimizer = itemAt(['adam', 'sgd', 'lion'], Math.floor(next() * 3));
    const dropout = next();
    const loss = 0.2 + Math.abs(Math.log10(lr) + 3) * 0.4 + next() * 0.3 + (optimizer === 'sgd' ? 0.3 : 0);
    const accuracy = 1 / (1 + loss) + (next() - 0.5) * 0.06;
    return {
      lr,
      layers,
      optimizer: i % 11 === 3 ? null : optimizer,
      dropout: i % 7 === 2 ? null : Math.round(dropout * 10) / 20,
      loss: i % 29 === 5 ? NaN : loss,
      accuracy,
    };
  });
}

function columnsOf(made: readonly Trial[]): ChartColumn[] {
  const of = (key: keyof Trial) =>
    columnOf(
      key,
      key,
      made.map((trial): ColumnValue => trial[key]),
    );
  return (['lr', 'layers', 'optimizer', 'dropout', 'loss', 'accuracy'] as const).map(of);
}

function parallel(
  host: HTMLElement,
  count: number,
  options: Partial<ParallelOptions>,
  colors: readonly string[],
): void {
  const made = trials(count);
  const chart = new ParallelCoordinates(host, { scales: { lr: 'log' }, ...options });
  const rows = made.map((_, i) => ({ key: `${i}`, label: `run ${i}`, color: itemAt(colors, i % 3) }));
  chart.setData({ rows, columns: columnsOf(made) });
  window.made = chart;
}

/** Two groups by color and two by dash; the runs of a third are hidden. */
function parallelGroups(host: HTMLElement, theme: ChartTheme, colors: readonly string[]): void {
  const made = trials(30);
  const chart = new ParallelCoordinates(host, { theme, order: ['loss', 'lr'], scales: { lr: 'log' } });
  const rows = made.map(({ layers, optimizer }, i) => ({
    key: `${i}`,
    label: `run ${i}`,
    color: itemAt(colors, layers > 5 ? 1 : 0),
    dash: i % 2 ? [5, 5] : [],
    hidden: optimizer !== 'adam',
  }));
  chart.setData({ rows, columns: columnsOf(made).filter(({ key }) => key !== 'optimizer') });
  chart.setPin('2');
  window.made = chart;
}

function scatter(
  host: HTMLElement,
  count: number,
  axes: readonly [keyof Trial, keyof Trial],
  options: Partial<ScatterOptions>,
  colors: readonly string[],
): void {
  const made = trials(count);
  const columnAt = (at: 0 | 1): ChartColumn => there(columnsOf(made).find(({ key }) => key === axes[at]));
  const chart = new Scatter(host, options);
  const colorOf = new Map(['adam', 'sgd', 'lion', null].map((name, i) => [name, itemAt(colors, i)]));
  const rows = made.map((trial, i) => ({ key: `${i}`, label: `run ${i}`, color: there(colorOf.get(trial.optimizer)) }));
  chart.setData({ rows, x: columnAt(0), y: columnAt(1) });
  window.made = chart;
}

export const scenes: Readonly<Record<string, Scene>> = {
  lines: (host, theme, colors) =>
    line(
      host,
      { theme, yLabel: 'loss' },
      losses(5, 200).map((l, i) => ({ ...l, color: itemAt(colors, i), live: i === 2 })),
    ),
  bands: (host, theme, colors) => line(host, { theme, yLabel: 'loss' }, grouped('ci95', colors)),
  'bands-log': (host, theme, colors) => line(host, { theme, yScale: 'log' }, grouped('minmax', colors)),
  crowd: (host, theme, colors) => line(host, { theme, yLabel: 'loss' }, crowd(colors.slice(0, 3))),
  'crowd-many-colors': (host, theme) =>
    line(host, { theme }, crowd(Array.from({ length: 20 }, (_, i) => `#${String(100000 + i * 41)}`))),
  'crowd-apart': (host, theme, colors) => line(host, { theme, density: false }, crowd(colors.slice(0, 3))),
  parallel: (host, theme, colors) => parallel(host, 30, { theme, colorBy: 'accuracy', curved: true }, colors),
  'parallel-brushed': (host, theme, colors) =>
    parallel(
      host,
      30,
      {
        theme,
        brushes: {
          lr: { range: [1e-4, 1e-2], none: false },
          dropout: { range: [0.2, 0.5], none: true },
        },
      },
      colors,
    ),
  'parallel-groups': parallelGroups,
  'parallel-many': (host, theme, colors) => parallel(host, 10_000, { theme, colorBy: 'loss' }, colors),
  scatter: (host, theme, colors) =>
    scatter(host, 120, ['lr', 'loss'], { theme, xScale: 'log', trend: 'loess', trendBy: 'group' }, colors),
  'scatter-categories': (host, theme, colors) => scatter(host, 120, ['optimizer', 'accuracy'], { theme }, colors),
  'scatter-linear': (host, theme, colors) =>
    scatter(host, 120, ['loss', 'accuracy'], { theme, trend: 'linear' }, colors),
  'scatter-many': (host, theme, colors) =>
    scatter(host, 10_000, ['loss', 'accuracy'], { theme, trend: 'linear' }, colors),
  calendar: (host, theme) => {
    const next = random(3);
    const chart = new Calendar(host, { theme, last: '2026-11-25' });
    const days = Array.from({ length: 300 }, (_, i) => dayOf(new Date(2026, 10, 25 - i)));
    chart.setDays(new Map(days.filter((_, i) => i % 3 !== 1).map((day) => [day, Math.floor(12 * next() ** 2)])));
    window.made = chart;
  },
  densities: (host, theme) => {
    const chart = new DensityMap(host, { theme });
    const steps = Float64Array.from({ length: 30 }, (_, i) => i * 10);
    const histograms = Array.from(steps, (step) => bell(step / 100, 1.2 - step / 300));
    chart.setData({ steps, histograms });
    chart.choose(20);
    window.made = chart;
  },
  ridges: (host, theme) => {
    const chart = new Ridges(host, { theme });
    const steps = Float64Array.from({ length: 12 }, (_, i) => i * 10);
    chart.setData({ steps, histograms: Array.from(steps, (step) => bell(step / 40, 1.2 - step / 120)) });
    chart.choose(8);
    window.made = chart;
  },
  bars: (host, theme, colors) => {
    const chart = new Bars(host, { theme, color: itemAt(colors, 0), xLabel: 'weights' });
    chart.setData(bell(0, 1));
  },
  sparklines: (host, theme, colors) => {
    losses(8, 40).forEach((made, i) => {
      const canvas = document.createElement('canvas');
      canvas.style.margin = '8px';
      host.append(canvas);
      drawSparkline(canvas, made.y, { color: colors[i] ?? theme.text, width: 96, height: 24 });
    });
  },
  curved: (host, theme, colors) => {
    const x = Float64Array.of(0, 1, 2, 4, 5, 7);
    const lines = [
      [1, 3, 2, 2, 5, 1],
      [0, NaN, 4, 1, 1, 2],
    ];
    line(
      host,
      { theme, curve: 'monotone' },
      lines.map((y, i) => ({
        key: `${i}`,
        label: '',
        color: itemAt(colors, i),
        dash: [],
        x,
        y: Float64Array.from(y),
      })),
    );
  },
};

/** A line of a window of many points, and whether its max shows as ink at its place. */
async function peakShown(
  x: readonly number[],
  y: readonly number[],
  range: readonly [number, number],
): Promise<boolean> {
  const host = clearedHost();
  const [from, to] = range;
  const made = { key: 'a', label: 'a', color: '#000000', dash: [], x: Float64Array.from(x), y: Float64Array.from(y) };
  const chart = line(host, { xRange: [from, to] }, [made]);
  const peak = made.y.indexOf(made.y.filter(Number.isFinite).reduce((high, y) => Math.max(high, y)));
  let at: { readonly px: number; readonly py: number } | null = null;
  chart.on.hover((hover) => (at = hover));
  chart.setPin({ key: 'a', x: itemAt(made.x, peak) });
  await settled();
  const lines = itemAt(host.querySelectorAll('canvas'), 1);
  if (!at) return false;
  const { px, py } = at as { readonly px: number; readonly py: number };
  const ink = penOf(lines).getImageData(Math.round(px) - 1, Math.round(py) - 1, 3, 3).data;
  const top = penOf(lines).getImageData(0, 0, lines.width, Math.round(py) - 3).data;
  chart.destroy();
  return ink.some((value, i) => i % 4 === 3 && value > 60) && top.every((value) => value === 0);
}

/** The same of a million points that nobody sampled. */
function millionShown(spike: number, range: readonly [number, number]): Promise<boolean> {
  const x = Array.from({ length: 1_000_000 }, (_, i) => i);
  return peakShown(
    x,
    x.map((i) => (i === spike ? 3 : (i % 7) / 7)),
    range,
  );
}

/** Until what was asked for is painted; many strokes take many slices. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => setTimeout(resolve, 400)), 50));
}

/** How many pixels two pictures differ in by more than antialiasing does, as a part of all. */
async function difference(a: string, b: string): Promise<number> {
  return apart(await pixelsOf(`data:image/png;base64,${a}`), await pixelsOf(`data:image/png;base64,${b}`));
}

/** How far the chart as SVG is from the chart as pixels. */
async function asSVG(): Promise<number> {
  const sheet = { panels: [{ chart: window.made as Drawable }], theme: lightTheme, width: 600, chartHeight: 300 };
  const canvas = sheetCanvas(sheet, 2);
  const svg = URL.createObjectURL(new Blob([sheetSVG(sheet)], { type: 'image/svg+xml' }));
  return apart(await pixelsOf(svg, 2), await pixelsOf(canvas.toDataURL()));
}

function apart(a: ImageData, b: ImageData): number {
  if (a.width !== b.width || a.height !== b.height) return 1;
  let count = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    if ([0, 1, 2].some((c) => Math.abs(itemAt(a.data, i + c) - itemAt(b.data, i + c)) > 64)) count++;
  }
  return (count * 4) / a.data.length;
}

async function pixelsOf(source: string, enlarged = 1): Promise<ImageData> {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * enlarged;
  canvas.height = image.height * enlarged;
  const pen = penOf(canvas);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function clearedHost(): HTMLElement {
  const host = there(document.getElementById('host'));
  host.replaceChildren();
  return host;
}

async function show(name: string, dark: boolean): Promise<void> {
  const host = clearedHost();
  document.body.style.background = dark ? darkTheme.background : lightTheme.background;
  there(scenes[name])(host, dark ? darkTheme : lightTheme, dark ? eight.dark : eight.light);
  await settled();
}

/** Text as bars of a fixed width, so that pictures are alike whatever fonts there are. */
function maskText(): void {
  const { prototype } = CanvasRenderingContext2D;
  prototype.measureText = function (this: CanvasRenderingContext2D, text: string) {
    return { width: text.length * 6 } as TextMetrics;
  };
  prototype.fillText = function (this: CanvasRenderingContext2D, text: string, x: number, y: number) {
    const width = text.length * 6;
    const left = { right: x - width, center: x - width / 2 }[this.textAlign as string] ?? x;
    this.fillRect(left, this.textBaseline === 'middle' ? y - 3 : y - 7, width, 6);
  };
}

declare global {
  interface Window {
    stage: typeof stage;
    /** What the scene made, for a test to ask. */
    made?: unknown;
  }
}

const stage = { asSVG, difference, maskText, millionShown, names: Object.keys(scenes), peakShown, show };
window.stage = stage;
