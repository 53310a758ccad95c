import type {
  DeleteStatement,
  InsertStatement,
  SelectStatement,
  Statement,
  SystemTableName,
  UpdateStatement,
} from './ast';
import type { PgNode, RangeVar, WithClause } from './pg-tree';

/** Which statements change rows, by their trees alone. */

export type ChangeStatement = InsertStatement | UpdateStatement | DeleteStatement;

/** What is run as a write: also a query that holds one. */
export type WriteStatement = ChangeStatement | (SelectStatement & { readonly changes: true });

export function isChange(statement: Statement): statement is ChangeStatement {
  const { kind } = statement;
  return kind === 'Insert' || kind === 'Update' || kind === 'Delete';
}

export function changesData(statement: Statement): statement is WriteStatement {
  return isChange(statement) || (statement.kind === 'Select' && statement.changes === true);
}

/** A node of PostgreSQL's tree that changes data, as a statement of its own. */
export function changeOf(node: PgNode): ChangeStatement | undefined {
  const about = { asOf: null, limit: null };
  if ('InsertStmt' in node) {
    const tree = node.InsertStmt;
    return { kind: 'Insert', tree, upsert: tree.upsert === true, asOf: null };
  }
  if ('UpdateStmt' in node) return { kind: 'Update', tree: node.UpdateStmt, ...about };
  if ('DeleteStmt' in node) return { kind: 'Delete', tree: node.DeleteStmt, ...about };
  return undefined;
}

export function changesInWith(clause: WithClause | undefined): boolean {
  return (clause?.ctes ?? []).some(
    ({ CommonTableExpr: { ctequery } }) => changeOf(ctequery) !== undefined,
  );
}

/** The statement's verb, for messages: that of the first change in a query. */
export function writeName(statement: WriteStatement): string {
  switch (statement.kind) {
    case 'Insert':
      return statement.upsert ? 'UPSERT' : 'INSERT';
    case 'Update':
      return 'UPDATE';
    case 'Delete':
      return 'DELETE';
    case 'Select': {
      const { ctes } = statement.tree.withClause ?? { ctes: [] };
      const inner = ctes.flatMap(({ CommonTableExpr: cte }) => changeOf(cte.ctequery) ?? [])[0];
      return inner === undefined ? 'a statement that writes' : writeName(inner);
    }
  }
}

const SYSTEM_TABLES: ReadonlySet<string> = new Set<SystemTableName>([
  'users',
  'role_options',
  'role_members',
]);

/** A change of a table of the system database, by its full name, is a statement of its own kind. */
export function asSystemWrite(statement: Statement): Statement {
  if (!isChange(statement)) return statement;
  const { relation } = statement.tree;
  if (!isSystemTable(relation)) return statement;
  return { kind: 'SystemWrite', table: relation.relname as SystemTableName, change: statement };
}

function isSystemTable({ catalogname, schemaname, relname }: RangeVar): boolean {
  if (!SYSTEM_TABLES.has(relname)) return false;
  if (catalogname === undefined) return schemaname === 'system';
  return catalogname === 'system' && schemaname === 'public';
}
