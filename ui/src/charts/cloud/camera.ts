/** Where points of a cloud are on the screen. */
import type { CloudView } from './types';

export const START: CloudView = { yaw: 0.6, pitch: 0.4, zoom: 1, x: 0, y: 0 };
export const FLAT: CloudView = { yaw: 0, pitch: 0, zoom: 1, x: 0, y: 0 };
const STEEPEST = Math.PI / 2;
const ZOOMS: readonly [number, number] = [0.1, 100];
/** Of the cloud's size: how far away the eye is. */
const EYE = 3;

/** The middle of a cloud, and half of its largest extent. */
export interface CloudFrame {
  readonly middle: readonly [number, number, number];
  readonly reach: number;
}

export function frameOf(xyz: Float32Array): CloudFrame {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xyz.length; i++) {
    const value = xyz[i] ?? 0;
    if (value < (low[i % 3] ?? 0)) low[i % 3] = value;
    if (value > (high[i % 3] ?? 0)) high[i % 3] = value;
  }
  if (xyz.length === 0) return { middle: [0, 0, 0], reach: 1 };
  const at = (axis: number): number => ((low[axis] ?? 0) + (high[axis] ?? 0)) / 2;
  const reach = Math.max(...[0, 1, 2].map((axis) => (high[axis] ?? 0) - (low[axis] ?? 0))) / 2;
  return { middle: [at(0), at(1), at(2)], reach: reach || 1 };
}

export function turned(view: CloudView, across: number, up: number): CloudView {
  const pitch = Math.max(-STEEPEST, Math.min(STEEPEST, view.pitch + up));
  return { ...view, yaw: view.yaw + across, pitch };
}

export function zoomed(view: CloudView, factor: number): CloudView {
  return { ...view, zoom: Math.max(ZOOMS[0], Math.min(ZOOMS[1], view.zoom * factor)) };
}

export const moved = (view: CloudView, x: number, y: number): CloudView => ({ ...view, x: view.x + x, y: view.y + y });

/** Writes x, y and depth of every `each`th point, in pixels; a depth of 0 or less is behind the eye. */
export function project(
  xyz: Float32Array,
  { middle, reach }: CloudFrame,
  view: CloudView,
  [width, height]: readonly [number, number],
  into: Float32Array,
  each = 1,
): void {
  const scale = (Math.min(width, height) * 0.42 * view.zoom) / reach;
  const [sin, cos, lift, level] = [Math.sin(view.yaw), Math.cos(view.yaw), Math.sin(view.pitch), Math.cos(view.pitch)];
  const [centerX, centerY, eye] = [width / 2 + view.x, height / 2 + view.y, EYE * reach];
  for (let i = 0; i < xyz.length; i += 3 * each) {
    const x = (xyz[i] ?? 0) - middle[0];
    const y = (xyz[i + 1] ?? 0) - middle[1];
    const z = (xyz[i + 2] ?? 0) - middle[2];
    const across = x * cos + z * sin;
    const away = z * cos - x * sin;
    const up = y * level + away * lift;
    const depth = eye - (away * level - y * lift);
    const near = (eye / depth) * scale;
    into[i] = centerX + across * near;
    into[i + 1] = centerY - up * near;
    into[i + 2] = depth / eye;
  }
}
