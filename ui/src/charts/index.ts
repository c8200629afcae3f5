export { LineChart, type PictureOptions } from './LineChart';
export { defaultOptions } from './options';
export { formatDuration, formatTime, formatValue } from './format';
export { colorFor, dashes, dashFor, eight, stableIndex, twentyFour, type Palette } from './palette';
export {
  sheetBlob,
  sheetCanvas,
  sheetHeight,
  sheetSVG,
  type Drawable,
  type LegendBlock,
  type LegendItem,
  type Panel,
  type Sheet,
  type SheetFormat,
} from './sheet';
export { darkTheme, lightTheme } from './theme';
export type {
  Bounds,
  ChartOptions,
  ChartTheme,
  Hover,
  Line,
  Off,
  Range,
  ScaleKind,
  Smoothing,
  ValueAt,
  XKind,
  Zoom,
} from './types';
