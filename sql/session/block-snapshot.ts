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

/** @throws SqlError serializationFailure (40001): the catalog did not stay the same for long enough */
export async function openBlockSnapshot(
  engine: Pick<EngineContext, 'catalog' | 'queries' | 'tableWrites' | 'onlookers'>,
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
