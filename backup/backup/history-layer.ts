import { defined } from '../../base/invariant';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Connection } from '../../storage/ranges/connection';
import { collectedUntil, requireAfter } from '../../storage/ranges/history-reads';
import { historyStart, retiredTablesOf } from '../../storage/ranges/history-tables';
import { CATALOG_TABLE_ID, visibleTimes } from '../../storage/ranges/pushed-writes';
import { readRetiredSequence, readSequence } from '../../storage/ranges/sequence-rows';
import { compareKeys } from '../format/compare-keys';
import { encodeSequence } from '../format/datum/row-encoder';
import type { Base } from './base';
import { Changes } from './changes';
import type { DataFiles } from './data-files';
import type { LayerContents } from './layer-manifest';
import { type PairOutput, SpanOutput } from './pair-output';
import type { WrittenFile } from './part';
import { type TableSpan, tableSpans } from './part-planner';
import { Revisions, type TableEpoch } from './revisions';
import { fileMessage } from './span-writer';
import type { CompileExpressions, OpenExpressions } from './table-source';
import { TableVersions, type VersionOutput, type WrittenEpoch } from './table-versions';
import type { BackupContents } from './targets';
import { writtenTable } from './written-table';

/**
 * Layers of earlier versions: WITH revision_history all versions of pairs and descriptors since the layer before it, or since history
 * begins; AS OF SYSTEM TIME those of one time.
 */

export interface HistoryLayer {
  readonly db: Connection;
  /** At the layer's end. */
  readonly catalog: CatalogSnapshot;
  readonly contents: BackupContents;
  readonly openExpressions: OpenExpressions;
  readonly files: DataFiles;
  readonly base: Base | undefined;
  readonly endTime: bigint;
  readonly onProgress: (fraction: number) => void;
}

/** @throws SqlError snapshotTooOld (72000): what came after the layer before is no longer known */
export async function writeHistory(layer: HistoryLayer): Promise<LayerContents> {
  const { base } = layer;
  const { complete, start, revisions, tables } = known(layer);
  const written = new Map<TableDescriptor, TableDescriptor>();
  const output = (span: TableSpan, plain: PairOutput): VersionOutput => ({
    output: plain,
    after: base === undefined || span.introduced ? undefined : start,
  });
  // All of them, before the first is written: what can't be written shows at once.
  const prepared = tables.map(({ id, epochs }) => ({
    id,
    epochs,
    own: writtenEpochs(layer, id, epochs, written),
  }));
  const contents = await writeTables(prepared, written, layer, start + 1n, async (...args) =>
    output(...args),
  );
  return {
    ...contents,
    history: { revisionStartTime: complete, changes: revisions.changes(written) },
  };
}

/** The newest versions at the layer's end, or what of them differs from the chain. */
export async function writeAsOf(layer: HistoryLayer): Promise<LayerContents> {
  const { db, catalog, contents, base, endTime } = layer;
  const written = new Map<TableDescriptor, TableDescriptor>();
  const tables = contents.tables.flatMap(({ id, descriptor }) => {
    requireAfter(collectedUntil(db, id), endTime);
    const { union } = descriptor;
    if (union.case !== 'table') return [];
    const epochs = withPairs([{ from: endTime, to: undefined, table: union.value, catalog }]);
    if (epochs.length === 0) return [];
    return [{ id, epochs, own: writtenEpochs(layer, id, epochs, written) }];
  });
  return await writeTables(tables, written, layer, endTime, async (span, plain) => {
    if (base === undefined) return { output: plain, after: undefined };
    const { chain, startTime } = base;
    const about = { chain, startTime, endTime, introduced: span.introduced };
    return { output: await Changes.open(plain, span, about), after: undefined };
  });
}

interface KnownHistory {
  /** All versions after it are known. */
  readonly complete: bigint;
  /** Where the layer begins. */
  readonly start: bigint;
  readonly revisions: Revisions;
  readonly tables: readonly { readonly id: number; readonly epochs: readonly TableEpoch[] }[];
}

/** What is known of the layer's objects: some of them may be gone by its end, and are found on the way. */
function known({ db, catalog, contents, base, endTime: end }: HistoryLayer): KnownHistory {
  let ids = [CATALOG_TABLE_ID, ...contents.tables.map(({ id }) => id)];
  let complete = defined(historyStart(db), 'history');
  for (;;) {
    for (const id of ids) complete = later(complete, collectedUntil(db, id));
    if (base !== undefined) requireAfter(complete, base.startTime);
    const start = base?.startTime ?? complete + 1n;
    const revisions = Revisions.read(db, catalog, contents, { start, end });
    const tables = [...revisions.tables()]
      .map(([id, epochs]) => ({ id, epochs: withPairs(epochs) }))
      .filter(({ epochs }) => epochs.length > 0)
      .sort((a, b) => a.id - b.id);
    ids = tables.map(({ id }) => id);
    const limit = complete;
    if (ids.every((id) => collectedUntil(db, id) <= limit))
      return { complete, start, revisions, tables };
  }
}

function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** Views have none. */
const withPairs = (epochs: readonly TableEpoch[]): TableEpoch[] =>
  epochs.filter(({ table }) => table.viewQuery === '' || table.isMaterializedView);

interface HistoryTable {
  readonly id: number;
  readonly epochs: readonly TableEpoch[];
  /** None of a sequence. */
  readonly own: readonly WrittenEpoch[];
}

/** Epochs whose pairs look alike are one, but where the table's rows were replaced: until then they are kept elsewhere. */
function writtenEpochs(
  { db, endTime }: HistoryLayer,
  tableId: number,
  epochs: readonly TableEpoch[],
  written: Map<TableDescriptor, TableDescriptor>,
): WrittenEpoch[] {
  const visible = visibleTimes(db, tableId);
  const times = retiredTablesOf(db, tableId).map(({ to }) => visible(to));
  const replaced = new Set(times.filter((time) => time <= endTime));
  const made: (WrittenEpoch & { readonly form: string })[] = [];
  for (const epoch of epochs.flatMap((whole) => cut(whole, replaced))) {
    if (epoch.table.sequenceOpts !== undefined) continue;
    const table = writtenTable(epoch.table, (id) => epoch.catalog.enumMetadata(id));
    if (table.descriptor !== epoch.table) written.set(epoch.table, table.descriptor);
    const form = formOf(epoch.table, table);
    const last = made.at(-1);
    if (last?.form === form && last.epoch.to === epoch.from && !replaced.has(epoch.from))
      made[made.length - 1] = { ...last, epoch: { ...last.epoch, to: epoch.to } };
    else made.push({ epoch, written: table, form });
  }
  return made;
}

/** @param times ascending */
function cut(epoch: TableEpoch, times: Iterable<bigint>): TableEpoch[] {
  const parts: TableEpoch[] = [];
  let { from } = epoch;
  for (const to of times) {
    if (to <= from || (epoch.to !== undefined && to >= epoch.to)) continue;
    parts.push({ ...epoch, from, to });
    from = to;
  }
  return [...parts, { ...epoch, from }];
}

/** All that pairs depend on beside rows. */
function formOf(table: TableDescriptor, { encoding, indexes }: WrittenEpoch['written']): string {
  const computed = table.columns.map(({ computeExpr }) => computeExpr);
  const names = table.columns.map(({ name }) => name);
  const predicates = indexes.map(({ id, predicate }) => [id, predicate]);
  return JSON.stringify([encoding, predicates, computed, names], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

type OpenOutput = (span: TableSpan, plain: PairOutput) => Promise<VersionOutput>;

/** @param sequenceTime of the values of sequences */
async function writeTables(
  tables: readonly HistoryTable[],
  written: ReadonlyMap<TableDescriptor, TableDescriptor>,
  layer: HistoryLayer,
  sequenceTime: bigint,
  open: OpenOutput,
): Promise<LayerContents> {
  const { contents, files, onProgress } = layer;
  const descriptors = new Map<number, TableDescriptor>();
  const spans: TableSpan[] = [];
  const made: WrittenFile[] = [];
  for (const [i, table] of tables.entries()) {
    const last = table.epochs.at(-1);
    if (last !== undefined && last.to === undefined)
      descriptors.set(table.id, written.get(last.table) ?? last.table);
    spans.push(...(await writeTable(table, layer, sequenceTime, open)));
    made.push(...(await files.take()));
    onProgress((i + 1) / tables.length);
  }
  const introduced = spans.filter((span) => span.introduced);
  return { contents, descriptors, spans, introduced, files: made.map(fileMessage) };
}

const SEQUENCE_INDEX = 1;

async function writeTable(
  { id, epochs, own }: HistoryTable,
  layer: HistoryLayer,
  sequenceTime: bigint,
  open: OpenOutput,
): Promise<TableSpan[]> {
  const { base, endTime, files } = layer;
  const indexIds = new Set(own.flatMap(({ written }) => written.indexIds));
  if (own.length === 0) indexIds.add(SEQUENCE_INDEX);
  const primaryId = own.at(-1)?.written.primaryId ?? SEQUENCE_INDEX;
  const spans = tableSpans(id, [...indexIds], base);
  const outputs: (VersionOutput & { readonly span: TableSpan })[] = [];
  try {
    for (const span of spans) {
      const about = { endTime, primaryIndexOf: () => primaryId };
      const plain = new SpanOutput(span, about, (finished) => files.turn(finished));
      outputs.push({ span, ...(await open(span, plain)) });
    }
    const outputOf = (key: Uint8Array) =>
      defined(
        outputs.find(({ span }) => compareKeys(key, key.length, span.end, span.end.length) < 0),
        'the span of a key',
      );
    if (own.length > 0) await writeVersions(id, own, layer, outputOf);
    else
      for (const { table } of epochs.slice(-1)) addSequence(layer.db, table, outputs, sequenceTime);
    for (const { output } of outputs) await output.finish();
  } finally {
    for (const { output } of outputs) await output.close();
  }
  return spans;
}

async function writeVersions(
  tableId: number,
  epochs: readonly WrittenEpoch[],
  { db, endTime: end, files, openExpressions }: HistoryLayer,
  outputOf: (key: Uint8Array) => VersionOutput,
): Promise<void> {
  const compilers = new Map<CatalogSnapshot, Promise<CompileExpressions>>();
  const expressions = ({ catalog }: TableEpoch): Promise<CompileExpressions> => {
    const compiler = compilers.get(catalog) ?? openExpressions(db, catalog);
    compilers.set(catalog, compiler);
    return compiler;
  };
  const turn = () => files.turn([]);
  const versions = new TableVersions(tableId, { db, end, expressions, turn });
  try {
    for (const [i, epoch] of epochs.entries()) await versions.add(epoch, i === 0);
    await versions.write(outputOf);
  } finally {
    versions.close();
  }
}

/** Its value of now, whatever time the backup is of: what was handed out since is not handed out again. */
function addSequence(
  db: Connection,
  { id, sequenceOpts }: TableDescriptor,
  outputs: readonly VersionOutput[],
  time: bigint,
): void {
  const { increment = 1n, start = 1n } = sequenceOpts ?? {};
  const value = readSequence(db, id) ?? readRetiredSequence(db, id) ?? start - increment;
  for (const { output } of outputs.slice(0, 1))
    encodeSequence(id, value, (key, pair) =>
      output.add(key.bytes, key.length, pair.bytes, pair.length, time),
    );
}
