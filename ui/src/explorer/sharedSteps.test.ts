import { expect, test } from 'vitest';
import type { Series } from '../data/result';
import { resultOf, runRow } from '../data/testing';
import { itemAt } from '../text/lists';
import { withSharedSteps } from './sharedSteps';

const plain = itemAt(resultOf([{ run: runRow('a'), series: [{ name: 'loss', y: [1, 2] }] }]).items, 0);
const along = (...x: number[]): Series => ({ ...plain, x: Float64Array.from(x) });

test.each([
  ['two passes over the same steps', [0, 0, 1, 1, 2, 2], true],
  ['steps that ascend', [0, 1, 2, 3], false],
  ['every step tracked twice', [0, 0, 1, 1], true],
  ['one step that was tracked twice', [0, 1, 1, 2, 3], false],
  ['few repeated steps of many', [...Array.from({ length: 100 }, (_, i) => i), 99, 99, 99], false],
  ['no points', [], false],
])('%s', (_, x, expected) => expect(withSharedSteps([along(...x)]).length === 1).toBe(expected));
