import { metricWord } from './words';
import { describe, expect, test } from 'vitest';
import { metricText, narrowed, readForm, toggleContext, toggleMetric, writeForm, type Form } from './statement';

const TABLE: [string, Form][] = [
  ['', { metrics: [], contexts: [], filter: '' }],
  ['loss', { metrics: ['loss'], contexts: [], filter: '' }],
  ['loss, "a, if b" if lr < 1', { metrics: ['loss', '"a, if b"'], contexts: [], filter: 'lr < 1' }],
  [
    'loss if context.subset == "train" and hparams.lr > 0.1',
    { metrics: ['loss'], contexts: [{ key: 'subset', values: ['train'] }], filter: 'hparams.lr > 0.1' },
  ],
  [
    'loss if context.subset in ("train", "val") and context.gpu == 1 and run.hash in ("a", "b")',
    {
      metrics: ['loss'],
      contexts: [
        { key: 'subset', values: ['train', 'val'] },
        { key: 'gpu', values: ['1'] },
      ],
      filter: 'run.hash in ("a", "b")',
    },
  ],
  ['loss if context.a == 1 or lr < 1', { metrics: ['loss'], contexts: [], filter: 'context.a == 1 or lr < 1' }],
  [
    'loss if (context.a == 1 or b) and (x or y)',
    { metrics: ['loss'], contexts: [], filter: '(context.a == 1 or b) and (x or y)' },
  ],
  [
    'loss if context.a == context.b',
    { metrics: ['loss'], contexts: [{ key: 'a', values: ['context.b'] }], filter: '' },
  ],
];

describe('a statement and its form', () => {
  test.each(TABLE.slice(0, -1))('%j both ways', (statement, form) => {
    expect(readForm(statement)).toEqual(form);
    expect(writeForm(form)).toBe(statement);
  });

  test('barewords and old endings are read', () => {
    expect(writeForm(readForm('loss if context.subset in (val, train);'))).toBe(
      'loss if context.subset in ("val", "train")',
    );
  });

  test.each(['loss if', 'loss, if and and', 'if if', '((', 'loss if context.a in', 'loss if context.a in ()', '"'])(
    'of half a text (%j) nothing throws, and nothing is lost that can be read',
    (text) => expect(() => writeForm(readForm(text))).not.toThrow(),
  );

  test('a filter with "or" is put in parentheses next to a context', () => {
    const form = toggleContext(readForm('loss if a or b'), 'subset', 'x y');
    expect(writeForm(form)).toBe('loss if context.subset == "x y" and (a or b)');
  });

  test('metrics and contexts go in and out', () => {
    const both = toggleMetric(readForm('loss'), metricWord('train/loss'));
    expect(writeForm(both)).toBe('loss, "train/loss"');
    expect(writeForm(toggleMetric(both, 'loss'))).toBe('"train/loss"');
    const toggled = toggleContext(both, 'subset', 'val');
    expect(writeForm(toggleContext(toggled, 'subset', 'train'))).toContain('context.subset in ("val", "train")');
    expect(toggleContext(toggled, 'subset', 'val').contexts).toEqual([]);
  });
});

test.each([
  ['loss', 'loss'],
  ['tf:accuracy', '"tf:accuracy"'],
  ['a.b', '"a.b"'],
  ['nan', '"nan"'],
  ['a/b', '"a/b"'],
  ['1x', '"1x"'],
  ['if', '"if"'],
  ['say "x"', '"say \\"x\\""'],
])('%s is written %s', (name, text) => expect(metricWord(name)).toBe(text));

test.each([
  ['tf:loss', '', 'tf:"loss"', 'tf:loss'],
  ['tf:"train/loss"', '', 'tf:"train/loss"', 'tf:train/loss'],
  ['tf : loss', '', 'tf:"loss"', 'tf:loss'],
  ['tf:loss', 'loss', 'loss', 'loss'],
  ['"tf:loss"', 'tf:loss', 'tf:"loss"', 'tf:loss'],
])('of other sources, with %s chosen and %s', (one, more, toggled, text) => {
  const form = readForm([one, more].filter(Boolean).join(', '));
  const shown = toggleMetric(form, toggled);
  expect(shown.metrics.length).toBe(form.metrics.length - 1);
  expect(metricText(toggled)).toBe(text);
});

test.each([
  ['loss', 'loss if run.diverged'],
  ['loss, acc if lr < 1', 'loss, acc if lr < 1 and run.diverged'],
  ['loss if a == 1 or b == 2', 'loss if (a == 1 or b == 2) and run.diverged'],
  ['loss if context.subset == val', 'loss if context.subset == "val" and run.diverged'],
  ['', 'if run.diverged'],
])('%s narrowed', (statement, expected) => {
  expect(narrowed(statement, 'run.diverged')).toBe(expected);
});
