import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import type { TableEncoding } from './table-encoding';

/** Where a BACKUP has its rows from. Expressions are SQL, which is known above this layer only. */
export interface TableSource {
  /**
   * Rows in the order of their primary key: stored columns, virtual ones, the outcomes of `predicates`, and `_ts`.
   * @param predicates as descriptors have them
   */
  rows(
    table: TableDescriptor,
    encoding: TableEncoding,
    predicates: readonly string[],
  ): IterableIterator<Repr[]>;
}

/** @param db its read transaction is open, and `catalog` is what it sees */
export type OpenTableSource = (db: Connection, catalog: CatalogSnapshot) => Promise<TableSource>;
