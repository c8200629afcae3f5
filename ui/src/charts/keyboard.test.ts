import { describe, expect, test } from 'vitest';
import { moveAlong, type MoveKey } from './keyboard';
import { plot, trace } from './testing';

const low = trace([10, NaN, 10, 10], [0, 30, 60, 90], { key: 'low' });
const high = trace([80, 80, 80, 500], [0, 30, 60, 90], { key: 'high' });

describe('keys', () => {
  test.each<[MoveKey, number, string, number]>([
    ['ArrowRight', 1, 'low', 2],
    ['ArrowLeft', 1, 'low', 0],
    ['End', 1, 'low', 3],
    ['Home', 1, 'low', 0],
    ['ArrowRight', 10, 'low', 3],
    ['ArrowUp', 1, 'high', 0],
    ['ArrowDown', 1, 'high', 0],
  ])('from the first point of the low line %s by %d leads to %s %d', (key, stride, line, at) => {
    const spot = moveAlong([low, high], { trace: low, at: 0 }, key, stride, plot);
    expect([spot?.trace.line.key, spot?.at]).toEqual([line, at]);
  });

  test('a point outside the plot is passed over', () => {
    expect(moveAlong([low, high], { trace: high, at: 2 }, 'ArrowRight', 1, plot)?.at).toBe(2);
  });

  test('from nowhere any key enters in the middle of the first line', () => {
    expect(moveAlong([low, high], null, 'ArrowUp', 1, plot)).toEqual({ trace: low, at: 2 });
    expect(moveAlong([], null, 'ArrowUp', 1, plot)).toBeNull();
  });

  test('other keys mean nothing here', () => {
    expect(moveAlong([low], null, 'a' as MoveKey, 1, plot)).toBeNull();
  });
});
