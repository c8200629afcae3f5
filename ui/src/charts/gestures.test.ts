import { expect, test } from 'vitest';
import { brushRect } from './gestures';
import { plot } from './testing';

test.each([
  ['a flat drag is along x', [10, 50], [60, 55], { along: 'x', left: 10, right: 60, top: 0, bottom: 100 }],
  ['a steep drag is along y', [50, 10], [55, 60], { along: 'y', left: 0, right: 100, top: 10, bottom: 60 }],
  ['any other takes both', [60, 70], [10, 20], { along: 'both', left: 10, right: 60, top: 20, bottom: 70 }],
  ['it ends at the plot', [60, 70], [-30, 140], { along: 'both', left: 0, right: 60, top: 70, bottom: 100 }],
] as const)('%s', (_, from, to, wanted) => {
  expect(brushRect({ x: from[0], y: from[1] }, { x: to[0], y: to[1] }, plot)).toEqual(wanted);
});
