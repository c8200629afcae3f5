import { afterEach, expect, test, vi } from 'vitest';
import { Turns } from './turns';

let frames: (() => void)[] = [];

function page(): { turns: Turns; frame: () => string[]; chart: (name: string, cost: number) => () => number } {
  let drawn: string[] = [];
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
  vi.stubGlobal('performance', { now: () => 0 });
  const frame = (): string[] => {
    drawn = [];
    for (const run of frames.splice(0)) run();
    return drawn;
  };
  const chart = (name: string, cost: number) => (): number => {
    drawn.push(name);
    return cost;
  };
  return { turns: new Turns(), frame, chart };
}

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['cheap charts draw in one frame', [1, 1, 1, 1], [4]],
  ['costly ones take turns', [20, 20, 20, 20], [2, 2]],
  ['one that is too costly for a frame has its own', [100, 1, 1], [1, 2]],
])('%s', (_, costs, perFrame) => {
  const { turns, frame, chart } = page();
  costs.forEach((cost, at) => turns.wait(chart(String(at), cost)));
  const seen = perFrame.map(() => frame());
  expect(seen.map((drawn) => drawn.length)).toEqual(perFrame);
  expect(seen.flat()).toEqual(costs.map((_cost, at) => String(at)));
  expect(frames).toEqual([]);
});

test('a chart that asks twice draws once, and one that left does not draw', () => {
  const { turns, frame, chart } = page();
  const [stays, leaves] = [chart('stays', 30), chart('leaves', 1)];
  turns.wait(stays);
  turns.wait(leaves);
  turns.wait(stays);
  expect(frame()).toEqual(['stays']);
  turns.leave(leaves);
  expect(frame()).toEqual([]);
});

test('what a chart asks for while it draws waits for the next frame', () => {
  const { turns, frame } = page();
  let count = 0;
  const again = (): number => {
    count++;
    turns.wait(again);
    return 0;
  };
  turns.wait(again);
  frame();
  expect(count).toBe(1);
  frame();
  expect(count).toBe(2);
});

test('a chart that throws loses its turn, and the others draw in the next frame', () => {
  const { turns, frame, chart } = page();
  turns.wait(() => {
    throw new Error('no room');
  });
  turns.wait(chart('next', 1));
  expect(frame).toThrow('no room');
  expect(frame()).toEqual(['next']);
  expect(frames).toEqual([]);
});
