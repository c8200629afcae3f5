/** The words shared by everything in this folder: what a chart is given and what it says back. */

export interface Line {
  readonly key: string;
  /** Lines of one run stay lit together when `highlight` is 'run'. */
  readonly run?: string;
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Bounds of a translucent area under the line, as long as y; NaN where there is none. */
  readonly low?: Float64Array;
  readonly high?: Float64Array;
  /** How many values each point stands for. */
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
/** Ends of an axis that are set by hand; null follows the data. */
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
  /** How much of the other lines is left while one is lit, 0..1. */
  readonly dimmed: number;
  /** Colors of a rising value, from least to most. */
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
  /** Lines between points: straight, or curved without overshooting them. */
  readonly curve: 'linear' | 'monotone';
  /** What the whole axis spans, where it is not left to the data; a zoom goes before it. */
  readonly xBounds?: Bounds | null;
  readonly yBounds?: Bounds | null;
  readonly xRange?: Range | null;
  readonly yRange?: Range | null;
  readonly highlight: 'none' | 'run' | 'metric';
  /** What a drag does: brush a window each time, or once and then move it, or always move. Shift moves in any case. */
  readonly drag: 'zoom' | 'once' | 'pan';
}

export interface Hover {
  readonly key: string;
  readonly index: number;
  readonly x: number;
  /** The recorded value; `shown` is what is drawn (smoothed). */
  readonly y: number;
  readonly shown: number;
  readonly step: number;
  /** The area's bounds as drawn, and how many values the point stands for, where the line has them. */
  readonly low?: number;
  readonly high?: number;
  readonly count?: number;
  /** Place inside the host, in CSS pixels. */
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

export type Off = () => void;
