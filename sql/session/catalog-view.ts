import { USER_TYPE_OID_BASE } from '../../catalog/constants';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { TableInfo } from '../../catalog/table-info';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, enumType } from '../../catalog/types/table';
import type { CatalogView } from '../bind/catalog-view';
import { currentDatabase, type NameContext, resolveRelation } from './name-resolution';

/** The catalog as the binder sees it from a session: names under its database and search path. */
export class SessionCatalogView implements CatalogView {
  private readonly context: NameContext;
  /** A view's own database, while its query is bound. */
  private readonly database: string;

  constructor(context: NameContext, database: string = currentDatabase(context)) {
    this.context = context;
    this.database = database;
  }

  private get catalog(): CatalogSnapshot {
    return this.context.catalog;
  }

  resolveRelation(parts: readonly string[]): TableInfo | undefined {
    return resolveRelation(parts, this.context, this.database);
  }

  relationById(id: number): TableInfo | undefined {
    return this.catalog.tableById(id);
  }

  resolveType(parts: readonly string[]): SqlType | undefined {
    const name = parts.at(-1) ?? '';
    const schemas =
      parts.length > 1 ? [parts.at(-2) ?? ''] : this.context.settings.searchPath(this.context.user);
    const database = this.catalog.database(parts.length > 2 ? (parts[0] ?? '') : this.database);
    if (database === undefined) return undefined;
    for (const schema of schemas) {
      const schemaId = this.catalog.schemaId(database.id, schema);
      if (schemaId === undefined) continue;
      const holder = this.catalog.holderOfName(database.id, schemaId, name);
      if (holder?.kind === 'type') return this.resolveTypeByOid(holder.id + USER_TYPE_OID_BASE);
    }
    return undefined;
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
    return new SessionCatalogView(this.context, this.catalog.databaseName(databaseId));
  }
}
