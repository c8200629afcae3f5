import { describe, expect, test } from 'vitest';
import { escapeXml, SvgPen } from './svg';

const pen = () => new SvgPen((text) => text.length * 6, 'a');

describe('svg', () => {
  test.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`"a" & 'b'`, '&quot;a&quot; &amp; &#39;b&#39;'],
    ['\u0000\u001b[31m\ud800x', '��[31m�x'],
    ['שלום 🎉', 'שלום 🎉'],
  ])('%j as text', (text, wanted) => expect(escapeXml(text)).toBe(wanted));

  test('a dashed stroke', () => {
    const made = pen();
    made.strokeStyle = '#ff0000';
    made.lineWidth = 1.5;
    made.globalAlpha = 0.5;
    made.setLineDash([6, 4]);
    made.beginPath();
    made.moveTo(0, 1);
    made.lineTo(2.006, 3);
    made.stroke();
    expect(made.body).toBe(
      '<path d="M0 1L2.01 3" fill="none" stroke="#ff0000" stroke-width="1.5" stroke-dasharray="6 4" stroke-opacity="0.5"/>',
    );
  });

  test('text keeps its font, its side and its middle', () => {
    const made = pen();
    made.font = '500 10px "Noto Sans", serif';
    made.textAlign = 'right';
    made.textBaseline = 'middle';
    made.fillText('<b>', 5, 10);
    expect(made.body).toBe(
      '<text x="5" y="13.5" font-size="10" font-family="&quot;Noto Sans&quot;, serif" font-weight="500"' +
        ' text-anchor="end" fill="#000000">&lt;b&gt;</text>',
    );
  });

  test('a clip holds until it is restored, and colors with it', () => {
    const made = pen();
    made.save();
    made.fillStyle = '#111111';
    made.beginPath();
    made.rect(0, 0, 10, 10);
    made.clip();
    made.fillRect(1, 1, 2, -2);
    made.restore();
    made.fillRect(0, 0, 1, 1);
    expect(made.body.split('\n')).toEqual([
      '<clipPath id="a-clip1"><path d="M0 0h10v10h-10Z"/></clipPath><g clip-path="url(#a-clip1)">',
      '<rect x="1" y="-1" width="2" height="2" fill="#111111"/>',
      '</g>',
      '<rect x="0" y="0" width="1" height="1" fill="#000000"/>',
    ]);
  });

  test('circles, round corners and curves are paths', () => {
    const made = pen();
    for (const draw of [
      () => made.arc(5, 5, 2, 0, Math.PI * 2),
      () => made.roundRect(0, 0, 10, 10, 3),
      () => made.bezierCurveTo(1, 2, 3, 4, 5, 6),
    ]) {
      made.beginPath();
      draw();
      made.fill();
    }
    expect(made.body.match(/d="[^"]+"/g)).toEqual([
      'd="M7 5A2 2 0 0 1 3 5A2 2 0 0 1 7 5"',
      'd="M3 0h4a3 3 0 0 1 3 3v4a3 3 0 0 1 -3 3h-4a3 3 0 0 1 -3 -3v-4a3 3 0 0 1 3 -3Z"',
      'd="C1 2 3 4 5 6"',
    ]);
  });
});
