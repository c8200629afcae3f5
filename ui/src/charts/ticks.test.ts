import { describe, expect, test } from 'vitest';
import { makeScale } from './scales';
import { axisTicks, durationTicks, linearTicks, logTicks, niceStep, timeTicks, type Tick } from './ticks';

const labels = (ticks: readonly Tick[]) => ticks.map((tick) => tick.label).filter(Boolean);
const values = (ticks: readonly Tick[]) => ticks.map((tick) => tick.value);

describe('ticks', () => {
  test.each([
    [0.3, 0.5],
    [1, 1],
    [1.1, 2],
    [30, 50],
    [0.011, 0.02],
    [7e-9, 1e-8],
  ])('a step of about %d becomes %d', (rough, step) => expect(niceStep(rough)).toBeCloseTo(step, 12));

  test.each([
    [0, 1, 5, ['0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [-0.04, 3.2, 6, ['0', '1', '2', '3']],
    [0, 5000, 10, ['0', '500', '1,000', '1,500', '2,000', '2,500', '3,000', '3,500', '4,000', '4,500', '5,000']],
    [0.1000001, 0.1000009, 4, ['0.1000002', '0.1000004', '0.1000006', '0.1000008']],
    [-10, 10, 4, ['-10', '-5', '0', '5', '10']],
  ])('%d to %d with room for %d', (low, high, count, text) =>
    expect(labels(linearTicks(low, high, count))).toEqual(text),
  );

  test('0.1 + 0.2 is 0.3', () => expect(values(linearTicks(0, 0.5, 5))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]));

  test('steps are whole however far the zoom', () => expect(values(linearTicks(3.1, 5.9, 20, true))).toEqual([4, 5]));

  test.each([
    [1, 1000, 4, ['1', '10', '100', '1k']],
    [1, 30, 8, ['1', '2', '5', '10', '20']],
    [1e-10, 1e10, 6, ['1e-8', '1e-4', '1', '10k', '100M']],
    [0.05, 0.9, 6, ['0.05', '0.1', '0.2', '0.5']],
  ])('log %d to %d with room for %d', (low, high, count, text) =>
    expect(labels(logTicks(low, high, count))).toEqual(text),
  );

  test.each([
    [0, 0.5],
    [-1, 10],
    [NaN, 1],
    [1, Infinity],
  ])('log %d to %d has none', (low, high) => expect(logTicks(low, high, 5)).toEqual([]));

  test('decades have minor ticks between while there is room', () => {
    expect(values(logTicks(1, 100, 3))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(values(logTicks(1, 1e12, 4)).every((value) => Number.isInteger(Math.log10(value)))).toBe(true);
  });

  test('a narrow log axis is marked like a linear one', () => {
    expect(labels(axisTicks(makeScale('log', [1, 2], [0, 100]), 5, 'value'))).toEqual([
      '1.0',
      '1.2',
      '1.4',
      '1.6',
      '1.8',
      '2.0',
    ]);
  });

  test.each([
    [0, 60, 4, ['00:00:00', '00:00:15', '00:00:30', '00:00:45', '00:01:00']],
    [0, 7200, 4, ['00:00:00', '00:30:00', '01:00:00', '01:30:00', '02:00:00']],
    [0, 200000, 3, ['00:00:00', '1d 00:00:00', '2d 00:00:00']],
    [0, 1, 4, ['00:00:00.0', '00:00:00.5', '00:00:01.0']],
  ])('durations %d to %d with room for %d', (low, high, count, text) => {
    expect(labels(durationTicks(low, high, count))).toEqual(text);
  });

  const at = (...parts: [number, number, number?, number?, number?, number?]) =>
    new Date(...(parts as [number, number])).getTime() / 1000;

  test.each([
    [
      'seconds',
      at(2026, 4, 5, 10, 0, 0),
      at(2026, 4, 5, 10, 0, 20),
      4,
      ['10:00:00', '10:00:05', '10:00:10', '10:00:15', '10:00:20'],
    ],
    ['half hours', at(2026, 4, 5, 23, 10, 0), at(2026, 4, 6, 0, 40, 0), 4, ['23:30', 'May 6', '00:30']],
    ['days', at(2026, 4, 5, 12), at(2026, 4, 8, 12), 3, ['May 6', 'May 7', 'May 8']],
    ['months', at(2025, 10, 15), at(2026, 2, 15), 4, ['Dec', '2026', 'Feb', 'Mar']],
    ['years', at(2020, 1, 1), at(2026, 1, 1), 3, ['2022', '2024', '2026']],
  ])('dates in %s', (_, low, high, count, text) => expect(labels(timeTicks(low, high, count))).toEqual(text));

  test('within a second the fraction is shown', () => {
    const low = at(2026, 4, 5, 10, 0, 0);
    expect(labels(timeTicks(low, low + 0.5, 2))).toEqual(['10:00:00', '10:00:00.5']);
  });

  test('ticks lie inside, ascend, and are never too many', () => {
    for (const [low, high] of [
      [0, 1e-9],
      [1.7e9, 1.7e9 + 3],
      [-5e7, 3e8],
      [1e300, 2e300],
    ] as const) {
      for (const make of [linearTicks, durationTicks]) {
        const marks = values(make(low, high, 8));
        expect(marks.length).toBeLessThan(20);
        expect(marks).toEqual([...marks].sort((a, b) => a - b));
        expect(marks.every((mark) => mark >= low - 1e-6 * (high - low) && mark <= high + 1e-6 * (high - low))).toBe(
          true,
        );
      }
    }
  });
});
