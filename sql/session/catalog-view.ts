import { USER_TYPE_OID_BASE } from '../../catalog/constants';
import type { PrivilegeName } from '../../catalog/privileges';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { TableInfo } from '../../catalog/table-info';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, enumType } from '../../catalog/types/table';
import type { CatalogView } from '../bind/catalog-view';
import { requireOneOf, requireSchemaUsage, securedById } from '../privileges/access';
import { requireSystemTable } from '../privileges/system-access';
import { systemTableInfo, systemTableNamed } from '../virtual/registry';
import { currentDatabase, type NameContext, resolveRelation } from './name-resolution';

/** The catalog as the binder sees it from a session: names under its database and search path. */
export class SessionCatalogView implements CatalogView {
  private readonly context: NameContext;
  /** A view's own database, while its query is bound. */
  private readonly database: string;

  /** The query of a view: its reader needs no privileges on what it reads. */
  private readonly inView: boolean;

  constructor(
    context: NameContext,
    database: string = currentDatabase(context),
    inView: boolean = false,
  ) {
    this.context = context;
    this.database = database;
    this.inView = inView;
  }

  requireAccess(table: TableInfo, anyOf: readonly PrivilegeName[]): void {
    if (this.inView) return;
    if (table.kind === 'system') requireSystemTable(this.context, table);
    else {
      requireSchemaUsage(this.context, table.schemaId);
      requireOneOf(this.context, securedById(this.context, table.id), anyOf);
    }
  }

  private get catalog(): CatalogSnapshot {
    return this.context.catalog;
  }

  resolveRelation(parts: readonly string[]): TableInfo | undefined {
    return this.resolveSystemTable(parts) ?? resolveRelation(parts, this.context, this.database);
  }

  /** pg_catalog comes before the schemas of the search path, unless it is one of them. */
  private resolveSystemTable(parts: readonly string[]): TableInfo | undefined {
    const name = parts.at(-1) ?? '';
    const stored = this.systemDatabaseTable(parts);
    if (stored !== undefined) return stored;
    if (parts.length > 1) {
      const database = parts.length > 2 ? parts[0] : this.database;
      return this.systemTable(database, parts.at(-2) ?? '', name);
    }
    const { settings, user } = this.context;
    const path = settings.searchPath(user);
    if (!path.includes('pg_catalog')) {
      const found = this.systemTable(this.database, 'pg_catalog', name);
      if (found !== undefined) return found;
    }
    for (const schema of path) {
      const found = this.systemTable(this.database, schema, name);
      if (found !== undefined) return found;
      if (resolveRelation([this.database, schema, name], this.context) !== undefined) break;
    }
    return undefined;
  }

  /** `system.users`, `system.public.users`, and both without the database where it is the current one. */
  private systemDatabaseTable(parts: readonly string[]): TableInfo | undefined {
    const table = systemTableNamed('system', parts.at(-1) ?? '');
    if (table === undefined) return undefined;
    const path = parts.slice(0, -1).join('.');
    const { settings, user } = this.context;
    const isNamed = path === 'system' || path === 'system.public';
    const isCurrent =
      this.database === 'system' &&
      (path === '' ? settings.searchPath(user).includes('public') : path === 'public');
    const holder = isNamed || isCurrent ? this.catalog.database('system') : undefined;
    return holder === undefined ? undefined : systemTableInfo(table, holder);
  }

  private systemTable(
    database: string | undefined,
    schema: string,
    name: string,
  ): TableInfo | undefined {
    const table = schema === 'system' ? undefined : systemTableNamed(schema, name);
    const holder = table === undefined ? undefined : this.catalog.database(database ?? '');
    if (table === undefined || holder === undefined) return undefined;
    return systemTableInfo(table, holder);
  }

  relationById(id: number): TableInfo | undefined {
    return this.catalog.tableById(id);
  }

  resolveType(parts: readonly string[]): SqlType | undefined {
    const name = parts.at(-1) ?? '';
    const [first = '', second = ''] = parts;
    if (parts.length > 2) return this.typeIn(first, second, name);
    if (parts.length === 2) {
      return this.typeIn(this.database, first, name) ?? this.typeIn(first, 'public', name);
    }
    for (const schema of this.context.settings.searchPath(this.context.user)) {
      const found = this.typeIn(this.database, schema, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private typeIn(database: string, schema: string, name: string): SqlType | undefined {
    const databaseId = this.catalog.database(database)?.id;
    if (databaseId === undefined) return undefined;
    const schemaId = this.catalog.schemaId(databaseId, schema);
    if (schemaId === undefined) return undefined;
    const holder = this.catalog.holderOfName(databaseId, schemaId, name);
    return holder?.kind === 'type'
      ? this.resolveTypeByOid(holder.id + USER_TYPE_OID_BASE)
      : undefined;
  }

  resolveTypeByOid(oid: number): SqlType | undefined {
    const descriptor = this.catalog.typeDescriptor(oid - USER_TYPE_OID_BASE);
    const element = descriptor?.alias?.arrayContents?.oid ?? 0;
    if (element >= USER_TYPE_OID_BASE) {
      const type = this.resolveTypeByOid(element);
      return type === undefined ? undefined : arrayOf(type);
    }
    const metadata = this.catalog.enumMetadata(oid - USER_TYPE_OID_BASE);
    return metadata === undefined ? undefined : enumType(metadata);
  }

  inDatabase(databaseId: number): CatalogView {
    return new SessionCatalogView(this.context, this.catalog.databaseName(databaseId), true);
  }
}
