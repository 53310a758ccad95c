import { defined } from '../../../base/invariant';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import { type Connection, storeDirectory } from '../../../storage/ranges/connection';
import { readSequence, readSequenceAsOf } from '../../../storage/ranges/sequence-rows';
import type { IndexEncoder } from '../../format/datum/index-encoder';
import { encodeSequence, type PairSink } from '../../format/datum/row-encoder';
import { writeChangedRows } from '../history/changed-rows';
import type { PastTables } from '../history/past-tables';
import { RowTimes } from '../history/row-times';
import { TableVersions } from '../history/table-versions';
import { VersionParts } from '../history/version-parts';
import { type KernelIndex, kernelEntries, kernelRows, setLayout } from '../kernel/kernel-config';
import { writeWithKernel } from '../kernel/kernel-writer';
import { PairOrder } from '../kernel/pair-kernel';
import type { Base } from '../layer/base';
import type { DataFiles } from '../layer/data-files';
import { type PairOutput, SpanOutput } from '../layer/pair-output';
import { tablesIn } from '../rows/interleaves';
import { PageScan, type PageTables } from '../rows/page-scan';
import { PairSorter } from '../rows/pair-sorter';
import { RowScan, type RowSource, type Rows } from '../rows/row-scan';
import { storedColumnIds } from '../rows/table-encoding';
import {
  type CompileExpressions,
  expressionsOf,
  NO_EXPRESSIONS,
  type OpenExpressions,
} from '../rows/table-source';
import {
  isOfSystem,
  type WrittenIndex,
  type WrittenTable,
  writtenTable,
} from '../rows/written-table';
import type { SystemRows } from '../targets/system-source';
import { type Part, SEQUENCE_INDEX, type WrittenPart } from './part';

/** Between two looks at the signal and at files that wait to be written. */
const ROWS_PER_TURN = 1_000;

export interface PartWriterOptions {
  /** In a read transaction, whose snapshot is written. */
  readonly db: Connection;
  /** See `LayerOptions`. */
  readonly pages: PageTables | undefined;
  readonly catalog: CatalogSnapshot;
  readonly endTime: bigint;
  readonly files: DataFiles;
  readonly base: Base | undefined;
  readonly openExpressions: OpenExpressions;
  /** Of a full cluster, where this one writes system tables. */
  readonly systemRows?: SystemRows | undefined;
  /** Of a layer of earlier versions. */
  readonly past: () => PastTables | undefined;
}

/**
 * Writes parts of a layer: rows in the order of their keys as they are read, entries of other indexes sorted. Each index is a walk
 * of its own over what it needs of the rows.
 */
export class PartWriter {
  private readonly options: PartWriterOptions;
  private readonly tables = new Map<number, WrittenTable>();
  private compile: Promise<CompileExpressions> | undefined;
  private ofVersions: VersionParts | undefined;

  constructor(options: PartWriterOptions) {
    this.options = options;
  }

  /**
   * Another part may be begun as soon as this has resolved.
   * @returns waits until the last of the files is written
   * @throws the signal's reason; SqlError
   */
  async write(part: Part): Promise<() => Promise<WrittenPart>> {
    const { files } = this.options;
    const output = await this.open(part);
    try {
      const rowCount = await this.writePairs(part, output);
      await output.finish();
      const written = files.take();
      return async () => ({ files: await written, rowCount });
    } finally {
      await output.close();
    }
  }

  private async open(part: Part): Promise<PairOutput> {
    const { endTime, files, base } = this.options;
    const primaryId = this.primaryIdOf(part);
    const about = { endTime, primaryIndexOf: () => primaryId };
    const output = new SpanOutput(part, about, (finished) => files.turn(finished));
    if (base === undefined || part.since !== undefined) return output;
    // What came before its window is in none of them.
    if (this.options.past()?.complete !== undefined) return output;
    const { chain, startTime } = base;
    const { introduced } = part;
    const { Changes } = await import('../history/changes.js');
    return await Changes.open(output, part, { chain, startTime, endTime, introduced });
  }

  private primaryIdOf({ tableId, versions }: Part): number {
    if (versions !== undefined) return this.versionParts().primaryIdOf(tableId);
    const { sequenceOpts, primaryIndex } = this.tableOf(tableId);
    return sequenceOpts === undefined ? defined(primaryIndex, 'key').id : SEQUENCE_INDEX;
  }

  private versionParts(): VersionParts {
    const { past, ...options } = this.options;
    this.ofVersions ??= new VersionParts({
      ...options,
      past: defined(past(), 'tables of the past'),
      systemRows: options.systemRows,
      openRows: (table, { from, rowsMax }) =>
        this.rowSource(table, storedRange(table, from, rowsMax)),
      writeRows: (table, part, output) => this.writeRows(table, part, output),
    });
    return this.ofVersions;
  }

  private tableOf(id: number): TableDescriptor {
    const { catalog, systemRows } = this.options;
    const system = systemRows?.descriptor(id);
    if (system !== undefined) return system;
    const union = catalog.entry(id)?.descriptor.union;
    return defined(union?.case === 'table' ? union.value : undefined, `table ${id}`);
  }

  private async writePairs(part: Part, output: PairOutput): Promise<number> {
    if (part.versions !== undefined) return await this.versionParts().write(part, output);
    const { db, endTime } = this.options;
    const descriptor = this.tableOf(part.tableId);
    if (descriptor.sequenceOpts !== undefined) {
      const { increment, start } = descriptor.sequenceOpts;
      const unused = start - increment;
      const value = readSequence(db, descriptor.id) ?? unused;
      const { since } = part;
      const isSame =
        since !== undefined && (readSequenceAsOf(db, descriptor.id, since) ?? unused) === value;
      if (isSame) return 1;
      const sink: PairSink = (key, pair) =>
        output.add(key.bytes, key.length, pair.bytes, pair.length, endTime);
      encodeSequence(descriptor.id, value, sink);
      return 1;
    }
    const table = this.writtenTable(descriptor);
    if (part.since !== undefined) return await this.writeChanges(table, part, output);
    let rowCount = 0;
    for (const id of part.indexIds) {
      const index = table.indexes.find((each) => each.id === id);
      if (index === undefined)
        rowCount =
          table.rootId === undefined
            ? await this.writeRows(table, part, output)
            : await this.writeInterleaved(table.rootId, output);
      else await this.writeEntries(table, index, output);
    }
    return rowCount;
  }

  private writtenTable(descriptor: TableDescriptor): WrittenTable {
    const { catalog } = this.options;
    const known = this.tables.get(descriptor.id);
    const table = known ?? writtenTable(descriptor, (id) => catalog.enumMetadata(id));
    this.tables.set(descriptor.id, table);
    return table;
  }

  /** Rows of all tables that lie in the span of one, sorted. */
  private async writeInterleaved(rootId: number, output: PairOutput): Promise<number> {
    const sorter = new PairSorter(storeDirectory(this.options.db));
    try {
      let count = 0;
      for (const descriptor of tablesIn(rootId, this.options.catalog)) {
        const table = this.writtenTable(descriptor);
        count += await this.encodeRows(table, storedRange(table), output, {
          encode: (row, sink) => table.rows.encode(row, sink),
          to: sorter,
        });
      }
      await writeSorted(sorter, output);
      return count;
    } finally {
      sorter.close();
    }
  }

  /** What rows and their history tell of a span that the chain covers: see known-changes.ts. */
  private async writeChanges(table: WrittenTable, part: Part, output: PairOutput): Promise<number> {
    const { db, endTime, base, catalog } = this.options;
    const { descriptor } = table;
    const from = defined(base, 'a chain that the changes go onto').startTime;
    const indexIds = new Set(part.indexIds);
    const expressions = (): Promise<CompileExpressions> => this.expressions();
    if (isPlain(table, output)) {
      const options = { db, startTime: from, endTime, indexIds, expressions, output };
      if (await writeChangedRows(table, options)) return 0;
    }
    const versions = new TableVersions(descriptor.id, {
      db,
      end: endTime,
      indexIds,
      expressions,
      output,
      after: from,
      isNewestOnly: true,
    });
    const epoch = { from, to: undefined, table: descriptor, catalog };
    try {
      await versions.add({ epoch, written: table }, { isFirst: true, wanted: 'changed' });
      await versions.write();
      return 0;
    } finally {
      versions.close();
    }
  }

  private async writeRows(table: WrittenTable, part: Part, output: PairOutput): Promise<number> {
    const { from, rowsMax } = part;
    const range = storedRange(table, from, rowsMax);
    const encode: IndexEncoder['encode'] = (row, sink) => table.rows.encode(row, sink);
    const written = await this.writeFast(table, range, output, {
      index: kernelRows(table.encoding.rows, this.options),
      order: PairOrder.inOrder,
      encode,
    });
    if (written !== undefined) return written;
    return await this.encodeRows(table, range, output, {
      encode,
      to: output,
    });
  }

  private async writeEntries(
    table: WrittenTable,
    index: WrittenIndex,
    output: PairOutput,
  ): Promise<void> {
    const { primaryKey } = table.encoding.rows;
    const keyIds = primaryKey.map(({ columnId }) => columnId);
    const columnIds = new Set([...index.columnIds, ...keyIds]);
    const rowsMax = Number.MAX_SAFE_INTEGER;
    const { predicate, encoded, encoder } = index;
    const range = { columnIds, from: undefined, rowsMax, predicate };
    const encode: IndexEncoder['encode'] = (row, sink) => encoder.encode(row, sink);
    const written = await this.writeFast(table, range, output, {
      index: kernelEntries(table.encoding.rows, encoded, this.options),
      order: PairOrder.sorted,
      encode,
    });
    if (written !== undefined) return;
    const sorter = new PairSorter(storeDirectory(this.options.db));
    try {
      await this.encodeRows(table, range, output, {
        encode,
        to: sorter,
      });
      await writeSorted(sorter, output);
    } finally {
      sorter.close();
    }
  }

  /** Pairs of row after row, each with the row's time. @returns rows */
  private async encodeRows(
    table: WrittenTable,
    range: ScanRange,
    output: PairOutput,
    { encode, to }: RowPairs,
  ): Promise<number> {
    const timeSlot = table.encoding.rows.columns.length;
    const rows = await this.scan(table, range);
    const times = new RowTimes(this.options.endTime);
    let timestamp: bigint | string = 0n;
    const sink: PairSink = (key, value) =>
      to.add(key.bytes, key.length, value.bytes, value.length, timestamp);
    let count = 0;
    try {
      while (rows.next()) {
        timestamp = times.of(rows.row, timeSlot);
        encode(rows.row, sink);
        if (++count % ROWS_PER_TURN === 0) await output.turn();
      }
      return count;
    } finally {
      rows.close();
    }
  }

  /** With the kernel. @returns rows; undefined: nothing has been written */
  private async writeFast(
    table: WrittenTable,
    range: ScanRange,
    output: PairOutput,
    { index, order, encode }: FastIndex,
  ): Promise<number | undefined> {
    if (index === undefined || !isPlain(table, output)) return undefined;
    const rows = await this.rowSource(table, range);
    try {
      const isOfPages = index.isKnown && rows instanceof PageScan;
      if (isOfPages && !setLayout(index.config, rows.layout)) return undefined;
      const timeSlot = table.encoding.rows.columns.length;
      const { db, endTime } = this.options;
      const temporaryDirectory = storeDirectory(db);
      const pairs = { index, encode, timeSlot };
      return await writeWithKernel(rows, output, pairs, { order, endTime, temporaryDirectory });
    } finally {
      rows.close();
    }
  }

  private async scan(table: WrittenTable, range: ScanRange): Promise<Rows> {
    const { endTime, systemRows, catalog } = this.options;
    if (!isOfSystem(table)) return await this.rowSource(table, range);
    return defined(systemRows, 'rows of system tables').of(table.descriptor, endTime, catalog);
  }

  private async rowSource(
    { descriptor, encoding }: WrittenTable,
    { predicate = '', ...range }: ScanRange,
  ): Promise<RowSource> {
    const { db, endTime, pages } = this.options;
    const { columnIds } = range;
    const wanted = { columnIds, predicate };
    const compile = (): Promise<CompileExpressions> => this.expressions();
    const expressions = await expressionsOf(descriptor, encoding, wanted, compile);
    const table = expressions === NO_EXPRESSIONS ? pages?.of(descriptor.id, encoding) : undefined;
    if (table !== undefined) return new PageScan(table, range.from, range.rowsMax);
    return new RowScan(db, { tableId: descriptor.id, encoding, expressions, endTime, ...range });
  }

  private expressions(): Promise<CompileExpressions> {
    const { db, catalog, openExpressions } = this.options;
    this.compile ??= openExpressions(db, catalog);
    return this.compile;
  }
}

interface RowPairs {
  readonly encode: IndexEncoder['encode'];
  readonly to: Pick<PairOutput, 'add'>;
}

async function writeSorted(sorter: PairSorter, output: PairOutput): Promise<void> {
  let count = 0;
  for (const pair of sorter.sorted()) {
    output.add(pair.key, pair.key.length, pair.value, pair.value.length, pair.timestamp);
    if (++count % ROWS_PER_TURN === 0) await output.turn();
  }
}

/** Of whole rows. */
function storedRange(
  { encoding }: WrittenTable,
  from?: Part['from'],
  rowsMax = Number.MAX_SAFE_INTEGER,
): ScanRange {
  return { columnIds: storedColumnIds(encoding), from, rowsMax };
}

interface FastIndex {
  /** Undefined: not with the kernel. */
  readonly index: KernelIndex | undefined;
  /** A `PairOrder`. */
  readonly order: number;
  readonly encode: IndexEncoder['encode'];
}

/** Whether the kernel can write to it. */
const isPlain = (table: WrittenTable, output: PairOutput): output is SpanOutput =>
  output instanceof SpanOutput && !isOfSystem(table);

interface ScanRange {
  readonly columnIds: ReadonlySet<number>;
  readonly from: Part['from'] | undefined;
  readonly rowsMax: number;
  readonly predicate?: string;
}
