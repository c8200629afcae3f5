export { LineChart } from './LineChart';
export { defaultOptions } from './options';
export { formatDuration, formatTime, formatValue } from './format';
export { colorFor, dashes, dashFor, eight, stableIndex, twentyFour, type Palette } from './palette';
export { darkTheme, lightTheme } from './theme';
export type {
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
