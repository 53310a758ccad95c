import { clone, create } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
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
import type { PrivilegeName } from '../../catalog/privileges';
import { defaultLocality, regionsOfDatabase } from '../../catalog/regions';
import { type CatalogSnapshot, headerOf } from '../../catalog/snapshot';
import type { TableInfo } from '../../catalog/table-info';
import type { Connection } from '../../storage/ranges/connection';
import { quoteName } from '../../storage/ranges/physical-table';
import type { BindContext } from '../bind/catalog-view';
import type { SessionValues } from '../builtins/repr';
import type { Notice } from '../engine';
import type { SelectStmt } from '../parse/pg-tree';
import {
  hasOwnership,
  requireOwnership,
  requirePrivilege,
  requireSchemaUsage,
  secured,
} from '../privileges/access';
import { initialPrivileges, newOwnerOf } from '../privileges/inherit';
import type { NameContext } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { noteInterleaves } from './interleaves';
import { isLongQuery } from './source-query';
import { noteTypeUses } from './type-uses';

type Union = Exclude<Descriptor['union'], { case: undefined } | { case: 'function' }>;

/**
 * One schema-changing statement while it runs, in one write transaction: the catalog as it was, copies of the descriptors that
 * it changes, and the store. `finish` writes the copies.
 */
export class DdlRun {
  readonly db: Connection;
  readonly names: NameContext;
  readonly session: SessionValues;
  /** The time of the change, of rows and descriptors. */
  readonly nowNanos: bigint;
  readonly notice: (notice: Notice) => void;
  /** What binding needs, over the catalog as it was. */
  readonly bindContext: () => BindContext;
  readonly onRead: ((tableId: number) => void) | undefined;
  private readonly rowsMax: number | undefined;
  private readonly finishesChanges: boolean;
  private readonly changed = new Map<number, Union>();
  private readonly removed = new Set<number>();

  constructor(about: DdlRunAbout) {
    this.db = about.db;
    this.bindContext = about.bindContext;
    this.names = about.names;
    this.session = about.session;
    this.notice = about.notice;
    this.rowsMax = about.rowsMax;
    this.finishesChanges = about.finishesChanges === true;
    this.onRead = about.onRead;
    this.nowNanos = about.nowNanos;
  }

  /**
   * To be said before the rows of a table are gone through, or dropped. When they are many and this is the server's own
   * thread, the statement starts again in another one.
   */
  passRows(tableId: number): void {
    if (this.rowsMax === undefined) return;
    const table = this.catalog.tableById(tableId);
    if (table !== undefined && hasMoreRows(this.db, table, this.rowsMax)) throw new TooManyRows();
  }

  /** The same for the rows of a query that are to be kept. */
  passQuery(tree: SelectStmt): void {
    if (this.rowsMax === undefined) return;
    if (isLongQuery(tree, this.names, this.db, this.rowsMax)) throw new TooManyRows();
  }

  get catalog(): CatalogSnapshot {
    return this.names.catalog;
  }

  /**
   * The table as this statement has changed it so far, to be changed further.
   * @throws SqlError objectNotInPrerequisiteState (55000) while a change that a restore brought is not finished
   */
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
    if (copy.mutations.length > 0 && !this.finishesChanges) throw changesPending(copy);
    copy.version++;
    this.changed.set(id, { case: 'table', value: copy });
    return copy;
  }

  /** The table as it is by now, only to be looked at; undefined when there is none any more. */
  peekTable(id: number): TableDescriptor | undefined {
    if (this.removed.has(id)) return undefined;
    const known = this.changed.get(id);
    return known?.case === 'table' ? known.value : this.catalog.tableDescriptor(id);
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
    const known = this.changed.get(id);
    if (known?.case === 'schema') return known.value;
    const union = this.catalog.entry(id)?.descriptor.union;
    invariant(union?.case === 'schema', `descriptor ${id} is a schema`);
    const copy = clone(SchemaDescriptorSchema, union.value);
    copy.version++;
    this.changed.set(id, { case: 'schema', value: copy });
    return copy;
  }

  /** Whether something has the name, or is to have it when this statement is done. */
  isNameTaken(databaseId: number, schemaId: number, name: string): boolean {
    const holder = this.catalog.holderOfName(databaseId, schemaId, name);
    if (holder !== undefined && !this.removed.has(holder.id)) return true;
    return [...this.changed.values()].some(
      (union) =>
        union.case === 'table' &&
        union.value.name === name &&
        union.value.parentId === databaseId &&
        union.value.unexposedParentSchemaId === schemaId,
    );
  }

  /** A new descriptor: it gets the privileges and the locality that new objects have here. */
  add(union: Union): void {
    if (union.case !== 'database') this.setPrivileges(union);
    if (union.case === 'table') this.setLocality(union.value);
    this.changed.set(union.value.id, union);
  }

  private setLocality(table: TableDescriptor): void {
    if (regionsOfDatabase(table.parentId, this.catalog) === undefined) return;
    table.localityConfig ??= defaultLocality(table);
  }

  private setPrivileges(union: Exclude<Union, { case: 'database' }>): void {
    const header = headerOf(create(DescriptorSchema, { union }));
    invariant(header !== undefined, 'a descriptor of a known kind');
    const kind =
      union.case === 'table'
        ? union.value.sequenceOpts === undefined
          ? 'tables'
          : 'sequences'
        : union.case === 'schema'
          ? 'schemas'
          : 'types';
    const { databaseId, schemaId } = header;
    const owner = newOwnerOf(union.value.privileges, this.names);
    const object = { kind, databaseId, schemaId, owner } as const;
    union.value.privileges = initialPrivileges(this.names, object);
  }

  /** The session's user needs a privilege on what the catalog has under the id. @throws SqlError (42501) */
  require(id: number, privilege: PrivilegeName): void {
    const entry = this.catalog.entry(id);
    if (entry === undefined) return;
    requireSchemaUsage(this.names, entry.schemaId);
    requirePrivilege(this.names, secured(entry), privilege);
  }

  /** DROP on the object, unless the schema that holds it is the user's. @throws SqlError (42501) */
  requireDrop(id: number): void {
    const schema = this.catalog.entry(this.catalog.entry(id)?.schemaId ?? 0);
    if (schema === undefined || !hasOwnership(this.names, secured(schema)))
      this.require(id, 'DROP');
  }

  /** @throws SqlError insufficientPrivilege (42501) */
  requireOwnership(id: number): void {
    const entry = this.catalog.entry(id);
    if (entry !== undefined) requireOwnership(this.names, secured(entry));
  }

  remove(id: number): void {
    this.removed.add(id);
  }

  isRemoved(id: number): boolean {
    return this.removed.has(id);
  }

  removedIds(): readonly number[] {
    return [...this.removed];
  }

  /** As they are by now, those that are to go left out. */
  changedTables(): TableDescriptor[] {
    return [...this.changed.values()].flatMap((union) =>
      union.case === 'table' && !this.removed.has(union.value.id) ? [union.value] : [],
    );
  }

  /** Writes what was changed; descriptors that give up a name go first. */
  finish(): void {
    for (const id of this.removed) removeDescriptor(this.db, id, this.nowNanos);
    for (const [id, union] of this.changed) {
      if (this.removed.has(id)) continue;
      writeDescriptor(this.db, create(DescriptorSchema, { union }), this.nowNanos);
    }
  }
}

function changesPending(table: TableDescriptor): SqlError {
  const [job] = table.mutationJobs;
  return new SqlError(
    'objectNotInPrerequisiteState',
    `table "${table.name}" is undergoing a schema change, try again later`,
    { hint: `The change came with a backup; SHOW JOB ${job?.jobId ?? ''} tells how far it is.` },
  );
}

export interface DdlRunAbout {
  /** In a write transaction. */
  readonly db: Connection;
  readonly names: NameContext;
  readonly session: SessionValues;
  /** Of the transaction: nanoseconds since 1970. */
  readonly nowNanos: bigint;
  readonly notice: (notice: Notice) => void;
  readonly bindContext: () => BindContext;
  /** A table with more rows is for another thread; undefined: this is it. */
  readonly rowsMax: number | undefined;
  /** Told of relations whose rows the change depends on, other than those it changes. */
  readonly onRead?: (tableId: number) => void;
  /** The change is one that a restore brought unfinished: others wait for it. */
  readonly finishesChanges?: boolean;
}

/** Thrown and caught here: the change is too long for the thread that it is made in. */
export class TooManyRows extends Error {
  override readonly name = 'TooManyRows';
}

/** A schema change as its statement has it made. */
export interface DefinitionBody {
  /** The command tag, unless `body` gives another one. */
  readonly what: string;
  /** What takes its time and needs no transaction; done where `body` is called, before it. */
  readonly prepare?: () => Promise<void>;
  readonly body: (run: DdlRun) => unknown;
  /** What a thread is to run instead of the statement's text. */
  readonly text?: string;
  /** The table whose rows the change goes through, when it does. */
  readonly rewritten?: ((names: NameContext) => TableInfo | undefined) | undefined;
}

/**
 * Where the schema changes of a statement are made: here alone, in the transaction of a block, which is in another thread and
 * runs the statement there from its text, or there.
 */
export interface Definer {
  run(definition: DefinitionBody): Promise<string>;
}

/**
 * Runs a schema change: in a write transaction of its own, or in that of the block. A statement does nothing else: in a
 * block it is run once more, in the thread of the block, and `body` is called there only.
 * @param body works on `run` alone; a text that it returns is the command tag
 * @param rewritten the table whose rows the change goes through, when it does; see also `DdlRun.passRows`
 * @returns the command tag
 */
export async function runDefinition(
  what: string,
  context: StatementContext,
  body: (run: DdlRun) => unknown,
  rewritten?: (names: NameContext) => TableInfo | undefined,
): Promise<string> {
  return await context.definer.run({ what, body, rewritten });
}

/** Inside the caller's write transaction. @returns the command tag */
export function runBody({ what, body, rewritten }: DefinitionBody, about: DdlRunAbout): string {
  const run = new DdlRun(about);
  const table = rewritten?.(about.names);
  if (table?.kind === 'table') run.passRows(table.id);
  const tag = body(run);
  noteTypeUses(run);
  noteInterleaves(run);
  run.finish();
  return typeof tag === 'string' ? tag : what;
}

function hasMoreRows(db: Connection, table: TableInfo, count: number): boolean {
  if (table.kind !== 'table' && table.kind !== 'materialized view') return false;
  const sql = `SELECT 1 FROM ${quoteName(table.sqliteName)} LIMIT 1 OFFSET ${count}`;
  return db.prepare(sql).get() !== undefined;
}
