import { expect, it } from 'vitest';
import { defaultsOf, isEndless, oneText, spaceOf, tidy } from './values';

const command = {
  argv: ['train.py', '--lr={lr}', '--name={name}', '{amp?--amp}', '{seed}'],
  params: [
    { name: 'name', value: 'a,b' },
    { name: 'lr', value: 0.1 },
    { name: 'amp', value: false },
    { name: 'old', value: 1 },
  ],
};

it('has a default, or none, for each place in the arguments', () => {
  expect([...defaultsOf(command)]).toEqual([
    ['lr', 0.1],
    ['name', 'a,b'],
    ['amp', false],
    ['seed', null],
  ]);
  expect(tidy({ ...command, env: [{ name: ' ', value: 'x' }] })).toMatchObject({
    env: [],
    params: [{}, {}, {}, { name: 'seed', value: null }],
  });
});

it.each([
  [0.1, '0.1'],
  ['a,b', 'a\\,b'],
  ['main..dev', 'main\\..dev'],
  ['1..5', '1\\..5'],
  ['../a..b', '../a..b'],
  [true, 'True'],
  [null, ''],
])('writes %s so that it reads back as one value', (value, text) => expect(oneText(value)).toBe(text));

it('sends values that differ from the defaults', () => {
  const texts = new Map([
    ['lr', '0.1, 0.01'],
    ['name', 'a\\,b'],
    ['amp', 'True'],
    ['seed', ''],
    ['gone', '1'],
  ]);
  expect(spaceOf(command, texts)).toEqual([
    { name: 'lr', text: '0.1, 0.01' },
    { name: 'amp', text: 'True' },
    { name: 'seed', text: '' },
  ]);
});

it.each([
  ['log(1e-5..1e-1)', true],
  [' uniform(0..1) ', true],
  ['log(1e-5..1:5)', false],
  ['1..5', false],
])('%s can only be drawn from: %s', (text, endless) => expect(isEndless(text)).toBe(endless));
