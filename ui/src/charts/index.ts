export { Calendar, type CalendarOptions, type DayHover } from './calendar/Calendar';
export { PointCloud } from './cloud/PointCloud';
export { Confusion } from './classifier/Confusion';
export { ClassifierCurves } from './classifier/ClassifierCurves';
export type {
  ClassifierCurve,
  ConfusionCounts,
  ConfusionHover,
  CurveHover,
  CurveKind,
  CurvePoints,
  ShareOf,
} from './classifier/types';
export { dayOf, type DayText } from './calendar/days';
export { columnOf, spansDecades, type ColumnValue, type ChartColumn } from './column';
export { CROWD } from './density/density';
export { Bars, type BarsOptions, type BinHover } from './distribution/Bars';
export { extentOf, quantile, totalOf } from './distribution/bins';
export { DensityMap, type DensityOptions, type StepHover } from './distribution/DensityMap';
export { Ridges } from './distribution/Ridges';
export type { DistributionSeries, HistogramArrays } from './distribution/types';
export { colorAt } from './gradient';
export { LineChart } from './LineChart';
export { ParallelCoordinates } from './parallel/ParallelCoordinates';
export type {
  AxisBrush,
  Brushed,
  Brushes,
  ParallelData,
  ParallelHover,
  ParallelOptions,
  ParallelRow,
} from './parallel/types';
export { defaultOptions } from './options';
export { formatDuration, formatTime, formatValue } from './format';
export { colorFor, dashes, dashFor, eight, stableIndex, twentyFour, type Palette } from './palette';
export type { PlotHover, PlotRow } from './plot';
export { Scatter } from './scatter/Scatter';
export type { ScatterData, ScatterHover, ScatterOptions, ScatterRow } from './scatter/types';
export {
  drawSheet,
  sheetBlob,
  sheetCanvas,
  sheetHeight,
  sheetSVG,
  type Drawable,
  type LegendBlock,
  type LegendItem,
  type Panel,
  type PictureOptions,
  type ExportSheet,
  type SheetFormat,
} from './sheet';
export { drawSparkline, paintSparkline, type Spark } from './sparkline';
export { smooths } from './smooth';
export { shownValues } from './trace';
export { darkTheme, lightTheme } from './theme';
export type {
  Bounds,
  ChartOptions,
  ChartTheme,
  Hover,
  Line,
  Unsubscribe,
  Range,
  ScaleKind,
  Smoothing,
  ValueAt,
  XKind,
  ZoomRange,
} from './types';
