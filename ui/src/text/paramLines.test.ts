import { expect, test } from 'vitest';
import { readParams, readValue } from './paramLines';

test.each([
  ['0.01', 0.01],
  ['1e-4', 1e-4],
  ['-.5', -0.5],
  ['10_000', 10000],
  ['True', true],
  ['false', false],
  ['None', null],
  ['"0.01"', '0.01'],
  ["'None'", 'None'],
  ['""', ''],
  ['adam w', 'adam w'],
  ['1.2.3', '1.2.3'],
  ['-', '-'],
  ['constructor', 'constructor'],
])('the value %j', (text, value) => expect(readValue(text)).toBe(value));

test.each([
  ['lr 0.01\nhidden_dim 256', { lr: 0.01, hidden_dim: 256 }],
  ['  lr = 0.01 \n\n model.name: res net\n', { lr: 0.01, 'model.name': 'res net' }],
  ['url http://a:1/b=c', { url: 'http://a:1/b=c' }],
  ['', {}],
])('the lines %j', (text, params) => expect(readParams(text)).toEqual({ params, wrong: null }));

test.each([
  ['lr 0.01\nseed', 'Line 2, “seed”, has a name and no value.'],
  ['lr =', 'Line 1, “lr =”, has a name and no value.'],
  ['lr 1\nlr 2', 'Line 2 names “lr” again.'],
])('what is wrong with %j', (text, wrong) => expect(readParams(text)).toEqual({ params: {}, wrong }));
