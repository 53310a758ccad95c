import { defined } from '../../base/invariant';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Connection } from '../../storage/ranges/connection';
import { collectedUntil, requireAfter } from '../../storage/ranges/history-reads';
import { historyStart, retiredTablesOf } from '../../storage/ranges/history-tables';
import { META_TABLE_ID } from '../../storage/ranges/meta-history';
import { requireMetaHistory } from '../../storage/ranges/meta-history-reads';
import { CATALOG_TABLE_ID, visibleTimes } from '../../storage/ranges/pushed-writes';
import { readSequenceAsOf, sequenceChanges } from '../../storage/ranges/sequence-rows';
import { compareKeys } from '../format/compare-keys';
import { encodeSequence } from '../format/datum/row-encoder';
import type { Base } from './base';
import { Changes } from './changes';
import type { DataFiles } from './data-files';
import { type IndexBuild, indexBuild } from './index-builds';
import type { LayerContents } from './layer-manifest';
import { type PairOutput, SpanOutput } from './pair-output';
import type { WrittenFile } from './part';
import { type TableSpan, tableSpans } from './part-planner';
import { Revisions, type TableEpoch, type Window } from './revisions';
import { fileMessage } from './span-writer';
import { type CatalogTimes, SystemRows } from './system-source';
import type { CompileExpressions, OpenExpressions } from './table-source';
import { TableVersions, type VersionOutput, type WrittenEpoch } from './table-versions';
import type { BackupContents } from './targets';
import { type WrittenTable, writtenTable } from './written-table';

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
  /** Tables whose pairs are written otherwise. */
  readonly elsewhere?: ReadonlySet<number>;
  readonly onProgress: (fraction: number) => void;
}

/** @throws SqlError snapshotTooOld (72000): what came after the layer before is no longer known */
export async function writeHistory(layer: HistoryLayer): Promise<LayerContents> {
  const { base } = layer;
  const { complete, start, revisions, tables } = known(layer);
  const forms = new WrittenForms(layer);
  const output = (span: TableSpan, plain: PairOutput): VersionOutput => ({
    output: plain,
    after: base === undefined || span.introduced ? undefined : start,
  });
  // All of them, before the first is written: what can't be written shows at once.
  const prepared = tables.map(({ id, epochs }) => ({
    id,
    epochs,
    own: forms.of(id, epochs),
  }));
  const window = { start, end: layer.endTime };
  const work = {
    ...layer,
    window,
    forms,
    catalogTimes: revisions.catalogTimes,
  };
  const contents = await writeTables(prepared, work, async (...args) => output(...args));
  return {
    ...contents,
    history: { revisionStartTime: complete, changes: revisions.changes(forms.written) },
  };
}

/** The newest versions at the layer's end, or what of them differs from the chain. */
export async function writeAsOf(layer: HistoryLayer): Promise<LayerContents> {
  const { db, catalog, contents, base, endTime } = layer;
  requireMetaHistory(db, endTime);
  const forms = new WrittenForms(layer);
  const tables = contents.tables.flatMap(({ id, descriptor }) => {
    requireAfter(collectedUntil(db, id), endTime);
    const { union } = descriptor;
    if (union.case !== 'table') return [];
    const epochs = withPairs([{ from: endTime, to: undefined, table: union.value, catalog }]);
    if (epochs.length === 0) return [];
    return [{ id, epochs, own: forms.of(id, epochs) }];
  });
  const window = { start: endTime, end: endTime };
  const work = { ...layer, window, forms, catalogTimes: { at: () => catalog, times: [] } };
  return await writeTables(tables, work, async (span, plain) => {
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
  let ids = [CATALOG_TABLE_ID, META_TABLE_ID, ...contents.tables.map(({ id }) => id)];
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

/** How tables were written in the course of the layer. */
class WrittenForms {
  /** Descriptors in another form than the catalog has them in, by the catalog's. */
  readonly written = new Map<TableDescriptor, TableDescriptor>();
  /** Of a full cluster. */
  readonly systemRows: SystemRows | undefined;
  private readonly builds: IndexBuild[] = [];
  private readonly db: Connection;
  private readonly endTime: bigint;

  constructor({ db, contents: { system }, endTime }: HistoryLayer) {
    this.db = db;
    this.endTime = endTime;
    this.systemRows = system.length === 0 ? undefined : new SystemRows(db, this.builds);
  }

  /** Epochs whose pairs look alike are one, but where the table's rows were replaced: until then they are kept elsewhere. */
  of(tableId: number, epochs: readonly TableEpoch[]): WrittenEpoch[] {
    const { db, endTime } = this;
    const visible = visibleTimes(db, tableId);
    const times = retiredTablesOf(db, tableId).map(({ to }) => visible(to));
    const replaced = new Set(times.filter((time) => time <= endTime));
    const made: (WrittenEpoch & { readonly form: string })[] = [];
    for (const epoch of epochs.flatMap((whole) => cut(whole, replaced))) {
      if (epoch.table.sequenceOpts !== undefined) continue;
      const table = this.formOf(epoch);
      const form = pairForm(epoch.table, table);
      const last = made.at(-1);
      if (last?.form === form && last.epoch.to === epoch.from && !replaced.has(epoch.from))
        made[made.length - 1] = { ...last, epoch: { ...last.epoch, to: epoch.to } };
      else made.push({ epoch, written: table, form });
    }
    return made;
  }

  private formOf(epoch: TableEpoch): WrittenTable {
    const table = writtenTable(epoch.table, (id) => epoch.catalog.enumMetadata(id));
    if (table.descriptor !== epoch.table) this.written.set(epoch.table, table.descriptor);
    const build = this.systemRows === undefined ? undefined : indexBuild(table, epoch);
    if (build !== undefined) this.builds.push(build);
    return table;
  }
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
function pairForm(table: TableDescriptor, { encoding, indexes }: WrittenTable): string {
  const computed = table.columns.map(({ computeExpr }) => computeExpr);
  const names = table.columns.map(({ name }) => name);
  const predicates = indexes.map(({ id, predicate }) => [id, predicate]);
  return JSON.stringify([encoding, predicates, computed, names], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}

type OpenOutput = (span: TableSpan, plain: PairOutput) => Promise<VersionOutput>;

interface HistoryWork extends HistoryLayer {
  /** Versions that were there at its start begin with it. */
  readonly window: Window;
  readonly forms: WrittenForms;
  readonly catalogTimes: CatalogTimes;
}

async function writeTables(
  tables: readonly HistoryTable[],
  layer: HistoryWork,
  open: OpenOutput,
): Promise<LayerContents> {
  const { contents, files, onProgress, forms } = layer;
  const descriptors = new Map<number, TableDescriptor>();
  const spans: TableSpan[] = [];
  const made: WrittenFile[] = [];
  for (const [i, table] of tables.entries()) {
    const last = table.epochs.at(-1);
    if (last !== undefined && last.to === undefined)
      descriptors.set(table.id, forms.written.get(last.table) ?? last.table);
    if (layer.elsewhere?.has(table.id) === true) continue;
    spans.push(...(await writeTable(table, layer, open)));
    made.push(...(await files.take()));
    onProgress((i + 1) / tables.length);
  }
  const introduced = spans.filter((span) => span.introduced);
  return { contents, descriptors, spans, introduced, files: made.map(fileMessage) };
}

const SEQUENCE_INDEX = 1;
const NO_INDEX = 0;

async function writeTable(
  { id, epochs, own }: HistoryTable,
  layer: HistoryWork,
  open: OpenOutput,
): Promise<TableSpan[]> {
  const { base, endTime, files } = layer;
  const indexIds = new Set(own.flatMap(({ written }) => written.indexIds));
  if (own.length === 0) indexIds.add(SEQUENCE_INDEX);
  // Rows are what the layer's last descriptors call so: those of a table that is gone are counted as entries, as CockroachDB does.
  const isGone = epochs.at(-1)?.to !== undefined;
  const primaryId = isGone ? NO_INDEX : (own.at(-1)?.written.primaryId ?? SEQUENCE_INDEX);
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
    await writeVersions({ id, epochs, own }, layer, outputOf);
    for (const { output } of outputs) await output.finish();
  } finally {
    for (const { output } of outputs) await output.close();
  }
  return spans;
}

async function writeVersions(
  { id, epochs, own }: HistoryTable,
  { db, endTime: end, files, openExpressions, forms, window, catalogTimes }: HistoryWork,
  outputOf: (key: Uint8Array) => VersionOutput,
): Promise<void> {
  const compilers = new Map<CatalogSnapshot, Promise<CompileExpressions>>();
  const expressions = ({ catalog }: TableEpoch): Promise<CompileExpressions> => {
    const compiler = compilers.get(catalog) ?? openExpressions(db, catalog);
    compilers.set(catalog, compiler);
    return compiler;
  };
  const turn = () => files.turn([]);
  const versions = new TableVersions(id, { db, end, expressions, turn });
  const { systemRows } = forms;
  const system = systemRows?.descriptor(id);
  try {
    if (own.length === 0) addSequence(db, epochs, window, versions);
    for (const [i, epoch] of own.entries()) {
      if (systemRows === undefined || system === undefined) await versions.add(epoch, i === 0);
      else versions.addGiven(epoch.written, systemRows.versions(system, window, catalogTimes));
    }
    await versions.write(outputOf);
  } finally {
    versions.close();
  }
}

/** Its values: of one that was not advanced yet, that before its first. */
function addSequence(
  db: Connection,
  epochs: readonly TableEpoch[],
  { start, end }: Window,
  versions: TableVersions,
): void {
  for (const { from, to, table } of epochs) {
    const { id, sequenceOpts } = table;
    const { increment = 1n, start: first = 1n } = sequenceOpts ?? {};
    const last = to === undefined || to > end ? undefined : to;
    const add = (value: bigint | undefined, time: bigint): void =>
      encodeSequence(id, value ?? first - increment, (key, pair) =>
        versions.addPair(key, pair, time, last),
      );
    const began = from > start ? from : start;
    add(readSequenceAsOf(db, id, began), began);
    for (const { time, value } of sequenceChanges(db, id, began)) {
      if (time > end || (last !== undefined && time >= last)) break;
      add(value, time);
    }
  }
}
