import { expect, test } from 'vitest';
import { columnOf } from '../../charts';
import { brushTexts, axisValue, keptRows, readBrushes } from './axes';

const AXES = [columnOf('lr', 'lr', [0.1, 0.01, undefined]), columnOf('opt', 'opt', ['adam', 'sgd', 'sgd'])];

test.each([
  [{}, [0, 1, 2]],
  [{ lr: { range: [0.05, 1] as const, none: false } }, [0]],
  [{ lr: { range: [0.001, 0.05] as const, none: true } }, [1, 2]],
  [{ lr: { range: null, none: true } }, [2]],
  [{ lr: { range: [0, 1] as const, none: false }, opt: { range: [0.5, 1.5] as const, none: false } }, [1]],
  [{ gone: { range: [0, 1] as const, none: false } }, [0, 1, 2]],
])('%j keeps rows %j', (brushes, expected) => expect(keptRows(AXES, brushes, [], 3)).toEqual(expected));

test('on an axis of powers 0 has no place', () => {
  const axes = [columnOf('x', 'x', [0, 0.1, 1])];
  const kept = (none: boolean, ...logs: string[]): number[] =>
    keptRows(axes, { x: { range: [0, 0.5], none } }, logs, 3);
  expect([kept(false), kept(false, 'x'), kept(true, 'x')]).toEqual([[0, 1], [1], [0, 1]]);
});

test('brushes go through the address', () => {
  const brushes = { 'params.a~b': { range: [-1, 2.5] as const, none: false }, x: { range: null, none: true } };
  expect(readBrushes(brushTexts(brushes))).toEqual(brushes);
});

test.each(['', 'a~b~0~x', '1~0~0~x', '~~0~x', '1~2~0'])('%j is not a brush', (text) =>
  expect(readBrushes([text])).toEqual({}),
);

test.each([
  [[1, 2], '[1,2]'],
  ['NaN', undefined],
  [null, undefined],
  [false, false],
])('%j as a cell', (value, expected) => expect(axisValue(value)).toBe(expected));
