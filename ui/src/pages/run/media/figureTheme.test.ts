import { describe, expect, test } from 'vitest';
import { darkTheme } from '../../../charts';
import { heightOf, themedLayout, tileLayout, widthOf } from './figureTheme';

interface Drawn {
  paper_bgcolor?: string;
  template?: { layout: { paper_bgcolor: string; font: { color: string }; xaxis: Record<string, unknown> } };
}

describe('the colors of the page', () => {
  test('replace colors of a template', () => {
    const layout = {
      template: { layout: { paper_bgcolor: 'white', xaxis: { gridcolor: 'white', automargin: true } } },
    };
    const { template } = themedLayout(layout, darkTheme) as Drawn;
    expect(template?.layout.paper_bgcolor).toBe(darkTheme.background);
    expect(template?.layout.xaxis).toMatchObject({ gridcolor: darkTheme.grid, automargin: true });
    expect(layout.template.layout.paper_bgcolor).toBe('white');
  });

  test('give way to a background that the figure sets', () => {
    const drawn = themedLayout({ paper_bgcolor: 'white' }, darkTheme) as Drawn;
    expect(drawn).toMatchObject({ paper_bgcolor: 'white' });
    expect(drawn.template).toBeUndefined();
  });
});

test('sizes are bounded', () => {
  const sizes = [
    {},
    { height: 300, width: 300 },
    { height: 1e9, width: 1e9 },
    { height: -1, width: 'wide' },
    { height: 1 },
  ];
  expect(sizes.map(heightOf)).toEqual([420, 300, 1200, 420, 160]);
  expect(sizes.map(widthOf)).toEqual(['100%', 'min(100%, 300px)', 'min(100%, 1000000000px)', '100%', '100%']);
});

test.each([
  [{ title: { text: 'Loss', font: { size: 40 } }, showlegend: true }, 'Loss', 26],
  [{ title: 'Loss', sliders: [{}] }, 'Loss', 26],
  [{}, undefined, 10],
])('a small copy of %j', (layout, text, top) => {
  const small = tileLayout(layout) as { title: { text: unknown }; margin: { t: number }; showlegend: boolean };
  expect([small.title.text, small.margin.t, small.showlegend, 'sliders' in small]).toEqual([text, top, false, false]);
});
