import { clone, create } from '@bufbuild/protobuf';
import { wallNanos } from '../../base/clock';
import { defined, invariant } from '../../base/invariant';
import { removeDescriptor, writeDescriptor } from '../../catalog/catalog-manager';
import {
  type DatabaseDescriptor,
  DatabaseDescriptorSchema,
  type Descriptor,
  DescriptorSchema,
  type SchemaDescriptor,
  SchemaDescriptorSchema,
  type TypeDescriptor,
  TypeDescriptorSchema,
} from '../../catalog/descriptor/gen/descriptor_pb';
import { type TableDescriptor, TableDescriptorSchema } from '../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { TableInfo } from '../../catalog/table-info';
import type { Connection } from '../../storage/ranges/connection';
import { quoteName } from '../../storage/ranges/physical-table';
import { transact } from '../../storage/ranges/write-transaction';
import type { BindContext } from '../bind/catalog-view';
import type { SessionValues } from '../builtins/repr';
import type { Notice } from '../engine';
import { bindContext } from '../session/compile-query';
import type { NameContext } from '../session/name-resolution';
import { refuseInTransaction } from '../statements/refuse-in-transaction';
import type { StatementContext } from '../statements/statement-context';
import { runInThread } from './run-in-thread';

type Union = Exclude<Descriptor['union'], { case: undefined }>;

/**
 * One schema-changing statement while it runs, in one write transaction: the catalog as it was, copies of the descriptors that
 * it changes, and the store. `finish` writes the copies.
 */
export class DdlRun {
  readonly db: Connection;
  readonly names: NameContext;
  readonly session: SessionValues;
  readonly nowNanos: bigint;
  readonly notice: (notice: Notice) => void;
  /** What binding needs, over the catalog as it was. */
  readonly bindContext: () => BindContext;
  private readonly changed = new Map<number, Union>();
  private readonly removed = new Set<number>();

  constructor(
    db: Connection,
    names: NameContext,
    session: SessionValues,
    about: {
      readonly notice: (notice: Notice) => void;
      readonly bindContext: () => BindContext;
    },
  ) {
    this.db = db;
    this.bindContext = about.bindContext;
    this.names = names;
    this.session = session;
    this.notice = about.notice;
    this.nowNanos = wallNanos();
  }

  get catalog(): CatalogSnapshot {
    return this.names.catalog;
  }

  /** The table as this statement has changed it so far, to be changed further. */
  table(id: number): TableDescriptor {
    const known = this.changed.get(id);
    if (known !== undefined) {
      invariant(known.case === 'table', `descriptor ${id} is a table`);
      return known.value;
    }
    const copy = clone(
      TableDescriptorSchema,
      defined(this.catalog.tableDescriptor(id), `table ${id}`),
    );
    copy.version++;
    this.changed.set(id, { case: 'table', value: copy });
    return copy;
  }

  /** Undefined: there is no such table any more. */
  tableIfKept(id: number): TableDescriptor | undefined {
    if (this.removed.has(id)) return undefined;
    const exists = this.changed.has(id) || this.catalog.tableDescriptor(id) !== undefined;
    return exists ? this.table(id) : undefined;
  }

  type(id: number): TypeDescriptor {
    const known = this.changed.get(id);
    if (known?.case === 'type') return known.value;
    const copy = clone(
      TypeDescriptorSchema,
      defined(this.catalog.typeDescriptor(id), `type ${id}`),
    );
    copy.version++;
    this.changed.set(id, { case: 'type', value: copy });
    return copy;
  }

  database(id: number): DatabaseDescriptor {
    const known = this.changed.get(id);
    if (known?.case === 'database') return known.value;
    const union = this.catalog.entry(id)?.descriptor.union;
    invariant(union?.case === 'database', `descriptor ${id} is a database`);
    const copy = clone(DatabaseDescriptorSchema, union.value);
    copy.version++;
    this.changed.set(id, { case: 'database', value: copy });
    return copy;
  }

  schema(id: number): SchemaDescriptor {
    const union = this.catalog.entry(id)?.descriptor.union;
    invariant(union?.case === 'schema', `descriptor ${id} is a schema`);
    const copy = clone(SchemaDescriptorSchema, union.value);
    copy.version++;
    this.changed.set(id, { case: 'schema', value: copy });
    return copy;
  }

  /** A new descriptor. */
  add(union: Union): void {
    this.changed.set(union.value.id, union);
  }

  remove(id: number): void {
    this.removed.add(id);
  }

  isRemoved(id: number): boolean {
    return this.removed.has(id);
  }

  /** Writes what was changed; descriptors that give up a name go first. */
  finish(): void {
    for (const id of this.removed) removeDescriptor(this.db, id);
    for (const [id, union] of this.changed) {
      if (this.removed.has(id)) continue;
      writeDescriptor(this.db, create(DescriptorSchema, { union }), this.nowNanos);
    }
  }
}

/** A table's rows that this thread goes through itself; a change of more is made in a thread of its own. */
const ROWS_IN_PLACE_MAX = 10_000;

/**
 * Runs a schema change in a write transaction of its own.
 * @param rewritten the table whose rows the change goes through, when it does
 */
export async function runDefinition(
  what: string,
  context: StatementContext,
  body: (run: DdlRun) => void,
  rewritten?: (names: NameContext) => TableInfo | undefined,
): Promise<string> {
  refuseInTransaction(what, context);
  const { engine } = context;
  const lease = await engine.writeLock.acquire(what, context.signal);
  try {
    const names = {
      catalog: engine.catalog.snapshot(),
      settings: context.settings,
      user: context.user,
    };
    const session = context.sessionValues();
    const table = rewritten?.(names);
    const isLong = table?.kind === 'table' && hasMoreRows(engine.db, table, ROWS_IN_PLACE_MAX);
    const notices = isLong
      ? await runInThread(context, session)
      : transact(engine.db, (db) =>
          runBody(db, names, session, body, () =>
            bindContext(names, session, [], new Map(), engine),
          ),
        );
    for (const notice of notices) context.notice(notice);
    return what;
  } finally {
    lease.release();
  }
}

/** Inside the caller's write transaction. @returns what the client is to be told */
export function runBody(
  db: Connection,
  names: NameContext,
  session: SessionValues,
  body: (run: DdlRun) => void,
  makeBindContext: () => BindContext,
): Notice[] {
  const notices: Notice[] = [];
  const notice = (told: Notice): void => {
    notices.push(told);
  };
  const run = new DdlRun(db, names, session, { notice, bindContext: makeBindContext });
  body(run);
  run.finish();
  return notices;
}

function hasMoreRows(db: Connection, table: TableInfo, count: number): boolean {
  const sql = `SELECT 1 FROM ${quoteName(table.sqliteName)} LIMIT 1 OFFSET ${count}`;
  return db.prepare(sql).get() !== undefined;
}
