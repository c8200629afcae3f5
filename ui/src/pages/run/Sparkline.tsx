/** The shape of one series in the height of a row, in the color of its run. */
import { useEffect, useRef, type ReactNode } from 'react';
import { drawSparkline } from '../../charts';
import { colorOfRun } from '../../explorer/style';
import { useFrame } from '../../parts/useFrame';
import type { Run } from '../../wire';

const WIDTH = 108;
const HEIGHT = 22;

export function Sparkline({ values, run }: { values: Float64Array; run: Pick<Run, 'position'> }): ReactNode {
  const { theme } = useFrame();
  const canvas = useRef<HTMLCanvasElement>(null);
  const color = colorOfRun(run, theme);
  useEffect(() => {
    if (canvas.current) drawSparkline(canvas.current, values, { color, width: WIDTH, height: HEIGHT });
  }, [values, color]);
  return <canvas ref={canvas} className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true" />;
}
