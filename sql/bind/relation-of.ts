import { SqlError } from '../../base/errors';
import type { RangeVar } from '../parse/pg-tree';
import type { CatalogView } from './catalog-view';

/** As many parts of a relation's name as were written. */
export const nameParts = (node: RangeVar): string[] =>
  [node.catalogname, node.schemaname, node.relname].filter((part) => part !== undefined);

/** What a name, or `[123 AS t]`, stands for. @throws SqlError undefinedTable (42P01) */
export function relationOf(
  catalog: CatalogView,
  node: RangeVar,
): NonNullable<ReturnType<CatalogView['resolveRelation']>> {
  const { tableId } = node;
  const parts = nameParts(node);
  const found =
    tableId === undefined ? catalog.resolveRelation(parts) : catalog.relationById(tableId);
  if (found !== undefined) return found;
  const name = tableId === undefined ? parts.join('.') : `[${tableId}]`;
  throw new SqlError('undefinedTable', `relation "${name}" does not exist`);
}
