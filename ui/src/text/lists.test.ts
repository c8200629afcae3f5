import { expect, test } from 'vitest';
import { inParts } from './lists';

test.each([
  [0, []],
  [2, [[0, 1]]],
  [5, [[0, 1], [2, 3], [4]]],
])('%i items in parts of two', (count, parts) => expect(inParts([...Array(count).keys()], 2)).toEqual(parts));
