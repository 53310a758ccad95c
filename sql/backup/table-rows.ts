import type { TableEncoding } from '../../backup/backup/table-encoding';
import type { OpenTableSource, TableSource } from '../../backup/backup/table-source';
import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import {
  type IndexDescriptor,
  IndexDescriptor_Direction,
} from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { ROOT_USER } from '../../catalog/roles';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { columnById } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { quoteName, TIMESTAMP_COLUMN } from '../../storage/ranges/physical-table';
import type { BindContext } from '../bind/catalog-view';
import type { SessionValues } from '../builtins/repr';
import { threadEngine } from '../ddl/define-in-thread';
import { compileOver, type GivenExpression, SOURCE } from '../ddl/validate-rows';
import { executeOn } from '../execute/execute-on';
import { prepareConnection } from '../execute/functions';
import { loadParser } from '../parse/postgres';
import { bindContext } from '../session/compile-query';
import { SessionSettings } from '../session/settings';

/** A table's rows as a BACKUP reads them. */

/** Expressions of indexes and computed columns are immutable: no session is theirs. */
const NO_SESSION: SessionValues = { timeZone: 'UTC' };

export const openTableRows: OpenTableSource = async (db, catalog) => {
  await loadParser();
  prepareConnection(db);
  return new TableRows(db, catalog);
};

class TableRows implements TableSource {
  private readonly db: Connection;
  private readonly catalog: CatalogSnapshot;
  private readonly context: BindContext;

  constructor(db: Connection, catalog: CatalogSnapshot) {
    this.db = db;
    this.catalog = catalog;
    const settings = new SessionSettings(() => undefined);
    const names = { catalog, settings, user: ROOT_USER };
    this.context = bindContext(names, NO_SESSION, [], new Map(), threadEngine(db, catalog));
  }

  rows(
    table: TableDescriptor,
    encoding: TableEncoding,
    predicates: readonly string[],
  ): IterableIterator<Repr[]> {
    const { catalog } = this;
    const virtual = encoding.virtualIds.map((id): GivenExpression => {
      const { computeExpr, type } = columnById(table, id);
      const resolveEnum = (typeId: number) => catalog.enumMetadata(typeId);
      return { given: computeExpr, type: typeFromMessage(type ?? {}, resolveEnum) };
    });
    const given = [...virtual, ...predicates.map((predicate) => ({ given: predicate }))];
    const make = (expressions: readonly string[]) => selectText(table, encoding, expressions);
    const { text, emitter } = compileOver(table, given, make, this.context, catalog);
    const query = {
      sql: text,
      slots: emitter.slots,
      functions: emitter.functions(),
      columns: [],
      parameterTypes: [],
      writes: false,
    };
    return executeOn(this.db, query, [], NO_SESSION);
  }
}

function selectText(
  table: TableDescriptor,
  { rows, storedCount }: TableEncoding,
  expressions: readonly string[],
): string {
  const own = (name: string): string => `${SOURCE.alias}.${quoteName(name)}`;
  const stored = rows.columns.slice(0, storedCount).map(({ id }) => own(sqliteColumnName(id)));
  const outputs = [...stored, ...expressions, own(TIMESTAMP_COLUMN)].join(', ');
  const order = keyOrder(table.primaryIndex, own);
  return `SELECT ${outputs} FROM ${quoteName(sqliteTableName(table.id))} AS ${SOURCE.alias}${order}`;
}

function keyOrder(primary: IndexDescriptor | undefined, own: (name: string) => string): string {
  const keys = (primary?.keyColumnIds ?? []).map((id, i) => {
    const isDescending = primary?.keyColumnDirections[i] === IndexDescriptor_Direction.DESC;
    return `${own(sqliteColumnName(id))}${isDescending ? ' DESC' : ''}`;
  });
  return keys.length === 0 ? '' : ` ORDER BY ${keys.join(', ')}`;
}
