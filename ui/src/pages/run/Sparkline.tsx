/** The shape of one series in the height of a row. */
import { useEffect, useRef, type ReactNode } from 'react';
import { drawSparkline } from '../../charts';
import { useFrame } from '../../parts/useFrame';

const WIDTH = 108;
const HEIGHT = 22;

export function Sparkline({ values }: { values: Float64Array }): ReactNode {
  const { theme } = useFrame();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const color = getComputedStyle(canvas.current).color;
    drawSparkline(canvas.current, values, { color, width: WIDTH, height: HEIGHT });
  }, [values, theme]);
  return <canvas ref={canvas} className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
}
