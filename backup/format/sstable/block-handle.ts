import type { ByteReader } from '../../../base/byte-reader';

/**
 * Where a block lies in its file: two unsigned varints, offset and length. The length is that of
 * the stored block without its trailer.
 */
export interface BlockHandle {
  readonly offset: number;
  readonly length: number;
}

export function readBlockHandle(reader: ByteReader): BlockHandle {
  return { offset: reader.uvarint(), length: reader.uvarint() };
}
