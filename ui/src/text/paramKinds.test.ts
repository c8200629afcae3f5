import { expect, test } from 'vitest';
import { namesRuns, shortParam } from './paramKinds';

test.each([
  ['lr', 'lr'],
  ['hparams.optimizer.lr', 'lr'],
  ['dataset.name', 'dataset.name'],
  ['a.model.type', 'model.type'],
  ['name', 'name'],
])('%s is called %s', (path, short) => expect(shortParam(path)).toBe(short));

test.each([
  ['name', true],
  ['hparams.run_name', true],
  ['config.id', true],
  ['train.output_dir', true],
  ['model.name', false],
  ['dataset.id', false],
  ['lr', false],
])('%s names each run: %s', (path, expected) => expect(namesRuns(path)).toBe(expected));
