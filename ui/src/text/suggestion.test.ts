import { expect, test } from 'vitest';
import { suggestionOf } from './suggestion';

test.each([
  ['No run has a param hparams.lrr; did you mean hparams.lr?', 'loss if hparams.lrr < 1', 'loss if hparams.lr < 1'],
  ['No run has a metric los; did you mean loss?', 'los, accuracy', 'loss, accuracy'],
  ['No run has a metric train loss; did you mean train/loss?', '"train loss" if run.x', '"train/loss" if run.x'],
  ['No run has a metric losss; did you mean train/loss?', 'losss', '"train/loss"'],
  ['No run has a metric train; did you mean train/loss?', 'train if run.x', '"train/loss" if run.x'],
  [
    'No metric has a context subst; did you mean context.subset?',
    'loss if context.subst == val',
    'loss if context.subset == val',
  ],
  [
    'No run has a param lr; did you mean hparams.lr?',
    'loss if hparams.lrx and lr > 1',
    'loss if hparams.lrx and hparams.lr > 1',
  ],
  ['No run has a metric gone.', 'gone', null],
  ['No run has a metric gone; did you mean here?', 'other', null],
])('%s in %s: %s', (note, query, wanted) => expect(suggestionOf(note, query)?.query ?? null).toBe(wanted));
