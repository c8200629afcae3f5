import { expect, test } from 'vitest';
import { lightTheme, twentyFour } from '../../../charts';
import { curveMarkers, type CurveOfRun } from './curveStyle';

const curve = (run: number, series = ''): CurveOfRun => ({ run: { id: `r${run}`, position: run }, series });
const [RED, BLUE] = [twentyFour.light[3], twentyFour.light[9]];
const styled = (shown: readonly CurveOfRun[], among = shown) =>
  curveMarkers(shown, among, 'light', lightTheme.gradient).map(({ color, dash }) => [color, dash.length > 0]);

test('a run has its color, also when others are not shown', () => {
  const both = [curve(3), curve(9)];
  expect(styled(both)).toEqual([
    [RED, false],
    [BLUE, false],
  ]);
  expect(styled([curve(9)], both)).toEqual([[BLUE, false]]);
  expect(styled([curve(3)])).toEqual([[RED, false]]);
});

test('dashes tell the classes of several runs apart, colors those of one', () => {
  const two = ['cat', 'dog'].flatMap((name) => [curve(3, name), curve(9, name)]);
  expect(styled(two)).toEqual([
    [RED, false],
    [BLUE, false],
    [RED, true],
    [BLUE, true],
  ]);
  const one = [curve(3, 'cat'), curve(3, 'dog')];
  expect(new Set(styled(one).map(([color]) => color)).size).toBe(2);
  expect(styled(one.slice(1), one)).toEqual(styled(one).slice(1));
});

test('the steps of one curve are a gradient', () => {
  const steps = [curve(3, 'cat'), curve(3, 'cat'), curve(3, 'cat')];
  const colors = styled(steps, [...steps, curve(9, 'cat')]).map(([color]) => color);
  expect(new Set(colors).size).toBe(3);
});
