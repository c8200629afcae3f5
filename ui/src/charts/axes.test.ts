import { expect, test } from 'vitest';
import { drawNotes } from './axes';
import type { Pen } from './pen';
import { lightTheme } from './theme';
import { defaultOptions } from './options';
import { line } from './testing';
import { makeView } from './view';

function noted(yLabel: string): string[] {
  const written: string[] = [];
  const measureText = (text: string) => ({ width: text.length * 6 });
  const pen = { font: '', measureText, fillText: (text: string) => written.push(text) } as unknown as Pen;
  const { frame } = makeView([line([1, 2])], defaultOptions, { width: 260, height: 160, ratio: 1 }, pen);
  drawNotes(pen, frame, { theme: lightTheme, yLabel }, ['115 outliers off the scale'], false);
  return written;
}

test('a note has the whole width, unless it is beside the label of the y axis', () => {
  expect(noted('')).toEqual(['115 outliers off the scale']);
  expect(noted('loss')).toEqual([expect.stringMatching(/^115 outliers.*…$/)]);
});
