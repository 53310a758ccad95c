import { ByteReader } from '../../../base/byte-reader';
import { notSupported } from '../../../base/errors';
import { type BlockHandle, readBlockHandle } from './block-handle';

/**
 * The last bytes of an SSTable; everything else is found from here.
 *
 *   LevelDB, 48 bytes                          RocksDB 2, Pebble 1 to 4, 53 bytes
 *    0  40  metaindex and index handles,        0   1  checksum type
 *           zero padded                         1  40  metaindex and index handles, zero padded
 *   40   8  magic                              41   4  version, LE
 *                                              45   8  magic
 *
 * Backups of 1.0 to 20.2 are LevelDB, 21.1 and 21.2 RocksDB 2, later ones Pebble 1 or 2.
 * Source: LevelDB's table format, pebble sstable/table.go.
 */

export const FOOTER_BYTES_MAX = 53;
const LEVELDB_BYTES = 48;
const MAGIC_BYTES = 8;

const MAGIC = {
  leveldb: '57fb808b247547db',
  rocksdb: 'f7cff485b741e288',
  pebble: 'f09faab3f09faab3',
} as const;

export type TableFamily = keyof typeof MAGIC;

/**
 * How blocks are checked. Source: RocksDB's ChecksumType; no release of CockroachDB writes 0 or
 * 2.
 */
export const ChecksumType = { crc32c: 1, xxhash64: 3 } as const;
export type ChecksumType = (typeof ChecksumType)[keyof typeof ChecksumType];

export interface Footer {
  readonly family: TableFamily;
  /** Format version within the family; 0 for LevelDB. */
  readonly version: number;
  readonly checksumType: ChecksumType;
  readonly metaindex: BlockHandle;
  readonly index: BlockHandle;
  /** Of the footer itself. */
  readonly lengthBytes: number;
}

/** The last Pebble version whose blocks hold rows; 5 and later are columnar. */
const PEBBLE_VERSION_MAX = 4;

/**
 * @param tail the last bytes of the file, at least `FOOTER_BYTES_MAX` unless the file is shorter
 * @param tailOffset of `tail` in the file
 * @throws CorruptionError; SqlError featureNotSupported for tables of later releases
 */
export function decodeFooter(tail: Uint8Array, tailOffset: number, file: string): Footer {
  const whole = new ByteReader(tail, file, tailOffset);
  if (tail.length < LEVELDB_BYTES) whole.fail('too short for an SSTable');
  const magic = Buffer.from(tail.subarray(tail.length - MAGIC_BYTES)).toString('hex');
  if (magic === MAGIC.leveldb) {
    const reader = lastBytes(tail, tailOffset, file, LEVELDB_BYTES);
    return {
      family: 'leveldb',
      version: 0,
      checksumType: ChecksumType.crc32c,
      metaindex: readBlockHandle(reader),
      index: readBlockHandle(reader),
      lengthBytes: LEVELDB_BYTES,
    };
  }
  const family =
    magic === MAGIC.rocksdb ? 'rocksdb' : magic === MAGIC.pebble ? 'pebble' : undefined;
  if (family === undefined) {
    whole.skip(tail.length - MAGIC_BYTES);
    return whole.fail(`not an SSTable: magic is ${magic}`);
  }
  return decodeLongFooter(family, lastBytes(tail, tailOffset, file, FOOTER_BYTES_MAX));
}

function decodeLongFooter(family: 'rocksdb' | 'pebble', reader: ByteReader): Footer {
  const version = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + 41, 4).getUint32(
    0,
    true,
  );
  if (family === 'pebble' && version > PEBBLE_VERSION_MAX)
    throw notSupported(`reading SSTables of Pebble format ${version} (${reader.file})`);
  if (family === 'rocksdb' ? version !== 2 : version < 1)
    reader.fail(`unknown ${family} table version ${version}`);
  const checksumType = reader.u8();
  if (checksumType !== ChecksumType.crc32c && checksumType !== ChecksumType.xxhash64)
    return reader.fail(`unknown checksum type ${checksumType}`);
  return {
    family,
    version,
    checksumType,
    metaindex: readBlockHandle(reader),
    index: readBlockHandle(reader),
    lengthBytes: FOOTER_BYTES_MAX,
  };
}

function lastBytes(tail: Uint8Array, tailOffset: number, file: string, count: number): ByteReader {
  const start = tail.length - count;
  if (start < 0) new ByteReader(tail, file, tailOffset).fail('too short for its footer');
  return new ByteReader(tail.subarray(start), file, tailOffset + start);
}
