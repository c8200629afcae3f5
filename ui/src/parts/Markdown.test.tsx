import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import Markdown, { safeAddress } from './Markdown';

const drawn = (text: string): string => renderToStaticMarkup(<Markdown text={text} />);

describe('a note is drawn', () => {
  const cases: [string, string][] = [
    ['# Idea', '<h3>Idea</h3>'],
    ['**bold** and *soft* and `code`', '<p><strong>bold</strong> and <em>soft</em> and <code>code</code></p>'],
    ['a\n\nb', '<p>a</p><p>b</p>'],
    ['> said', '<blockquote><p>said</p></blockquote>'],
    ['~~gone~~', '<p><del>gone</del></p>'],
    ['---', '<hr/>'],
    ['3. c', '<ol start="3"><li><p>c</p></li></ol>'],
    ['```py\nx < 1\n```', '<pre tabindex="0"><code>x &lt; 1</code></pre>'],
    ['| a |\n|---|\n| 1 |', '<tr><th>a</th></tr><tr><td>1</td></tr>'],
    ['- [x] done', '<input type="checkbox" disabled="" aria-label="done" checked=""/>'],
  ];
  test.each(cases)('%s', (text, html) => expect(drawn(text)).toContain(html));
});

describe('nothing that a note holds becomes active', () => {
  const cases = [
    '<script>alert(1)</script>',
    'a <img src=x onerror=alert(1)> b',
    '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x]( &#106;avascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](//evil.example)',
    '![x](https://evil.example/track.png)',
    '![x](javascript:alert(1))',
    '[x][y]\n\n[y]: javascript:alert(1)',
    '<javascript:alert(1)>',
    '<https://example.org/"onmouseover="alert(1)>',
  ];
  test.each(cases)('%s', (text) => {
    const html = drawn(text);
    expect(html).not.toMatch(/<(script|img|svg|iframe|object|style)/i);
    expect(html).not.toMatch(/<[^>]*\s(on\w+|src|style)\s*=/i);
    expect(html).not.toMatch(/href="(?!https?:|mailto:|[?#])/i);
    expect(html).not.toContain('href="javascript');
  });
});

describe('an address in a note', () => {
  const cases: [string, string | null][] = [
    ['https://example.org', 'https://example.org'],
    ['mailto:a@example.org', 'mailto:a@example.org'],
    ['?q=loss', '?q=loss'],
    ['#top', '#top'],
    ['/etc', null],
    ['//evil.example', null],
    ['java\nscript:alert(1)', null],
    ['vbscript:x', null],
    ['', null],
  ];
  test.each(cases)('%s', (to, expected) => expect(safeAddress(to)).toBe(expected));
});

test('marks stand wherever their text does, and never become elements', () => {
  const text = 'a (b) **(b)** `(b)` <i>';
  expect(renderToStaticMarkup(<Markdown text={text} marks={['(b)', '<i>', 'a-']} />)).toContain(
    '<p>a <mark>(b)</mark> <strong><mark>(b)</mark></strong> <code><mark>(b)</mark></code> <mark>&lt;i&gt;</mark></p>',
  );
});
