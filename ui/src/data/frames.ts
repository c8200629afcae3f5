/** Decodes `application/x-aim-frames` as it streams in: a JSON header and typed arrays that point into the received bytes. */
import { MAGIC, type ArraySpec, type Frame } from '../wire';

export type ColumnArray = Float64Array | Int32Array | BigInt64Array | Uint8Array;
export interface Decoded {
  frame: Frame;
  columns: ReadonlyMap<string, ColumnArray>;
}

const PREFIX = 8;
const WIDTH = { f8: 8, i8: 8, i4: 4, u1: 1 } as const;
const utf8 = new TextDecoder('utf-8', { fatal: false });

export class FrameError extends Error {}

const padded = (bytes: number): number => (bytes + 7) & ~7;

function view(spec: ArraySpec, buffer: ArrayBuffer, offset: number): ColumnArray {
  switch (spec.dtype) {
    case 'f8':
      return new Float64Array(buffer, offset, spec.length);
    case 'i4':
      return new Int32Array(buffer, offset, spec.length);
    case 'i8':
      return new BigInt64Array(buffer, offset, spec.length);
    case 'u1':
      return new Uint8Array(buffer, offset, spec.length);
  }
}

/**
 * Push chunks of any size; take whole frames out. Each frame is copied once into its own buffer, so that arrays are
 * aligned.
 */
export class FrameDecoder {
  private chunks: Uint8Array[] = [];
  private held = 0;
  private wanted = PREFIX;
  private header: { frame: Frame; size: number } | null = null;

  push(chunk: Uint8Array): Decoded[] {
    this.chunks.push(chunk);
    this.held += chunk.length;
    const frames: Decoded[] = [];
    while (this.held >= this.wanted) {
      const decoded = this.advance();
      if (decoded) frames.push(decoded);
    }
    return frames;
  }

  /** Call at the end of the stream: a truncated frame is an error, not an empty answer. */
  finish(): void {
    if (this.held > 0) throw new FrameError(`The answer was cut short: ${this.held} bytes of an unfinished frame.`);
  }

  private advance(): Decoded | null {
    const bytes = this.gather();
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (utf8.decode(bytes.subarray(0, 4)) !== MAGIC)
      throw new FrameError('The answer is not in the format of this page. Reload the page.');
    const headerEnd = PREFIX + data.getUint32(4, true);
    if (bytes.length < headerEnd) {
      this.wanted = headerEnd;
      return null;
    }
    if (!this.header) {
      const frame = JSON.parse(utf8.decode(bytes.subarray(PREFIX, headerEnd))) as Frame;
      const size = frame.arrays.reduce((sum, spec) => sum + padded(spec.length * WIDTH[spec.dtype]), headerEnd);
      this.header = { frame, size };
    }
    if (bytes.length < this.header.size) {
      this.wanted = this.header.size;
      return null;
    }
    return this.take(bytes, headerEnd, this.header.size, this.header.frame);
  }

  private take(bytes: Uint8Array, start: number, size: number, frame: Frame): Decoded {
    const buffer = bytes.slice(start, size).buffer;
    const columns = new Map<string, ColumnArray>();
    let offset = 0;
    for (const spec of frame.arrays) {
      columns.set(spec.name, view(spec, buffer, offset));
      offset += padded(spec.length * WIDTH[spec.dtype]);
    }
    this.chunks = size < bytes.length ? [bytes.subarray(size)] : [];
    this.held = bytes.length - size;
    this.wanted = PREFIX;
    this.header = null;
    return { frame, columns };
  }

  /**
   * Joins the held chunks. It is only called once `wanted` bytes are there, so each byte is copied a constant number of
   * times.
   */
  private gather(): Uint8Array {
    const [first] = this.chunks;
    if (this.chunks.length === 1 && first) return first;
    const whole = new Uint8Array(this.held);
    let offset = 0;
    for (const chunk of this.chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    this.chunks = [whole];
    return whole;
  }
}

export function floats(decoded: Decoded, name: string): Float64Array {
  const column = decoded.columns.get(name);
  if (!(column instanceof Float64Array))
    throw new FrameError(`The answer lacks the float column '${name}'. Reload the page.`);
  return column;
}

export function integers(decoded: Decoded, name: string): Int32Array {
  const column = decoded.columns.get(name);
  if (!(column instanceof Int32Array))
    throw new FrameError(`The answer lacks the integer column '${name}'. Reload the page.`);
  return column;
}

export function bytes(decoded: Decoded, name: string): Uint8Array {
  const column = decoded.columns.get(name);
  if (!(column instanceof Uint8Array))
    throw new FrameError(`The answer lacks the byte column '${name}'. Reload the page.`);
  return column;
}
