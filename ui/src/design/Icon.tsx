/** One table of line icons, drawn on a 16 px grid. */
import type { ReactNode } from 'react';

const PATHS = {
  search: 'M7 12.2A5.2 5.2 0 1 0 7 1.8a5.2 5.2 0 0 0 0 10.4ZM10.8 10.8 14.2 14.2',
  close: 'm4 4 8 8M12 4l-8 8',
  check: 'm3 8.5 3.2 3L13 4.5',
  down: 'm4 6.2 4 4 4-4',
  clock: 'M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 4.6V8l2.3 1.5',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  eye: 'M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8ZM8 9.9a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8Z',
  eyeOff:
    'm2.5 2.5 11 11M6.4 3.8A6 6 0 0 1 8 3.6c4 0 6.5 4.4 6.5 4.4a12 12 0 0 1-1.9 2.3M4.2 4.9A11.5 11.5 0 0 0 1.5 8S4 12.4 8 12.4a6 6 0 0 0 2.6-.6',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.3v1.5M8 13.2v1.5M1.3 8h1.5M13.2 8h1.5M3.3 3.3l1 1M11.7 11.7l1 1M12.7 3.3l-1 1M4.3 11.7l-1 1',
  moon: 'M13.6 9.6A6 6 0 0 1 6.4 2.4a6 6 0 1 0 7.2 7.2Z',
  screen: 'M1.8 2.8h12.4v8.4H1.8zM5.5 13.8h5',
  archive: 'M1.8 3h12.4v2.8H1.8zM2.8 5.8v7.4h10.4V5.8M6.3 8.6h3.4',
  trash: 'M2.5 4h11M6 4V2.5h4V4M3.8 4l.7 9.5h7l.7-9.5M6.5 6.8v4M9.5 6.8v4',
  palette:
    'M8 14.2A6.2 6.2 0 1 1 14.2 8c0 2-1.5 2.4-2.7 2.4H10a1.3 1.3 0 0 0-.9 2.2c.5.6.1 1.6-1.1 1.6ZM4.9 8h.01M6.4 5h.01M9.9 5h.01',
  stroke:
    'M1.5 4.5h13M1.5 8h3.4M6.4 8h3.3M11.2 8h3.3M1.5 11.5h1.2M4.6 11.5h1.2M7.7 11.5h1.2M10.8 11.5h1.2M13.3 11.5h1.2',
  grid: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  wave: 'M1.5 9.5c2-6 3.5-6 5-1.5s3 5 4.5 0 2.2-3 3.5-2',
  axis: 'M2.5 1.5v12h12M5 10.5l3-3.5 2 1.5 3.5-4.5',
  filter: 'M2 3.5h12M4.5 8h7M7 12.5h2',
  list: 'M5.5 4H14M5.5 8H14M5.5 12H14M2 4h.5M2 8h.5M2 12h.5',
  reset: 'M2.5 8a5.5 5.5 0 1 0 1.7-4L2.5 5.6M2.5 2.2v3.4h3.4',
  play: 'M4.5 2.8v10.4L13 8Z',
  alert: 'M8 1.9 14.7 13.6H1.3ZM8 6.3v3.4M8 11.6h.01',
  lock: 'M3.5 7.2h9v6.3h-9zM5.3 7.2V5a2.7 2.7 0 0 1 5.4 0v2.2',
  link: 'M6.7 9.3a2.8 2.8 0 0 0 4 0l2.3-2.3a2.8 2.8 0 0 0-4-4l-.8.8M9.3 6.7a2.8 2.8 0 0 0-4 0L3 9a2.8 2.8 0 0 0 4 4l.8-.8',
  undo: 'M2.5 6h7a4 4 0 0 1 0 8H7M2.5 6l3-3M2.5 6l3 3',
  pencil: 'm2.5 13.5.8-3.2 7.6-7.6 2.4 2.4-7.6 7.6ZM9.2 4.4l2.4 2.4',
  pin: 'M5.6 2.2h4.8M6.4 2.2v4.3L4 9.2h8L9.6 6.5V2.2M8 9.2v5',
  plus: 'M8 3v10M3 8h10',
  home: 'M2.2 7.6 8 2.4l5.8 5.2M3.8 6.4v7.2h8.4V6.4M6.6 13.6V9.8h2.8v3.8',
  flask: 'M6 1.8h4M6.7 1.8v4.4L2.9 12.6a1 1 0 0 0 .9 1.6h8.4a1 1 0 0 0 .9-1.6L9.3 6.2V1.8M4.6 10h6.8',
  tag: 'M2 2h5.4l6.4 6.4-5.4 5.4L2 7.4ZM4.9 4.9h.01',
  bookmark: 'M4 1.8h8v12.4l-4-3.4-4 3.4Z',
  diff: 'M4.5 2v8M4.5 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4ZM11.5 14V6M11.5 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
