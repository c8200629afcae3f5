/** Types shared by this folder: the input and output of charts. */

export interface Line {
  readonly key: string;
  /** With `highlight: 'run'`, the lines of one run are highlighted together. */
  readonly run?: string;
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Smoothed values, of all points even if y has only some; without them the chart smooths y and the bounds. */
  readonly smoothed?: Float64Array;
  /** Bounds of a translucent area under the line, as long as y; NaN where there is none. */
  readonly low?: Float64Array;
  readonly high?: Float64Array;
  /** The number of values that each point represents. */
  readonly counts?: ArrayLike<number>;
  /** Step of each point; without it x is taken as the step. */
  readonly steps?: Float64Array;
  readonly faint?: boolean;
  readonly width?: number;
  readonly live?: boolean;
  readonly hidden?: boolean;
}

/** 'value' is any other number, such as another metric. */
export type XKind = 'step' | 'epoch' | 'relative' | 'time' | 'value';
export type ScaleKind = 'linear' | 'log';
export type Range = readonly [number, number];
/** Ends of an axis set by hand; null fits the data. */
export type Bounds = readonly [number | null, number | null];

export interface Smoothing {
  readonly kind: 'none' | 'ema' | 'average';
  /** ema: factor 0..0.99; average: window in points, made odd. */
  readonly amount: number;
}

export interface ChartTheme {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly axis: string;
  readonly crosshair: string;
  readonly tagBackground: string;
  readonly tagText: string;
  readonly selection: string;
  readonly selectionEdge: string;
  /** The opacity of the other lines while one is highlighted, 0..1. */
  readonly dimmed: number;
  /** Colors for ascending values. */
  readonly gradient: readonly string[];
  readonly fontFamily: string;
  readonly fontSize: number;
}

export interface ChartOptions {
  readonly xScale: ScaleKind;
  readonly yScale: ScaleKind;
  readonly xKind: XKind;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly theme: ChartTheme;
  readonly smoothing: Smoothing;
  readonly ignoreOutliers: boolean;
  /** Lines between points: straight, or curved without overshooting. */
  readonly curve: 'linear' | 'monotone';
  /** The full range of the axis if it does not follow the data; a zoom overrides it. */
  readonly xBounds?: Bounds | null;
  readonly yBounds?: Bounds | null;
  readonly xRange?: Range | null;
  readonly yRange?: Range | null;
  /** Very many lines are drawn as their density. */
  readonly density: boolean;
  readonly highlight: 'none' | 'run' | 'metric';
  /** The meaning of a drag: brush a window each time, brush once and then pan, or always pan. Shift always pans. */
  readonly drag: 'zoom' | 'once' | 'pan';
}

export interface Hover {
  readonly key: string;
  readonly index: number;
  readonly x: number;
  /** The recorded value; `shown` is the drawn (smoothed) one. */
  readonly y: number;
  readonly shown: number;
  readonly step: number;
  /** The area's bounds as drawn, and the number of values that the point represents, if the line has them. */
  readonly low?: number;
  readonly high?: number;
  readonly count?: number;
  /** Position inside the host, in CSS pixels. */
  readonly px: number;
  readonly py: number;
}

export interface ValueAt {
  readonly key: string;
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly shown: number;
  readonly step: number;
  readonly low?: number;
  readonly high?: number;
  readonly count?: number;
}

/** null: the whole extent. */
export interface ZoomRange {
  readonly x: Range | null;
  readonly y: Range | null;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Unsubscribe = () => void;
