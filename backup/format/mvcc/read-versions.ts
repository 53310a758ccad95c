import { notSupported } from '../../../base/errors';
import { limits } from '../../../base/limits';
import { TableCursor, type TableSpan } from './table-cursor';
import { type HlcTime, VersionIterator } from './version-iterator';

/** With many tables each reads less ahead; this much at least. */
const READ_BYTES_MIN = 64 << 10;

/**
 * Reads the rows of a backup chain as of a time: for each key of the spans the newest version
 * that is not newer than `asOf`, unless it is a tombstone. Tables may come from any layers, in
 * any order, and may overlap.
 *
 *   for await (const versions of readVersions(spans, asOf))
 *     while (versions.next()) decoder.row(versions.key, versions.data, versions.tag);
 *
 * Each step of the outer loop has loaded more blocks of the same iterator; memory is bounded by
 * two reads of `limits.readBytesTarget` in all, or a block a table. Value checksums are verified.
 * @throws CorruptionError; SqlError featureNotSupported for tables that hold range keys
 */
export async function* readVersions(
  spans: readonly TableSpan[],
  asOf: HlcTime | undefined,
): AsyncGenerator<VersionIterator, void, undefined> {
  for (const { table } of spans) {
    if (table.rangeEntries !== 'none')
      throw notSupported(
        `restoring ${table.rangeEntries} (SSTable ${table.file.name})`,
        'restore this backup with CockroachDB',
      );
  }
  const readBytes = Math.max(READ_BYTES_MIN, limits.readBytesTarget / Math.max(1, spans.length));
  const cursors = spans.map((span) => new TableCursor(span, readBytes));
  try {
    const versions = new VersionIterator(cursors, asOf);
    let open = cursors.length;
    for (;;) {
      for (let cursor = versions.exhausted.pop(); cursor; cursor = versions.exhausted.pop()) {
        if (await cursor.load()) versions.resume(cursor);
        else open--;
      }
      if (open === 0) return;
      yield versions;
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}
