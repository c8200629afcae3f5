import { expect, test } from 'vitest';
import { inTurn } from './inTurn';

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

function slow(): { asked: AbortSignal[]; answer: () => Promise<void>; ask: (signal: AbortSignal) => Promise<void> } {
  const asked: AbortSignal[] = [];
  let done = (): void => undefined;
  return {
    asked,
    ask: (signal) => {
      asked.push(signal);
      return new Promise((resolve) => (done = resolve));
    },
    answer: () => {
      done();
      return settled();
    },
  };
}

test('repeated demands during a request cause one more request, and none is aborted', async () => {
  const { asked, ask, answer } = slow();
  const turns = inTurn(ask);
  for (let count = 0; count < 5; count++) turns.again();
  expect(asked.length).toBe(1);
  await answer();
  expect(asked.length).toBe(2);
  await answer();
  expect(asked.length).toBe(2);
  expect(asked.some(({ aborted }) => aborted)).toBe(false);
  turns.again();
  expect(asked.length).toBe(3);
});

test('once it is stopped nothing more is asked', async () => {
  const { asked, ask, answer } = slow();
  const turns = inTurn(ask);
  turns.again();
  turns.stop();
  await answer();
  turns.again();
  await settled();
  expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
});
