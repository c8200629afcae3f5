import { expect, test } from 'vitest';
import { cloudOf } from './cloud';

interface BytesOptions {
  rgb?: number[];
  more?: unknown;
  magic?: string;
  extra?: number;
}

function bytes(xyz: number[], { rgb = [], more = null, magic = 'AIMP', extra = 0 }: BytesOptions = {}): ArrayBuffer {
  const told = more === null ? new Uint8Array(0) : new TextEncoder().encode(JSON.stringify(more));
  const head = new DataView(new ArrayBuffer(16));
  [...magic].forEach((letter, i) => head.setUint8(i, letter.charCodeAt(0)));
  head.setUint32(4, xyz.length / 3, true);
  head.setUint32(8, rgb.length > 0 ? 1 : 0, true);
  head.setUint32(12, told.length, true);
  const parts = [head.buffer, Float32Array.from(xyz).buffer, told, Uint8Array.from(rgb), new Uint8Array(extra)];
  const all = parts.flatMap((part) => [...new Uint8Array(part instanceof Uint8Array ? part.slice().buffer : part)]);
  return Uint8Array.from(all).buffer;
}

test('points, colors and labels', () => {
  const cloud = cloudOf(
    bytes([1, 2, 3, 4, 5, 6], { rgb: [9, 8, 7, 6, 5, 4], more: { labels: ['a', 'b'], shares: [0.5] } }),
  );
  expect([[...cloud.xyz], [...cloud.rgb], cloud.labels, cloud.shares]).toEqual([
    [1, 2, 3, 4, 5, 6],
    [9, 8, 7, 6, 5, 4],
    ['a', 'b'],
    [0.5],
  ]);
});

test('labels that are not as many as the points are left out', () => {
  expect(cloudOf(bytes([1, 2, 3], { more: { labels: ['a', 'b'], shares: 'x' } }))).toMatchObject({
    labels: [],
    shares: [],
  });
});

test.each([
  ['cut short', new ArrayBuffer(5)],
  ['another kind', bytes([1, 2, 3], { magic: 'AIME' })],
  ['too long', bytes([1, 2, 3], { extra: 1 })],
  ['NaN', bytes([NaN, 2, 3])],
])('refuses bytes that are damaged: %s', (_, buffer) => {
  expect(() => cloudOf(buffer)).toThrow();
});
