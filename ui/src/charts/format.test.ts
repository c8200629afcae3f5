import { describe, expect, test } from 'vitest';
import { decimals, formatDuration, formatPower, formatTicks, formatTime, formatValue } from './format';

describe('format', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [12345, '12,345'],
    [1234567, '1,234,567'],
    [0.1, '0.1'],
    [0.123456789, '0.12346'],
    [-2.5, '-2.5'],
    [1234.5678, '1,234.6'],
    [0.00012345, '0.00012345'],
    [0.000012345678, '1.2346e-5'],
    [1e-30, '1e-30'],
    [3.2e20, '3.2e20'],
    [NaN, 'NaN'],
    [Infinity, '+inf'],
    [-Infinity, '-inf'],
  ])('value %d reads %s', (value, text) => expect(formatValue(value)).toBe(text));

  test.each([
    [[0, 0.5, 1], 0.5, ['0', '0.5', '1.0']],
    [[0, 500, 1000], 500, ['0', '500', '1,000']],
    [[0, 5000, 10000], 5000, ['0', '5k', '10k']],
    [[1500000, 2000000], 500000, ['1.5M', '2.0M']],
    [[0.0001, 0.00015, 0.0002], 0.00005, ['1e-4', '1.5e-4', '2e-4']],
    [[100000.1, 100000.2], 0.1, ['100,000.1', '100,000.2']],
    [[-1, 0, 1], 1, ['-1', '0', '1']],
    [[0], 1, ['0']],
  ])('ticks %j a step of %d apart read %j', (values, step, labels) =>
    expect(formatTicks(values, step)).toEqual(labels),
  );

  test.each([
    [0.001, '0.001'],
    [1, '1'],
    [200, '200'],
    [1000, '1k'],
    [5e6, '5M'],
    [1e-5, '1e-5'],
    [1e18, '1e18'],
  ])('power %d reads %s', (value, text) => expect(formatPower(value)).toBe(text));

  test.each([
    [0, 1, '00:00:00'],
    [61, 1, '00:01:01'],
    [3599.6, 1, '01:00:00'],
    [90061, 1, '1d 01:01:01'],
    [0.25, 0.05, '00:00:00.25'],
    [59.999, 0.01, '00:01:00.00'],
    [-5, 1, '-00:00:05'],
    [NaN, 1, 'NaN'],
  ])('%d s at steps of %d reads %s', (seconds, step, text) => expect(formatDuration(seconds, step)).toBe(text));

  test('a time is local', () => {
    expect(formatTime(new Date(2026, 10, 3, 4, 5, 6).getTime() / 1000)).toMatch(/^Nov 3 2026 04:05:06 [+-]\d\d:\d\d$/);
  });

  test.each([
    [1, 0],
    [0.5, 1],
    [0.25, 2],
    [0.0001, 4],
    [200, 0],
  ])('%d needs %d decimals', (step, places) => expect(decimals(step)).toBe(places));
});
