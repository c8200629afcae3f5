import { assert, describe, expect, test } from 'vitest';
import { FrameDecoder, floats, FrameError, integers } from './frames';
import { answer, encode, resultOf, runRow, type Sample } from './testing';

const SAMPLES: Sample[] = [
  {
    run: runRow('a', { name: 'первый 🙂' }),
    params: { 'hparams.lr': 0.1, 'hparams.layers': [64, 64] },
    series: [
      { name: 'loss', context: { subset: 'train' }, y: [3, 2, NaN] },
      { name: 'loss', context: { subset: 'val' }, y: [4] },
    ],
  },
  { run: runRow('b'), params: { 'hparams.lr': 0.2 }, series: [{ name: 'loss', y: [Infinity, 5] }] },
];

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

describe('FrameDecoder', () => {
  const bytes = joined(answer(SAMPLES));

  test.each([1, 2, 3, 7, 8, 13, 64, 1000, 1e6])('gives the same frames from chunks of %i bytes', (size) => {
    const decoder = new FrameDecoder();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size) frames.push(...decoder.push(bytes.slice(at, at + size)));
    decoder.finish();
    expect(frames.map(({ frame }) => frame.kind)).toEqual(['runs', 'series', 'series', 'end']);
    const [runs, first, second] = frames;
    assert(runs && first && second);
    expect([...integers(runs, 'params')]).toEqual([0, -1, 0, 1]);
    expect([...floats(first, 'y')]).toEqual([3, 2, NaN, 4]);
    expect([...floats(second, 'y')]).toEqual([Infinity, 5]);
  });

  test('a chunk at an unaligned address is read', () => {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const [, series] = new FrameDecoder().push(shifted.subarray(3));
    assert(series);
    expect([...floats(series, 'y')]).toEqual([3, 2, NaN, 4]);
  });

  test.each([1, 9, 40, bytes.length - 1])('an answer cut after %i bytes is an error', (length) => {
    const decoder = new FrameDecoder();
    decoder.push(bytes.slice(0, length));
    expect(() => decoder.finish()).toThrow(FrameError);
  });

  test('another format is refused', () => {
    expect(() => new FrameDecoder().push(new TextEncoder().encode('<!doctype html>'))).toThrow(/format/);
  });

  test('a missing or mistyped column is named', () => {
    const [decoded] = new FrameDecoder().push(
      encode({ kind: 'end', seconds: 1, checked: 1 }, { x: new Int32Array(1) }),
    );
    assert(decoded);
    expect(() => floats(decoded, 'x')).toThrow("'x'");
    expect(() => integers(decoded, 'nothing')).toThrow("'nothing'");
  });
});

test('frames arrive unchanged', () => {
  const result = resultOf(SAMPLES);
  expect(result).toMatchObject({ total: 3, seconds: 0.5, checked: 7, paths: ['hparams.layers', 'hparams.lr'] });
  expect(result.items.map(({ run, name, contextText }) => [run.id, name, contextText])).toEqual([
    ['a', 'loss', 'subset=train'],
    ['a', 'loss', 'subset=val'],
    ['b', 'loss', ''],
  ]);
  expect(new Set(result.items.map(({ key }) => key)).size).toBe(3);
  expect(result.runs[0]?.name).toBe('первый 🙂');
});
