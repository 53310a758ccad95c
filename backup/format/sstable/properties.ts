import { ByteReader } from '../../../base/byte-reader';
import { CorruptionError, notSupported } from '../../../base/errors';
import { RowBlockIterator } from './row-block';

/**
 * The properties block: names to raw bytes. What is not here is of no use to a reader.
 * Every property may be absent; Pebble itself opens tables without any.
 */
export interface TableProperties {
  /** All of them, for `inspect`. */
  readonly all: ReadonlyMap<string, Uint8Array>;
  /** Two-level: the index block's entries point to further index blocks. */
  readonly twoLevelIndex: boolean;
  readonly entryCount: number | undefined;
  readonly dataBlockCount: number | undefined;
  readonly rangeDeletionCount: number | undefined;
}

const NAME = {
  comparator: 'rocksdb.comparator',
  indexType: 'rocksdb.block.based.table.index.type',
  indexKeyIsUserKey: 'rocksdb.index.key.is.user.key',
  indexValueIsDelta: 'rocksdb.index.value.is.delta.encoded',
  entries: 'rocksdb.num.entries',
  dataBlocks: 'rocksdb.num.data.blocks',
  rangeDeletions: 'rocksdb.num.range-deletions',
} as const;

const COMPARATOR = 'cockroach_comparator';
const INDEX_TWO_LEVEL = 2;

export const NO_PROPERTIES: TableProperties = {
  all: new Map(),
  twoLevelIndex: false,
  entryCount: undefined,
  dataBlockCount: undefined,
  rangeDeletionCount: undefined,
};

/**
 * @throws CorruptionError; SqlError featureNotSupported for tables that are sorted or indexed in
 * another way
 */
export function decodeProperties(block: Uint8Array, offset: number, file: string): TableProperties {
  const all = new Map<string, Uint8Array>();
  const it = new RowBlockIterator(file);
  it.reset(block, offset);
  while (it.next()) all.set(Buffer.from(it.key).toString('latin1'), it.value);

  const comparator = all.get(NAME.comparator);
  if (comparator !== undefined && Buffer.from(comparator).toString('latin1') !== COMPARATOR)
    throw new CorruptionError(file, offset, `not sorted by ${COMPARATOR}`);
  const number = (name: string): number | undefined => {
    const bytes = all.get(name);
    return bytes === undefined ? undefined : new ByteReader(bytes, file, offset).uvarint();
  };
  if (number(NAME.indexKeyIsUserKey) || number(NAME.indexValueIsDelta))
    throw notSupported(`the index format of SSTable ${file}`);
  return {
    all,
    twoLevelIndex: indexType(all, offset, file) === INDEX_TWO_LEVEL,
    entryCount: number(NAME.entries),
    dataBlockCount: number(NAME.dataBlocks),
    rangeDeletionCount: number(NAME.rangeDeletions),
  };
}

function indexType(all: ReadonlyMap<string, Uint8Array>, offset: number, file: string): number {
  const bytes = all.get(NAME.indexType);
  if (bytes === undefined) return 0;
  const type = new ByteReader(bytes, file, offset).u32le();
  if (type !== 0 && type !== INDEX_TWO_LEVEL)
    throw new CorruptionError(file, offset, `unknown index type ${type}`);
  return type;
}
