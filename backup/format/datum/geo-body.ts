import type { DatumReader } from './datum-reader';

/**
 * SpatialObject, a protobuf message: {1 type, 2 ewkb, 3 srid, 4 shape, 5 bounding box}. Only the EWKB is stored;
 * the rest follows from it.
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const EWKB_FIELD = 2;

function skipVarint(reader: DatumReader): void {
  for (let i = 0; i < 10; i++) if (reader.u8() < 0x80) return;
  reader.fail('varint too long');
}

/** The EWKB of the message that ends at `end`; a copy. */
export function readGeoBody(reader: DatumReader, end: number): Uint8Array {
  let ewkb: Uint8Array = new Uint8Array(0);
  while (reader.position < end) {
    const key = reader.uleb();
    switch (key & 7) {
      case VARINT:
        skipVarint(reader);
        break;
      case FIXED64:
        reader.take(8);
        break;
      case FIXED32:
        reader.take(4);
        break;
      case LENGTH_DELIMITED: {
        const length = reader.uleb();
        if (key >>> 3 === EWKB_FIELD) ewkb = reader.copy(length);
        else reader.take(length);
        break;
      }
      default:
        reader.fail('unknown wire type in a spatial object');
    }
  }
  if (reader.position !== end) reader.fail('spatial object exceeds its length');
  return ewkb;
}
