import { SqlError } from '../../base/errors';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { EngineContext } from '../engine-context';
import type { PinnedSnapshot } from '../execute/snapshots';
import { SeenReads } from './seen-reads';
import { changedSince } from './touched-tables';
import type { HeldSnapshot, TransactionState } from './transaction';
import type { OpenWriter } from './write-block';

/** Rows and catalog of one moment: what the queries of a transaction block see. */
export interface BlockSnapshot extends HeldSnapshot {
  readonly rows: PinnedSnapshot;
  readonly catalog: CatalogSnapshot;
  /** Commits before it: see TableWrites. */
  readonly position: number;
  /** See Onlookers. */
  readonly era: number;
  /** Tables are read as they were then; undefined: as they are. */
  readonly asOf?: bigint;
  /** Tables that the block's statements have named. */
  readonly reads: Set<number>;
  /** What its queries were answered. */
  readonly seen?: SeenReads;
  /** It does not stand still: it waits for the write lock. */
  awaitTurn?(): void;
  /** Set from the block's first write on. */
  readonly writing?: OpenWriter;
}

/** Of the queries that run on it from now on. */
function seenOn(rows: PinnedSnapshot): SeenReads {
  const seen = new SeenReads();
  rows.onOpen = () => seen.expect();
  rows.onRead = (query, answer) => {
    seen.note(query, answer);
    rows.isFull = seen.isFull;
  };
  return seen;
}

/** Schema changes are rare: a second try nearly always finds none in between. */
const ATTEMPTS_MAX = 10;

type SnapshotEngine = Pick<
  EngineContext,
  'catalog' | 'queries' | 'tableWrites' | 'onlookers' | 'writeLock'
>;

/** While nobody is at descriptors the block need not wait for its snapshot: who wants to be waits for that instead. */
function beginPinned(engine: SnapshotEngine): BlockSnapshot | undefined {
  const unpin = engine.writeLock.pinCatalog?.();
  if (unpin === undefined) return undefined;
  try {
    const catalog = engine.catalog.snapshot();
    const { position } = engine.tableWrites;
    const rows = engine.queries.beginSnapshot();
    void rows.opened.catch(() => undefined).finally(unpin);
    let era: number | undefined;
    void rows.opened.then(
      () => {
        era = engine.onlookers.era;
      },
      () => undefined,
    );
    return {
      rows,
      catalog,
      position,
      // Until its rows are fixed they may be those of now.
      get era() {
        return era ?? engine.onlookers.era;
      },
      reads: new Set(),
      seen: seenOn(rows),
      close: () => rows.close(),
    };
  } catch (error) {
    unpin();
    throw error;
  }
}

/** A block that stands still for so long in the main thread goes on in a query thread: soon after its rows were fixed they still hold. */
const INLINE_IDLE_MS = 50;

/** In the main thread, for as long as the block's statements are short. Undefined: it can't be there now. */
function beginInline(
  engine: SnapshotEngine,
  transaction: Pick<TransactionState<BlockSnapshot>, 'goneToThread'>,
): BlockSnapshot | undefined {
  const catalog = engine.catalog.snapshot();
  const { position } = engine.tableWrites;
  const rows = engine.queries.beginInlineSnapshot();
  if (rows === undefined) return undefined;
  if (engine.catalog.snapshot().version !== catalog.version) {
    rows.close();
    return undefined;
  }
  const seen = seenOn(rows);
  const sight = { position, era: engine.onlookers.era };
  let stoodStill = false;
  const idle = setTimeout(() => {
    stoodStill = true;
    rows.goToThread().catch(() => undefined); // it stays, then
  }, INLINE_IDLE_MS);
  idle.unref();
  const block: BlockSnapshot = {
    rows,
    catalog,
    get position() {
      return sight.position;
    },
    get era() {
      return sight.era;
    },
    seen,
    reads: new Set(),
    awaitTurn: () => clearTimeout(idle),
    close() {
      clearTimeout(idle);
      rows.close();
    },
  };
  rows.onLeave = async () => {
    clearTimeout(idle);
    if (!stoodStill) transaction.goneToThread();
    const there = await openAgain(engine, block, seen);
    rows.become(there.rows);
    Object.assign(sight, { position: there.position, era: there.era });
  };
  return block;
}

/** Rows of now in a query thread, for a block whose reads hold there. @throws SqlError serializationFailure (40001) */
async function openAgain(
  engine: SnapshotEngine,
  block: BlockSnapshot,
  seen: SeenReads,
): Promise<BlockSnapshot & { readonly rows: PinnedSnapshot }> {
  const there = await openFixedSnapshot(engine);
  try {
    if (there.catalog.version !== block.catalog.version)
      throw changedSince('the schema was changed');
    const holds = seen.isWhole
      ? await seen.hold(engine.queries, there.rows)
      : isUntouched(engine, block);
    if (!holds) throw changedSince('what the transaction has read was changed');
    await engine.onlookers.note({ reads: undefined }, block.reads, there);
    return there;
  } catch (error) {
    there.close();
    throw error;
  }
}

/** Nobody has written to the tables that the block has read, nor is about to. */
function isUntouched({ tableWrites, writeLock }: SnapshotEngine, block: BlockSnapshot): boolean {
  const lease = writeLock.tryAcquire('block');
  lease?.release();
  if (lease === undefined) return false;
  return tableWrites.writtenSince(block.position, block.reads) === undefined;
}

/** @throws SqlError serializationFailure (40001): the catalog did not stay the same for long enough */
export async function openBlockSnapshot(
  engine: SnapshotEngine,
  transaction: Pick<TransactionState<BlockSnapshot>, 'isInline' | 'goneToThread'>,
  isReadOnly: boolean,
): Promise<BlockSnapshot> {
  // Who only reads is not to be told that its rows are not those of now: a thread keeps them for any query.
  const inline = transaction.isInline && !isReadOnly ? beginInline(engine, transaction) : undefined;
  return inline ?? beginPinned(engine) ?? (await openFixedSnapshot(engine));
}

/** The same, open when it is given. @throws SqlError as `openBlockSnapshot` */
export async function openFixedSnapshot(
  engine: Omit<SnapshotEngine, 'writeLock'>,
): Promise<BlockSnapshot & { readonly rows: PinnedSnapshot }> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const catalog = engine.catalog.snapshot();
    const { position } = engine.tableWrites;
    const rows = await engine.queries.openSnapshot();
    // Versions only grow: when it is still the same, it was so when the rows were fixed.
    if (engine.catalog.snapshot().version === catalog.version) {
      const { era } = engine.onlookers;
      const seen = seenOn(rows);
      return { rows, catalog, position, era, reads: new Set(), seen, close: () => rows.close() };
    }
    rows.close();
  }
  throw new SqlError('serializationFailure', 'restart transaction: the catalog keeps changing');
}
