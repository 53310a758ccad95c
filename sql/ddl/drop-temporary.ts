import type { CatalogSnapshot } from '../../catalog/snapshot';
import { isTemporarySchema } from '../../catalog/temporary';
import { transact } from '../../storage/ranges/write-transaction';
import type { EngineContext } from '../engine-context';
import { bindContext } from '../session/compile-query';
import { SessionSettings } from '../session/settings';
import { temporarySchemaOf } from '../session/temporary-schemas';
import { dropSchema } from './drop';
import { type DdlRun, runBody } from './run';

/** Temporary objects end with their session. */

/** Drops a session's temporary objects, in every database. */
export function dropTemporaryObjects(schema: string, run: DdlRun): void {
  for (const database of schemasNamed((name) => name === schema, run.catalog)) {
    const name = { parts: [database.database, database.schema], location: 0 };
    dropSchema(name, { ifExists: true, behavior: 'cascade' }, run);
  }
}

function schemasNamed(
  matches: (name: string) => boolean,
  catalog: CatalogSnapshot,
): { readonly database: string; readonly schema: string }[] {
  return [...catalog.entries()].flatMap((entry) =>
    entry.kind === 'schema' && matches(entry.name)
      ? [{ database: catalog.databaseName(entry.databaseId), schema: entry.name }]
      : [],
  );
}

/** How long the end of a session waits for its turn to write; what it leaves is dropped when the server starts again. */
const WAIT_MS = 30_000;

/**
 * After a session: drops what it made temporarily. When the server starts: what sessions of an earlier process left.
 * @param session undefined: of all
 */
export async function dropTemporarySchemas(
  engine: EngineContext,
  session: SessionSettings | undefined,
): Promise<void> {
  const own = session === undefined ? undefined : temporarySchemaOf(session);
  const matches = (name: string): boolean =>
    own === undefined ? isTemporarySchema(name) : name === own;
  const found = (): string[] =>
    schemasNamed(matches, engine.catalog.snapshot()).map(({ schema }) => schema);
  if (found().length === 0) return;
  const lease = await engine.writeLock.acquire(
    'temporary objects',
    session === undefined ? undefined : AbortSignal.timeout(WAIT_MS),
  );
  try {
    const settings = new SessionSettings(() => undefined);
    const names = { catalog: engine.catalog.snapshot(), settings, user: 'root' };
    const about = {
      names,
      session: {},
      nowNanos: engine.clock.next(),
      notice: () => undefined,
      bindContext: () => bindContext(names, {}, [], new Map(), engine),
      rowsMax: undefined,
    };
    const body = (run: DdlRun): void => {
      for (const schema of new Set(found())) dropTemporaryObjects(schema, run);
    };
    transact(
      engine.db,
      (db) => runBody({ what: 'DISCARD TEMP', body }, { ...about, db }),
      about.nowNanos,
    );
  } finally {
    lease.release();
  }
}
