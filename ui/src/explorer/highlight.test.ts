import { expect, test } from 'vitest';
import { Highlight } from './highlight';

test.each([
  [{ key: 'a loss', run: { id: 'a' } }, 'a'],
  [{ key: 'a', run: { id: 'a' } }, 'a'],
  [{ key: 'group' }, null],
  [null, null],
])('the run of %o is %s', (target, run) => {
  const highlight = new Highlight();
  highlight.set(target);
  expect(highlight.run).toBe(run);
});
