import { SqlError } from '../../base/errors';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { EngineContext } from '../engine-context';
import type { Snapshot } from '../execute/snapshots';
import type { HeldSnapshot } from './transaction';
import type { OpenWriter } from './write-block';

/** Rows and catalog of one moment: what the queries of a transaction block see. */
export interface BlockSnapshot extends HeldSnapshot {
  readonly rows: Snapshot;
  readonly catalog: CatalogSnapshot;
  /** Commits before it: see TableWrites. */
  readonly position: number;
  /** See Onlookers. */
  readonly era: number;
  /** Tables are read as they were then; undefined: as they are. */
  readonly asOf?: bigint;
  /** Tables that the block's statements have named. */
  readonly reads: Set<number>;
  /** Set from the block's first write on. */
  readonly writing?: OpenWriter;
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
      close: () => rows.close(),
    };
  } catch (error) {
    unpin();
    throw error;
  }
}

/** @throws SqlError serializationFailure (40001): the catalog did not stay the same for long enough */
export async function openBlockSnapshot(engine: SnapshotEngine): Promise<BlockSnapshot> {
  return beginPinned(engine) ?? (await openFixedSnapshot(engine));
}

/** The same, open when it is given. @throws SqlError as `openBlockSnapshot` */
export async function openFixedSnapshot(
  engine: Omit<SnapshotEngine, 'writeLock'>,
): Promise<BlockSnapshot> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const catalog = engine.catalog.snapshot();
    const { position } = engine.tableWrites;
    const rows = await engine.queries.openSnapshot();
    // Versions only grow: when it is still the same, it was so when the rows were fixed.
    if (engine.catalog.snapshot().version === catalog.version) {
      const { era } = engine.onlookers;
      return { rows, catalog, position, era, reads: new Set(), close: () => rows.close() };
    }
    rows.close();
  }
  throw new SqlError('serializationFailure', 'restart transaction: the catalog keeps changing');
}
