/** Colors and fonts of the charts, for light and dark pages. */
import { darkGradient, lightGradient } from './gradient';
import type { ChartTheme } from './types';

const fontFamily =
  'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export const lightTheme: ChartTheme = {
  background: '#ffffff',
  text: '#1c2430',
  muted: '#66707f',
  grid: '#eceff3',
  axis: '#c6ccd5',
  crosshair: '#8c96a5',
  tagBackground: '#1c2430',
  tagText: '#ffffff',
  selection: 'rgba(42, 108, 214, 0.10)',
  selectionEdge: 'rgba(42, 108, 214, 0.65)',
  dimmed: 0.16,
  gradient: lightGradient,
  fontFamily,
  fontSize: 11,
};

export const darkTheme: ChartTheme = {
  background: '#12161d',
  text: '#e4e8ee',
  muted: '#929cab',
  grid: '#212732',
  axis: '#3a4351',
  crosshair: '#7d8796',
  tagBackground: '#e4e8ee',
  tagText: '#12161d',
  selection: 'rgba(110, 168, 254, 0.14)',
  selectionEdge: 'rgba(110, 168, 254, 0.7)',
  dimmed: 0.2,
  gradient: darkGradient,
  fontFamily,
  fontSize: 11,
};
