import { clone, create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import {
  DatabaseDescriptor_SchemaEntrySchema,
  type Descriptor,
  DescriptorSchema,
  TypeDescriptor_Kind,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';
import { typeNames } from '../view-types';
import { planCluster } from './cluster-plan';
import { checkDependencies } from './dependencies';
import { unsettledKeysOf } from './mutations';
import { nameInTheWay, refuseTakenName } from './name-collision';
import {
  checkClusterRegions,
  checkSameRegions,
  type RegionEnvironment,
  settleRegions,
} from './regions';
import type { RestoreContext, RestoreOptions, RestoreTargets } from './request';
import { PUBLIC_REWRITE, type Rewrite, rewriteDescriptor } from './rewrite';
import { type BackupCoverage, type ResolvedTargets, resolveTargets } from './targets';
import { compatibleType } from './type-compatibility';
import { validateTargets } from './validate';

/** One table, sequence or materialized view whose data is to be restored. */
export interface RestoredTable {
  readonly oldId: number;
  readonly newId: number;
}

export interface RestorePlan {
  /** New descriptors, OFFLINE. */
  readonly inserts: Descriptor[];
  /** Descriptors that were there and change (a database that gains a schema, a type that gains a user). */
  readonly updates: Descriptor[];
  readonly tables: RestoredTable[];
  /** Of a full cluster. */
  readonly cluster?: ClusterPlan;
}

export interface ClusterPlan {
  /** What databases that are there become in the end. */
  readonly overwrites: readonly Descriptor[];
  /** Databases that make room for the backup's: they come back when the restore fails. */
  readonly replaced: readonly DescriptorHeader[];
  readonly system: SystemTables;
}

/** Where the rows of the backup's system tables are until they are taken over. */
export interface SystemTables {
  readonly databaseId: number;
  /** By name, e.g. `users`. */
  readonly tables: readonly { readonly name: string; readonly id: number }[];
}

export interface PlanInput {
  /** That the descriptors are from, for errors. */
  readonly file: string;
  readonly backup: CatalogSnapshot;
  readonly coverage: BackupCoverage;
  readonly targets: RestoreTargets;
  readonly options: RestoreOptions;
  readonly context: RestoreContext;
  readonly regions: RegionEnvironment;
}

/** Gives descriptor ids in the caller's transaction. */
export interface DescriptorIds {
  allocate(): number;
  /** Later ones are greater than `id`. */
  reserveThrough(id: number): void;
}

/**
 * Everything that can be known before data is read: targets, dependencies, names, new ids, rewritten descriptors.
 * Runs inside the transaction that writes the result, so that `catalog` can't change under it.
 * @throws SqlError as CockroachDB words it (format reference 07 §5–6)
 */
export function planRestore(
  input: PlanInput,
  catalog: CatalogSnapshot,
  ids: DescriptorIds,
): RestorePlan {
  const { targets: named } = input;
  if (named.kind === 'cluster') return planCluster(input, catalog, ids);
  const resolved = resolveTargets(input.backup, named, input.coverage, input.context);
  if (input.options.intoDb !== undefined && resolved.databases.length > 0) {
    throw new SqlError(
      'invalidParameterValue',
      'cannot use "into_db" option when restoring database(s)',
    );
  }
  refuseOptions(resolved, input.options);
  validateTargets(resolved, input.backup, input.file);
  checkClusterRegions(resolved, input.options, input.regions);
  const targets = checkDependencies(resolved, input.options);
  refuseRenamedUses(targets, input.options);
  return new Planner(input, catalog, () => ids.allocate()).plan(targets);
}

function refuseOptions({ databases }: ResolvedTargets, options: RestoreOptions): void {
  if (options.newDbName !== undefined && databases.length !== 1) {
    throw new SqlError(
      'invalidParameterValue',
      'new_db_name can only be used for RESTORE DATABASE with a single target database',
    );
  }
  if (options.intoSchema !== undefined && databases.length > 0) {
    throw new SqlError(
      'invalidParameterValue',
      'cannot use "into_schema" option when restoring database(s)',
    );
  }
}

/** Queries of views name what they read: a table under another name is not found by them. */
function refuseRenamedUses(targets: ResolvedTargets, options: RestoreOptions): void {
  const renamed = (id: number): boolean =>
    options.intoSchema !== undefined || targets.renames?.has(id) === true;
  for (const { descriptor, name } of targets.tables) {
    if (descriptor.union.case !== 'table') continue;
    const { viewQuery, dependsOn } = descriptor.union.value;
    if (viewQuery === '' || !dependsOn.some(renamed)) continue;
    throw notSupported(
      `restoring view "${name}" together with tables under other names`,
      'Restore the tables alone and create the view again.',
    );
  }
}

class Planner {
  private readonly input: PlanInput;
  private readonly catalog: CatalogSnapshot;
  private readonly allocateId: () => number;
  private readonly rewrites = new Map<number, Rewrite>([[PUBLIC_SCHEMA_ID, PUBLIC_REWRITE]]);
  /** Old database id → the database it goes to. */
  private readonly targetDatabases = new Map<number, number>();
  private readonly updates = new Map<number, Descriptor>();

  constructor(input: PlanInput, catalog: CatalogSnapshot, allocateId: () => number) {
    this.input = input;
    this.catalog = catalog;
    this.allocateId = allocateId;
  }

  plan(targets: ResolvedTargets): RestorePlan {
    this.placeDatabases(targets);
    this.placeObjects(targets);
    const created = [
      ...targets.databases,
      ...[...targets.schemas, ...targets.types, ...targets.tables].sort((a, b) => a.id - b.id),
    ].filter((entry) => !defined(this.rewrites.get(entry.id), 'rewrite').existing);
    this.linkToExisting(targets);
    const keys = unsettledKeysOf(targets.tables);
    const names = typeNames(this.input.backup.entries());
    const inserts = created.map((entry) =>
      rewriteDescriptor(entry, {
        rewrites: this.rewrites,
        typeNames: names,
        unsettledKeys: keys,
        owner: this.input.context.user,
        renames: this.renames(targets),
        renamedDatabase: this.renamedDatabase(targets),
      }),
    );
    inserts.push(...this.settleRegions(inserts));
    const tables = targets.tables.map((entry) => ({
      oldId: entry.id,
      newId: defined(this.rewrites.get(entry.id), 'rewrite').id,
    }));
    return { inserts, updates: [...this.updates.values()], tables };
  }

  private settleRegions(inserts: readonly Descriptor[]): Descriptor[] {
    const { catalog, allocateId } = this;
    const { regions: environment, backup, context } = this.input;
    return settleRegions(inserts, { environment, backup, catalog, context, allocateId });
  }

  private renames(targets: ResolvedTargets): ReadonlyMap<number, string> {
    const renames = new Map(targets.renames);
    const { newDbName } = this.input.options;
    const [database] = targets.databases;
    if (newDbName !== undefined && database !== undefined) renames.set(database.id, newDbName);
    return renames;
  }

  private renamedDatabase(targets: ResolvedTargets) {
    const { newDbName } = this.input.options;
    const [database] = targets.databases;
    if (newDbName !== undefined && database !== undefined) {
      return { from: database.name, to: newDbName };
    }
    const to = this.input.options.intoDb;
    const first = targets.tables[0];
    if (to === undefined || first === undefined) return undefined;
    return { from: this.input.backup.databaseName(first.databaseId), to };
  }

  /** Databases come first and in the order of the request, so that ids grow as CockroachDB's do. */
  private placeDatabases(targets: ResolvedTargets): void {
    for (const database of targets.databases) {
      const name = this.input.options.newDbName ?? database.name;
      if (this.catalog.holderOfName(0, 0, name) !== undefined) {
        throw new SqlError('duplicateDatabase', `database "${name}" already exists`);
      }
    }
    for (const database of targets.databases) {
      const id = this.allocateId();
      this.rewrites.set(database.id, { id, databaseId: 0, schemaId: 0, existing: false });
      this.targetDatabases.set(database.id, id);
    }
    if (targets.databases.length > 0) return;
    const kinds = { table: targets.tables, type: targets.types, schema: targets.schemas };
    for (const [kind, entries] of Object.entries(kinds)) {
      for (const entry of entries) this.placeInExistingDatabase(kind, entry);
    }
  }

  private placeInExistingDatabase(kind: string, entry: DescriptorHeader): void {
    if (this.targetDatabases.has(entry.databaseId)) return;
    const name = this.input.options.intoDb ?? this.input.backup.databaseName(entry.databaseId);
    const database = this.catalog.database(name);
    if (database === undefined) {
      throw new SqlError(
        'invalidCatalogName',
        `a database named "${name}" needs to exist to restore ${kind} "${entry.name}"`,
      );
    }
    this.targetDatabases.set(entry.databaseId, database.id);
  }

  /** Schemas, types and tables, sorted by old id: key order is preserved. */
  private placeObjects(targets: ResolvedTargets): void {
    const databaseOf = (entry: DescriptorHeader): number =>
      defined(this.targetDatabases.get(entry.databaseId), `target database of ${entry.name}`);
    const { intoSchema } = this.input.options;
    const existingSchemas = new Map<number, number>();
    for (const schema of targets.schemas) {
      const found = this.catalog.schemaId(databaseOf(schema), intoSchema ?? schema.name);
      if (found !== undefined) existingSchemas.set(schema.id, found);
    }
    if (intoSchema !== undefined) this.placeInSchema(targets, intoSchema);
    const all = [...targets.schemas, ...targets.types, ...targets.tables];
    const schemaOf = (entry: DescriptorHeader): number | undefined => {
      if (entry.kind !== 'schema' && entry.schemaId === PUBLIC_SCHEMA_ID) {
        return this.rewrites.get(PUBLIC_SCHEMA_ID)?.id;
      }
      if (entry.kind === 'schema') return entry.schemaId;
      return existingSchemas.get(entry.schemaId);
    };
    const reused = new Map<number, number>([
      ...existingSchemas,
      ...this.reusedTypes(targets, databaseOf, schemaOf),
    ]);
    for (const entry of all) {
      if (!reused.has(entry.id)) {
        const name = targets.renames?.get(entry.id) ?? entry.name;
        refuseTakenName({ ...entry, name }, this.catalog, databaseOf(entry), schemaOf(entry));
      }
    }
    for (const entry of all.sort((a, b) => a.id - b.id)) {
      const found = reused.get(entry.id);
      this.rewrites.set(entry.id, {
        id: found ?? this.allocateId(),
        databaseId: databaseOf(entry),
        schemaId: 0,
        existing: found !== undefined,
      });
    }
    for (const entry of all) {
      if (entry.kind === 'schema') continue;
      const rewrite = defined(this.rewrites.get(entry.id), 'rewrite');
      const schema = defined(this.rewrites.get(entry.schemaId), `schema of ${entry.name}`);
      this.rewrites.set(entry.id, { ...rewrite, schemaId: schema.id });
    }
  }

  /** into_schema: the schema stands for every schema of the backup, `public` too. */
  private placeInSchema(targets: ResolvedTargets, name: string): void {
    const names = new Set<string>();
    for (const entry of [...targets.types, ...targets.tables]) {
      const id = defined(this.targetDatabases.get(entry.databaseId), 'target database');
      const schemaId = this.catalog.schemaId(id, name);
      if (schemaId === undefined) {
        throw new SqlError(
          'invalidSchemaName',
          `a schema named "${name}" needs to exist in database "${this.catalog.databaseName(id)}" to restore ${entry.kind} "${entry.name}"`,
        );
      }
      const given = targets.renames?.get(entry.id) ?? entry.name;
      if (names.has(`${id}/${given}`)) {
        throw new SqlError('duplicateRelation', `relation "${given}" already exists`);
      }
      names.add(`${id}/${given}`);
      this.rewrites.set(PUBLIC_SCHEMA_ID, { ...PUBLIC_REWRITE, id: schemaId });
    }
  }

  /** Enums of the target database that serve instead of the backup's, with their array types. */
  private reusedTypes(
    targets: ResolvedTargets,
    databaseOf: (entry: DescriptorHeader) => number,
    schemaOf: (entry: DescriptorHeader) => number | undefined,
  ): Map<number, number> {
    const reused = new Map<number, number>();
    for (const entry of targets.types) {
      const type = this.input.backup.typeDescriptor(entry.id);
      const schemaId = schemaOf(entry);
      if (type === undefined || type.kind === TypeDescriptor_Kind.ALIAS || schemaId === undefined) {
        continue;
      }
      const holder = this.catalog.holderOfName(databaseOf(entry), schemaId, entry.name);
      if (holder === undefined) continue;
      const existing = this.catalog.typeDescriptor(holder.id);
      if (existing === undefined) throw nameInTheWay(holder);
      reused.set(entry.id, compatibleType(type, existing).id);
      checkSameRegions(type, existing, targets);
      if (type.arrayTypeId !== 0) reused.set(type.arrayTypeId, existing.arrayTypeId);
    }
    return reused;
  }

  /** New schemas are entered into databases that were there; reused types learn of their new users. */
  private linkToExisting(targets: ResolvedTargets): void {
    for (const schema of targets.schemas) {
      const rewrite = defined(this.rewrites.get(schema.id), 'rewrite');
      if (rewrite.existing) continue;
      this.addSchema(rewrite, schema.name);
    }
    for (const table of targets.tables) {
      const { union } = table.descriptor;
      if (union.case !== 'table') continue;
      const tableId = defined(this.rewrites.get(table.id), 'rewrite').id;
      for (const type of targets.types) {
        const rewrite = defined(this.rewrites.get(type.id), 'rewrite');
        const source = this.input.backup.typeDescriptor(type.id);
        if (rewrite.existing && source?.referencingDescriptorIds.includes(table.id)) {
          const copy = this.updated(rewrite.id);
          if (copy?.union.case === 'type') copy.union.value.referencingDescriptorIds.push(tableId);
        }
      }
    }
  }

  private addSchema(rewrite: Rewrite, name: string): void {
    const copy = this.updated(rewrite.databaseId);
    if (copy?.union.case !== 'database') return; // a new database: its own copy lists the schema
    copy.union.value.schemas.push(
      create(DatabaseDescriptor_SchemaEntrySchema, { key: name, value: { id: rewrite.id } }),
    );
  }

  /** A copy of a descriptor that was there, to be changed; undefined when the id is of a new one. */
  private updated(id: number): Descriptor | undefined {
    const known = this.updates.get(id);
    if (known !== undefined) return known;
    const entry = this.catalog.entry(id);
    if (entry === undefined) return undefined;
    const copy = clone(DescriptorSchema, entry.descriptor);
    if (copy.union.case !== undefined) copy.union.value.version += 1;
    this.updates.set(id, copy);
    return copy;
  }
}
