import { describe, expect, it } from 'vitest';
import { sourcePairs } from './source';

describe('the source of a run', () => {
  it('is none for a run of Aim', () => {
    expect(sourcePairs({ python: '3.12', git: { commit: 'abc' }, tensorboard: null })).toEqual([]);
  });

  it('names the format, the folder and its links, and what is not shown', () => {
    const facts = {
      python: '3.12',
      tensorboard: {
        folder: 'version_1',
        files: ['a', 'b'],
        links: ['latest'],
        skipped: { graphs: ['net', 'other'], meshes: ['cube'] },
        copied: { a: 3 },
        version: [1, 5],
        gone: { a: [2] },
        found: { a: [2] },
        host: 'node-1',
      },
    };
    expect(sourcePairs(facts)).toEqual([
      ['Format', 'TensorBoard'],
      ['Folder', 'version_1'],
      ['Files', 'a, b'],
      ['Also called', 'latest'],
      ['Host', 'node-1'],
      ['Not shown: graphs', 'net, other'],
      ['Not shown: meshes', 'cube'],
    ]);
  });
});
