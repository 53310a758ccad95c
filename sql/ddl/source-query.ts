import type { TableInfo } from '../../catalog/table-info';
import type { Connection } from '../../storage/ranges/connection';
import { quoteName } from '../../storage/ranges/physical-table';
import type { RangeVar, SelectStmt } from '../parse/pg-tree';
import { type NameContext, resolveRelation } from '../session/name-resolution';
import { systemTableNamed } from '../virtual/registry';

/** Schemas whose tables are made of what the server's thread knows. */
const SYSTEM_SCHEMAS = new Set(['pg_catalog', 'information_schema', 'crdb_internal']);

/**
 * Whether a query whose rows are kept is for a thread of its own: it may take long, and needs nothing that only the server's
 * thread knows.
 * @param max combinations of rows that the server's thread goes through itself
 */
export function isLongQuery(
  tree: SelectStmt,
  names: NameContext,
  db: Connection,
  max: number,
): boolean {
  const found = { relations: [] as RangeVar[], generates: false };
  collect(tree, found);
  if (found.relations.some(isOfServer)) return false;
  let combinations = 1;
  for (const relation of found.relations) {
    const parts = [relation.catalogname, relation.schemaname, relation.relname];
    const table = resolveRelation(
      parts.filter((part) => part !== undefined),
      names,
    );
    if (table !== undefined) combinations *= rowsOf(table, db, max);
  }
  return found.generates || combinations > max;
}

/** Up to one more than matters; what a view reads is not looked at. */
function rowsOf(table: TableInfo, db: Connection, max: number): number {
  if (table.kind !== 'table' && table.kind !== 'materialized view') return max + 1;
  const some = `SELECT 1 FROM ${quoteName(table.sqliteName)} LIMIT ${max + 1}`;
  const count = db.prepare(`SELECT count(*) FROM (${some})`).pluck().get();
  return Math.max(Number(count), 1);
}

function isOfServer({ schemaname, relname, statement }: RangeVar): boolean {
  if (statement !== undefined || SYSTEM_SCHEMAS.has(schemaname ?? '')) return true;
  return schemaname === undefined && systemTableNamed('pg_catalog', relname) !== undefined;
}

function collect(
  node: unknown,
  found: { readonly relations: RangeVar[]; generates: boolean },
): void {
  if (typeof node !== 'object' || node === null) return;
  if ('RangeVar' in node) found.relations.push(node.RangeVar as RangeVar);
  if ('RangeFunction' in node || ('recursive' in node && node.recursive === true))
    found.generates = true;
  for (const value of Object.values(node)) collect(value, found);
}
