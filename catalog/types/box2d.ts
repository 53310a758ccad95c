import { SqlError } from '../../base/errors';
import { formatPlain } from './float';

/** BOX2D: lo_x, hi_x, lo_y, hi_y, each as 8 bytes that order as floats do. */
export interface Box2d {
  readonly loX: number;
  readonly hiX: number;
  readonly loY: number;
  readonly hiY: number;
}

/** Writes a double so that bytes order as numbers do: sign bit flipped, or all bits of a negative one. */
export function writeOrderedDouble(out: DataView, at: number, value: number): void {
  out.setFloat64(at, value);
  const high = out.getUint32(at);
  if (high >= 0x80000000) {
    out.setUint32(at, ~high);
    out.setUint32(at + 4, ~out.getUint32(at + 4));
  } else out.setUint32(at, high ^ 0x80000000);
}

export function readOrderedDouble(input: DataView, at: number): number {
  const scratch = new DataView(new ArrayBuffer(8));
  const high = input.getUint32(at);
  const low = input.getUint32(at + 4);
  if (high >= 0x80000000) {
    scratch.setUint32(0, high ^ 0x80000000);
    scratch.setUint32(4, low);
  } else {
    scratch.setUint32(0, ~high);
    scratch.setUint32(4, ~low);
  }
  return scratch.getFloat64(0);
}

export function box2dToRepr(box: Box2d): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of [box.loX, box.hiX, box.loY, box.hiY].entries())
    writeOrderedDouble(view, i * 8, value);
  return bytes;
}

export function box2dFromRepr(bytes: Uint8Array): Box2d {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    loX: readOrderedDouble(view, 0),
    hiX: readOrderedDouble(view, 8),
    loY: readOrderedDouble(view, 16),
    hiY: readOrderedDouble(view, 24),
  };
}

export function box2dText(bytes: Uint8Array): string {
  const { loX, hiX, loY, hiY } = box2dFromRepr(bytes);
  return `BOX(${formatPlain(loX)} ${formatPlain(loY)},${formatPlain(hiX)} ${formatPlain(hiY)})`;
}

const NUMBER = String.raw`\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*`;
const BOX = new RegExp(String.raw`^\s*BOX\s*\(${NUMBER}${NUMBER},${NUMBER}${NUMBER}\)\s*$`, 'i');

/** `BOX(x y,x y)`, corners in any order. @throws SqlError 22P02 */
export function parseBox2d(text: string): Uint8Array {
  const match = BOX.exec(text);
  if (match === null)
    throw new SqlError(
      'invalidTextRepresentation',
      `could not parse "${text}" as type box2d: error parsing box2d: expected format BOX(x1 y1,x2 y2)`,
    );
  const [x1, y1, x2, y2] = match.slice(1).map(Number) as [number, number, number, number];
  return box2dToRepr({
    loX: Math.min(x1, x2),
    hiX: Math.max(x1, x2),
    loY: Math.min(y1, y2),
    hiY: Math.max(y1, y2),
  });
}
