import { describe, expect, test } from 'vitest';
import { defaultOptions } from './options';
import { plot, unit } from './testing';
import { brushed, drawable, panned, presentFrame, sameRange, zoomedAt, zoomOf } from './zoom';

const frame = { width: 100, height: 100, ratio: 1, plot, ...unit, xTicks: [], yTicks: [] };
const before = { x: null, y: [0, 50] } as const;

describe('zoom', () => {
  test.each([
    ['both', { x: [10, 40], y: [20, 70] }],
    ['x', { x: [10, 40], y: [0, 50] }],
    ['y', { x: null, y: [20, 70] }],
  ] as const)('a brush along %s gives %j', (along, wanted) => {
    expect(brushed({ along, left: 10, right: 40, top: 30, bottom: 80 }, frame, before)).toEqual(wanted);
  });

  test('a brush of two pixels is a slip', () => {
    expect(brushed({ along: 'both', left: 10, right: 12, top: 30, bottom: 80 }, frame, before)).toBeNull();
  });

  test('the wheel keeps the point under the pointer', () => {
    expect(zoomedAt({ x: 20, y: 0 }, 0.5, frame, before)).toEqual({ x: [10, 60], y: [0, 50] });
  });

  test('a pan moves the zoomed axes, and always x', () => {
    expect(panned(10, 10, frame, before)).toEqual({ x: [-10, 90], y: [10, 110] });
    expect(panned(10, 10, frame, { x: null, y: null })).toEqual({ x: [-10, 90], y: null });
  });

  test('two pans before a repaint add up', () => {
    const first = panned(10, 0, frame, { x: null, y: null });
    const options = { ...defaultOptions, xRange: first.x, yRange: first.y };
    expect(panned(10, 0, presentFrame(frame, options), zoomOf(options)).x).toEqual([-20, 80]);
  });

  test.each([
    [null, 'linear', true],
    [[0, 1], 'linear', true],
    [[1, 1], 'linear', false],
    [[1, 1 + 1e-15], 'linear', false],
    [[0, Infinity], 'linear', false],
    [[0, 1], 'log', false],
    [[1, 2], 'log', true],
  ] as const)('%j on a %s scale drawable: %s', (range, kind, wanted) => expect(drawable(range, kind)).toBe(wanted));

  test.each([
    [null, undefined, true],
    [[0, 1], [0, 1], true],
    [[0, 1], null, false],
    [[0, 1], [0, 2], false],
  ] as const)('%j and %j the same: %s', (a, b, wanted) => expect(sameRange(a, b)).toBe(wanted));
});
