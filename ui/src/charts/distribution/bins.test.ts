import { describe, expect, test } from 'vitest';
import { columnEdges, densities, extentOf, nearestIndex, quantile, totalOf } from './bins';
import type { HistogramArrays } from './types';

const of = (edges: number[], counts: number[]): HistogramArrays => ({
  edges: Float64Array.from(edges),
  counts: Float64Array.from(counts),
});

describe('extent', () => {
  const cases: [string, HistogramArrays[], unknown][] = [
    ['of what holds something', [of([0, 1, 2, 3], [0, 5, 0])], [1, 2]],
    ['over all steps', [of([0, 1], [1]), of([-4, -2], [1])], [-4, 1]],
    ['of one value', [of([2, 2], [9])], [1.9, 2.1]],
    ['of zero alone', [of([0, 0], [9])], [-0.5, 0.5]],
    ['of nothing', [of([0, 1], [0])], null],
    ['without histograms', [], null],
  ];
  test.each(cases)('%s', (_, histograms, expected) => expect(extentOf(histograms)).toEqual(expected));
});

describe('density', () => {
  test('is by width, not by count', () => {
    expect([...densities(of([0, 1, 3], [2, 4]))]).toEqual([1, 1]);
    expect([...densities(of([0, 1, 2], [1, 4]))]).toEqual([0.25, 1]);
  });
  test('nothing, and a bin without width', () => {
    expect([...densities(of([0, 1], [0]))]).toEqual([0]);
    expect([...densities(of([0, 1, 1], [5, 5]))]).toEqual([0, 1]);
  });
});

describe('quantiles', () => {
  const even = of([0, 1, 2, 3, 4], [1, 1, 1, 1]);
  const cases: [number, number][] = [
    [0, 0],
    [0.5, 2],
    [0.625, 2.5],
    [1, 4],
  ];
  test.each(cases)('%d', (share, value) => expect(quantile(even, share)).toBeCloseTo(value));
  test('of nothing', () => expect(quantile(of([0, 1], [0]), 0.5)).toBeNaN());
});

test('columns meet half way', () => {
  expect([...columnEdges(Float64Array.of(10, 20, 40), 5, 50)]).toEqual([5, 15, 30, 50]);
  expect([...columnEdges(Float64Array.of(10), 0, 20)]).toEqual([0, 20]);
});

test('the nearest place', () => {
  expect([0, 14, 16, 99].map((at) => nearestIndex(Float64Array.of(10, 20, 40), at))).toEqual([0, 0, 1, 2]);
});

test('the total', () => expect(totalOf(of([0, 1, 2], [3, 4]))).toBe(7));
