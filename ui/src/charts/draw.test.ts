import { describe, expect, test } from 'vitest';
import type { AxesFrame } from './axes';
import { areaAlpha, drawBand, drawMarks, drawTrace, livePoint, strokeCost } from './draw';
import type { Pen } from './pen';
import { makeScale } from './scales';
import { line, plot, trace, unit } from './testing';
import { lightTheme } from './theme';
import { makeTrace } from './trace';

/** Records the drawing calls and the settings they were made with. */
function recorder(): { readonly pen: Pen; readonly calls: string[] } {
  const calls: string[] = [];
  const settings: Record<string, unknown> = {};
  const pen = new Proxy(settings, {
    get: (_, name: string) => {
      if (name in settings) return settings[name];
      return (...args: unknown[]) => {
        if (name === 'stroke') calls.push(`stroke ${settings.lineWidth} ${settings.strokeStyle}`);
        else if (name === 'fill') calls.push(`fill ${settings.fillStyle}`);
        else calls.push(`${name} ${args.join(',')}`);
      };
    },
    set: (_, name: string, value) => {
      settings[name] = value;
      return true;
    },
  });
  return { pen: pen as unknown as Pen, calls };
}

const frame: AxesFrame = { width: 100, height: 100, ratio: 2, plot, ...unit, xTicks: [], yTicks: [] };
const wide = { hairlines: false, alpha: 1 };
const strokes = (calls: readonly string[]) => calls.filter((call) => /^(stroke|fill|arc)/.test(call));

describe('draw', () => {
  test.each([
    ['wide', wide, 0, 'stroke 1.5 #000000'],
    ['lit', wide, 0.75, 'stroke 2.25 #000000'],
    ['hair', { hairlines: true, alpha: 0.5 }, 0, 'stroke 0.5 #000000'],
  ])('a %s line', (_, style, extra, wanted) => {
    const { pen, calls } = recorder();
    drawTrace(pen, trace([1, 2, 3]), style, 2, extra);
    expect(strokes(calls)).toEqual([wanted]);
  });

  test('a single point is a dot', () => {
    const { pen, calls } = recorder();
    drawTrace(pen, trace([50], [50]), wide, 2);
    expect(strokes(calls)).toContain(`arc 50,50,2.5,0,${Math.PI * 2}`);
  });

  test.each([
    ['NaN', [1, NaN, 1], ['stroke 1.5 #000000']],
    ['+inf', [1, Infinity, 1], ['fill #000000']],
    ['two lines of one color', [1, NaN, 1], ['stroke 1.5 #000000'], 2],
    ['a long stretch also has its extent', [1, NaN, NaN, 1], ['stroke 1.5 #000000', 'stroke 1.5 #000000']],
  ])('marks of %s', (_, y, wanted, copies = 1) => {
    const { pen, calls } = recorder();
    const made = trace(
      y,
      y.map((__, i) => i * 20),
    );
    drawMarks(
      pen,
      Array.from({ length: copies }, () => made),
      frame,
      lightTheme,
    );
    expect(strokes(calls)).toEqual(wanted);
  });

  const banded = (y: readonly number[], low: readonly number[], high: readonly number[], scales = unit) => {
    const made = line(
      y,
      y.map((_, i) => i * 20),
    );
    const area = { low: Float64Array.from(low), high: Float64Array.from(high) };
    return makeTrace(made, scales.x, scales.y, made.y, { area });
  };

  test('an area runs forth along its upper edge and back along the lower', () => {
    const { pen, calls } = recorder();
    drawBand(pen, banded([10, 20], [5, 15], [15, 25]), 2);
    expect(calls).toEqual([
      'beginPath ',
      'moveTo 0,85',
      'lineTo 20,75',
      'lineTo 20,85',
      'lineTo 0,95',
      'closePath ',
      'fill #000000',
    ]);
  });

  test.each([
    ['a break makes two', [1, 1, NaN, 1, 1], 2, 0],
    ['a lone one is a bar', [1, NaN, 1, 1], 1, 1],
    ['none at all', [NaN, NaN], 0, 0],
  ])('areas: %s', (_, low, fills, bars) => {
    const { pen, calls } = recorder();
    drawBand(
      pen,
      banded(
        low.map(() => 2),
        low,
        low.map((value) => value + 2),
      ),
      2,
    );
    expect(calls.filter((call) => call.startsWith('fill ')).length).toBe(fills);
    expect(calls.filter((call) => call.startsWith('fillRect')).length).toBe(bars);
  });

  test('on a log scale an area that reaches zero reaches the bottom', () => {
    const log = { x: unit.x, y: makeScale('log', [1, 100], [100, 0]) };
    const { band } = banded([10, 10], [-1, 1], [20, 20], log);
    expect(band?.low.py[0]).toBeGreaterThan(10_000);
    expect(band?.low.py[1]).toBe(100);
  });

  test('many areas are each fainter', () => {
    expect(areaAlpha(1)).toBe(areaAlpha(4));
    expect(areaAlpha(40)).toBeLessThan(areaAlpha(4));
  });

  test.each([
    ['the last point', [1, 2], [0, 50], true, { x: 50, y: 98 }],
    ['the last that has a value', [1, 2, NaN], [0, 50, 60], true, { x: 50, y: 98 }],
    ['not of a run that ended', [1, 2], [0, 50], false, null],
    ['not when it is beyond the window', [1, 2, 3], [0, 50, 500], true, null],
  ])('a live dot: %s', (_, y, x, live, wanted) => expect(livePoint(trace(y, x, { live }), plot)).toEqual(wanted));

  test('the cost of a path depends on its strokes, not on its points', () => {
    const n = 50_000;
    const dense = trace(
      Array.from({ length: n }, () => 50),
      Array.from({ length: n }, (_, i) => (i / n) * 100),
    );
    expect(strokeCost(dense, 1, false)).toBeLessThan(2);
    expect(strokeCost(dense, 1, true)).toBeLessThan(strokeCost(dense, 1, false));
    const dashed = trace([1, 2], [0, 50], { dash: [2, 2] });
    expect(strokeCost(dashed, 1, true)).toBeGreaterThan(strokeCost(trace([1, 2], [0, 50]), 1, true));
  });
});
