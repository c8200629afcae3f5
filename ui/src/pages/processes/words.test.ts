import { assert, describe, expect, it } from 'vitest';
import { asParameter, commandLine, everyValue, parametersOf, paste, pieces, withoutParameter } from './words';

describe('paste', () => {
  it.each<[string, string[]]>([
    ['python train.py --lr 0.1', ['python', 'train.py', '--lr', '0.1']],
    ['  python   train.py  ', ['python', 'train.py']],
    ['$ python train.py', ['python', 'train.py']],
    ['python train.py \\\n  --lr 0.1', ['python', 'train.py', '--lr', '0.1']],
    [`python -c 'print("a b")' "it's"`, ['python', '-c', 'print("a b")', "it's"]],
    ['a\\ b "c\\"d" \'e\\f\'', ['a b', 'c"d', 'e\\f']],
    ['x "" \'\'', ['x', '', '']],
    ['--name="two words"', ['--name=two words']],
    ["'not closed", ['not closed']],
    ['', []],
    ['x {lr} --amp={amp}', ['x', '{lr}', '--amp={amp}']],
    [`x '{"a": 1}' '{a b}' a}b`, ['x', '{{"a": 1}}', '{{a b}}', 'a}}b']],
  ])('%s', (text, argv) => expect(paste(text).argv).toEqual(argv));

  it('takes settings of the environment from the front only', () => {
    expect(paste('A=1 CUDA_VISIBLE_DEVICES="0 1" python a=b')).toEqual({
      argv: ['python', 'a=b'],
      env: { A: '1', CUDA_VISIBLE_DEVICES: '0 1' },
      notes: [],
    });
  });

  it.each([
    ['a | b', ['a pipe']],
    ['a > log && b', ['a redirection', 'a second command']],
    ['a $(b)', ['command substitution']],
    [`a '|' "x > y"`, []],
  ])('says what a shell would do: %s', (text, notes) => expect(paste(text).notes).toEqual(notes));
});

it('writes a command line that reads back as the same arguments', () => {
  const argv = ['python', 'a b', "it's", '', '$(rm)', 'lr={lr}', '{{"a": 1}}', '{amp?--amp}', 'ünï', 'a\nb'];
  expect(paste(commandLine(argv)).argv).toEqual(argv);
});

it('finds the places of parameters', () => {
  expect(pieces('lr={lr},{b}')).toEqual([
    { text: 'lr=', name: null },
    { text: '{lr}', name: 'lr' },
    { text: ',', name: null },
    { text: '{b}', name: 'b' },
  ]);
  expect(pieces('{{"a": {lr}}}')).toEqual([
    { text: '{{"a": ', name: null },
    { text: '{lr}', name: 'lr' },
    { text: '}}', name: null },
  ]);
  expect(pieces('{amp?--amp}')).toEqual([{ text: '{amp?--amp}', name: 'amp' }]);
  expect(pieces('')).toEqual([{ text: '', name: null }]);
  expect(parametersOf(['{b}', '{a}/{b}'])).toEqual(['b', 'a']);
});

describe('asParameter', () => {
  const argv = [
    'python',
    'train.py',
    '--lr',
    '0.1',
    '--batch-size=32',
    'model.depth=4',
    '--lr',
    '-1',
    '--fast',
    '--set={{}}',
    '-v',
  ];
  it.each<[number, string, string, string | boolean]>([
    [3, '{lr}', 'lr', '0.1'],
    [4, '--batch-size={batch_size}', 'batch_size', '32'],
    [5, 'model.depth={model.depth}', 'model.depth', '4'],
    [7, '{lr}', 'lr', '-1'],
    [8, '{fast?--fast}', 'fast', true],
    [9, '--set={set}', 'set', '{}'],
    [10, '{v?-v}', 'v', true],
  ])('%i', (at, argument, name, value) => {
    const made = asParameter(argv, at);
    expect([made?.argv[at], made?.name, made?.value]).toEqual([argument, name, value]);
  });

  it('names no parameter twice', () => {
    const once = asParameter(argv, 3);
    assert(once);
    expect(asParameter(once.argv, 7)?.name).toBe('lr_2');
  });

  it('leaves the program, the script, options with a value and parameters alone', () => {
    expect([0, 1, 2, 6].map((at) => asParameter(argv, at))).toEqual([null, null, null, null]);
    expect(asParameter(['x', '--a', '{a}'], 2)).toBeNull();
  });
});

it('turns every value into a parameter', () => {
  const steps = everyValue(['python', 'train.py', '--lr', '0.1', '--amp', 'depth=4', '{seed}']);
  expect(steps.at(-1)?.argv).toEqual(['python', 'train.py', '--lr', '{lr}', '{amp?--amp}', 'depth={depth}', '{seed}']);
  expect(steps.map(({ name, value }) => [name, value])).toEqual([
    ['lr', '0.1'],
    ['amp', true],
    ['depth', '4'],
  ]);
});

it.each<[string, string, readonly string[]]>([
  ['lr', '0.1', ['x', '--lr=0.1,0.1', '{amp?--amp}']],
  ['lr', '{a}', ['x', '--lr={{a}},{{a}}', '{amp?--amp}']],
  ['amp', 'True', ['x', '--lr={lr},{lr}', '--amp']],
  ['amp', 'False', ['x', '--lr={lr},{lr}']],
])('writes the text of %s into the command: %s', (name, text, argv) =>
  expect(withoutParameter(['x', '--lr={lr},{lr}', '{amp?--amp}'], name, text)).toEqual(argv),
);
