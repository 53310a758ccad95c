import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection } from '../../../storage/ranges/connection';
import type { TableEncoding } from './table-encoding';

/** What a BACKUP computes over rows. Expressions are SQL, which is known above this layer only. */

export interface RowExpressions {
  /** What the table has to be called. */
  readonly alias: string;
  /** Of virtual columns, in the order of the encoding; undefined where they were not asked for. */
  readonly texts: readonly (string | undefined)[];
  /** Rows for which it is not true are left out. */
  readonly condition: string | undefined;
  /** Of the texts. */
  readonly parameters: Readonly<Record<string, Repr>>;
}

export const NO_EXPRESSIONS: RowExpressions = {
  alias: 'r',
  texts: [],
  condition: undefined,
  parameters: {},
};

export interface ExpressionsWanted {
  readonly table: TableDescriptor;
  readonly encoding: TableEncoding;
  readonly virtualIds: ReadonlySet<number>;
  /** As descriptors have it; empty: none. */
  readonly predicate: string;
}

export type CompileExpressions = (wanted: ExpressionsWanted) => RowExpressions;

/** Makes the connection know what the expressions need. @param catalog what the connection's read transaction sees */
export type OpenExpressions = (
  db: Connection,
  catalog: CatalogSnapshot,
) => Promise<CompileExpressions>;

/** What is computed of some columns of a table. @param predicate as `ExpressionsWanted` has it @param compile asked where something is */
export async function expressionsOf(
  table: TableDescriptor,
  encoding: TableEncoding,
  { columnIds, predicate = '' }: { columnIds: ReadonlySet<number>; predicate?: string },
  compile: () => Promise<CompileExpressions>,
): Promise<RowExpressions> {
  const virtualIds = new Set(encoding.virtualIds.filter((id) => columnIds.has(id)));
  if (predicate === '' && virtualIds.size === 0) return NO_EXPRESSIONS;
  return (await compile())({ table, encoding, virtualIds, predicate });
}
