import { expect, test } from 'vitest';
import { treeRows } from './fileTree';

const file = (path: string, bytes: number) => ({ path, bytes, sha256: '', address: '' });
const FILES = [file('a.txt', 1), file('deep/b.bin', 2), file('deep/er/c.json', 4), file('z/only.txt', 8)];
const told = (isOpen: (path: string) => boolean): string[] =>
  treeRows(FILES, isOpen).map((row) => `${'  '.repeat(row.depth)}${row.name} ${row.bytes} ${row.files ?? '-'}`);

test('closed folders are rows with what is below them', () => {
  expect(told(() => false)).toEqual(['deep 6 2', 'z 8 1', 'a.txt 1 -']);
});

test('open folders show their folders, then their files', () => {
  expect(told(() => true)).toEqual([
    'deep 6 2',
    '  er 4 1',
    '    c.json 4 -',
    '  b.bin 2 -',
    'z 8 1',
    '  only.txt 8 -',
    'a.txt 1 -',
  ]);
  expect(told((path) => path === 'deep')).toEqual(['deep 6 2', '  er 4 1', '  b.bin 2 -', 'z 8 1', 'a.txt 1 -']);
});

test('a row knows its whole path', () => {
  expect(treeRows(FILES, () => true).map((row) => row.path)).toContain('deep/er/c.json');
});
