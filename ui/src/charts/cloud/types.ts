/** The input of charts of points in space. */

export interface CloudPoints {
  /** x, y and z of each point. */
  readonly xyz: Float32Array;
  /** Red, green and blue of each point, from 0 to 255. */
  readonly rgb: Uint8Array;
}

/** Where the cloud is seen from: angles in radians, the zoom, and the shift in pixels. */
export interface CloudView {
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}
