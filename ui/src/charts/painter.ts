/** Paints all lines of a view, in slices of a frame when they are many, so that the pointer never waits for them. */
import { clipTo, drawMarks, drawTrace, livePoint, ringedDot, strokeCost } from './draw'
import type { Layer, Layers } from './layers'
import type { Pen } from './axes'
import type { ChartTheme } from './types'
import type { View } from './view'

/** Estimated milliseconds of strokes in one frame. */
const SLICE = 30
/** A picture ready within this appears at once; a slower one grows while it is drawn. */
const AT_ONCE = 200
const RINGED = 200

export class Painter {
  private readonly spare: { readonly canvas: HTMLCanvasElement; readonly pen: Pen }
  private frame = 0

  constructor(
    private readonly layers: Layers,
    private readonly target: Layer,
  ) {
    const canvas = document.createElement('canvas')
    this.spare = { canvas, pen: canvas.getContext('2d')! }
  }

  /** Paints the view; `shown` is called when the first of it is about to be seen. */
  paint(view: View, theme: ChartTheme, shown: () => void): void {
    cancelAnimationFrame(this.frame)
    const { ratio } = view.frame
    const cost = [...view.raw, ...view.traces].reduce((sum, t) => sum + strokeCost(t, ratio, view.style.hairlines), 0)
    if (cost <= SLICE * 1.5) {
      this.layers.clear(this.target)
      drawLines(this.target.pen, view, theme)
      return shown()
    }
    this.paintSliced(view, theme, cost > AT_ONCE, shown)
  }

  private paintSliced(view: View, theme: ChartTheme, growing: boolean, shown: () => void): void {
    const { pen } = this.fitSpare()
    const steps = linesInSlices(pen, view, theme)
    const next = () => {
      const done = steps.next().done
      if (done || growing) this.show()
      if (done !== growing) shown()
      if (!done) this.frame = requestAnimationFrame(next)
    }
    next()
  }

  stop(): void {
    cancelAnimationFrame(this.frame)
  }

  private fitSpare(): { readonly pen: Pen } {
    const { canvas, pen } = this.spare
    canvas.width = this.target.canvas.width
    canvas.height = this.target.canvas.height
    pen.setTransform(this.layers.ratio, 0, 0, this.layers.ratio, 0, 0)
    return { pen }
  }

  private show(): void {
    const { pen } = this.target
    this.layers.clear(this.target)
    pen.drawImage(this.spare.canvas, 0, 0, this.layers.width, this.layers.height)
  }
}

/** All lines at once, for a small chart or an exported picture. */
export function drawLines(pen: Pen, view: View, theme: ChartTheme): void {
  for (const slice of linesInSlices(pen, view, theme, Infinity)) void slice
}

function* linesInSlices(pen: Pen, view: View, theme: ChartTheme, budget = SLICE): Generator<void> {
  const { frame, style } = view
  let spent = 0
  pen.save()
  clipTo(pen, frame.plot)
  for (const trace of [...view.raw, ...view.traces]) {
    drawTrace(pen, trace, style, frame.ratio)
    spent += strokeCost(trace, frame.ratio, style.hairlines)
    if (spent < budget) continue
    spent = 0
    yield
  }
  pen.restore()
  drawMarks(pen, view.traces, frame, theme)
  drawLivePoints(pen, view, theme)
}

function drawLivePoints(pen: Pen, { traces, frame }: View, theme: ChartTheme): void {
  pen.globalAlpha = 1
  const live = traces.filter((trace) => trace.line.live)
  for (const trace of live) {
    const at = livePoint(trace, frame.plot)
    if (at) ringedDot(pen, at.x, at.y, live.length > RINGED ? 1.5 : 3, trace.line.color, theme)
  }
}
