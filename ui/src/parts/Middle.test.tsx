import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Middle } from './Middle';

test.each(['short', 'a name that is longer than its room'])('the only text of %j is the whole name', (name) => {
  const markup = renderToStaticMarkup(<Middle text={name} />);
  expect(markup.replace(/<[^>]*>/g, '')).toBe(name);
  expect(
    markup
      .match(/data-text="[^"]*"/g)
      ?.join('')
      .replace(/data-text="|"/g, '') ?? name,
  ).toBe(name);
});

test.each([
  [undefined, ['a name that is longer tha', 'n its room']],
  [0, ['a name that is longer than its room', '']],
  [99, ['', 'a name that is longer than its room']],
] as const)('a tail of %j characters stays', (tail, halves) => {
  const markup = renderToStaticMarkup(<Middle text="a name that is longer than its room" tail={tail} />);
  expect([...markup.matchAll(/data-text="([^"]*)"/g)].map(([, half]) => half)).toEqual(halves);
});

test('a narrow screen shows the short text, which is not read aloud', () => {
  const markup = renderToStaticMarkup(<Middle text="lr=0.1" narrow="0.1" />);
  expect(markup.replace(/<[^>]*>/g, '')).toBe('lr=0.1');
  expect(markup).toContain('<span class="middle-narrow" aria-hidden="true" data-text="0.1">');
});
