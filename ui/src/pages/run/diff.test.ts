import { assert, describe, expect, test } from 'vitest';
import { parseDiff } from './diff';

const TWO = `diff --git a/train.py b/train.py
index 83db48f..bf2a5c1 100644
--- a/train.py
+++ b/train.py
@@ -1,4 +1,4 @@
 import aim
-lr = 0.1
+lr = 0.01
+--not = "a file"
 print(lr)
\\ No newline at end of file
diff --git a/old name.txt b/new name.txt
similarity index 90%
rename from old name.txt
rename to new name.txt
`;

test('files, counts and kinds of lines', () => {
  const [train, renamed] = parseDiff(TWO);
  assert(train && renamed);
  expect([train.name, train.added, train.removed]).toEqual(['train.py', 2, 1]);
  expect(train.lines.slice(4).map(({ kind }) => kind)).toEqual([
    'place',
    'same',
    'removed',
    'added',
    'added',
    'same',
    'about',
  ]);
  expect([renamed.name, renamed.added, renamed.removed]).toEqual(['new name.txt', 0, 0]);
});

describe('what git writes in odd cases', () => {
  const cases: [string, string, string[]][] = [
    ['nothing', '', []],
    [
      'a removed file keeps its name',
      'diff --git a/x.py b/x.py\n--- a/x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n',
      ['x.py'],
    ],
    ['a quoted name', 'diff --git "a/\\303\\274.py" "b/\\303\\274.py"\n', ['\\303\\274.py']],
    ['a binary file', 'diff --git a/x.png b/x.png\nBinary files a/x.png and b/x.png differ\n', ['x.png']],
    ['a plain diff without git', '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n', ['b']],
  ];
  test.each(cases)('%s', (_, text, names) => expect(parseDiff(text).map(({ name }) => name)).toEqual(names));
});

test('no line is lost', () => {
  const lines = parseDiff(TWO).flatMap((file) => file.lines.map((line) => line.text));
  expect(`${lines.join('\n')}\n`).toBe(TWO);
});
