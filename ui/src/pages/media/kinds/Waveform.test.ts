import { expect, test } from 'vitest';
import { outlinePath } from './Waveform';

test.each([
  [[], ''],
  [[0, 0], 'M0 -1L0 1Z'],
  [[-127, 127, -10, 20], 'M0 -128L1 -21L1 11L0 128Z'],
])('the outline of %j', (pairs, path) => expect(outlinePath(Int8Array.from(pairs))).toBe(path));
