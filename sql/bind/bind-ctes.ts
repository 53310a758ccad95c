import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { collationOf, comparesNatively } from '../builtins/type-rules';
import { changesInWith } from '../parse/changes';
import type { CommonTableExpr, WithClause } from '../parse/pg-tree';
import { type Binder, newAlias, type StatementChanges } from './binder';
import type { CteDefinition, OutputColumn, Query } from './expr';
import { outputColumn } from './expr';
import { names } from './pg-access';
import type { CteBinding, Scope } from './scope';
import { selectOf } from './select-of';

/** WITH and WITH RECURSIVE: SQLite has both; names are replaced by unique ones. */

export function bindCtes(
  binder: Binder,
  clause: WithClause,
  outer: Scope | undefined,
  before: ReadonlyMap<string, CteBinding>,
  definitions: CteDefinition[],
): ReadonlyMap<string, CteBinding> {
  const changes = changesInWith(clause) ? topLevelChanges(binder, clause) : undefined;
  const visible = new Map(before);
  const seen = new Set<string>();
  for (const { CommonTableExpr: cte } of clause.ctes) {
    if (seen.has(cte.ctename))
      throw new SqlError(
        'duplicateAlias',
        `WITH query name ${cte.ctename} specified more than once`,
      );
    seen.add(cte.ctename);
    if (cte.search_clause !== undefined || cte.cycle_clause !== undefined)
      throw notSupported('SEARCH or CYCLE', 'Compute the column in the query.');
    if (changes !== undefined) {
      visible.set(cte.ctename, bindStep(binder, changes, cte, clause.recursive === true, visible));
      continue;
    }
    const sqliteName = `w${binder.facts.nextAlias++}`;
    const binding = bindCte(binder, cte, clause.recursive === true, outer, visible, sqliteName);
    definitions.push({
      name: sqliteName,
      query: binding.query,
      recursive: binding.recursive,
      materialized: cte.ctematerialized === 'CTEMaterializeAlways',
    });
    visible.set(cte.ctename, binding.cte);
  }
  return visible;
}

/** @throws SqlError featureNotSupported where nothing may change data */
function topLevelChanges(binder: Binder, clause: WithClause): StatementChanges {
  const { changes } = binder.facts;
  if (changes?.topLevel === clause) return changes;
  throw new SqlError(
    'featureNotSupported',
    'WITH clause containing a data-modifying statement must be at the top level',
  );
}

/** Beside a statement that changes data every query is computed once, in its turn. */
function bindStep(
  binder: Binder,
  changes: StatementChanges,
  cte: CommonTableExpr,
  recursive: boolean,
  visible: ReadonlyMap<string, CteBinding>,
): CteBinding {
  if (!('SelectStmt' in cte.ctequery)) {
    const { sqliteName, columns } = changes.inWith(cte.ctequery, visible);
    return named(cte, sqliteName, columns);
  }
  const inner = `w${binder.facts.nextAlias++}`;
  const bound = bindCte(binder, cte, recursive, undefined, visible, inner);
  if (!bound.recursive) return { ...bound.cte, sqliteName: changes.keep(bound.query) };
  const definition = { name: inner, query: bound.query, recursive: true, materialized: false };
  return { ...bound.cte, sqliteName: changes.keep(rowsOf(binder, definition)) };
}

/** `SELECT * FROM` a common table expression. */
function rowsOf(binder: Binder, definition: CteDefinition): Query {
  const source = newAlias(binder);
  const { outputs } = definition.query;
  const exprs = outputs.map((output, i) => outputColumn(source, output, i));
  const from = [{ kind: 'named' as const, source, name: definition.name }];
  return selectOf(exprs, { outputs, from, ctes: [definition] });
}

interface BoundCte {
  readonly cte: CteBinding;
  readonly query: Query;
  readonly recursive: boolean;
}

function named(
  cte: CommonTableExpr,
  sqliteName: string,
  outputs: readonly Pick<OutputColumn, 'name' | 'type'>[],
): CteBinding {
  const wanted = names(cte.aliascolnames);
  if (wanted.length > outputs.length)
    throw new SqlError(
      'invalidColumnReference',
      `source "${cte.ctename}" has ${outputs.length} columns available but ${wanted.length} columns specified`,
    );
  const columns = outputs.map((output, i) => ({
    name: wanted[i] ?? output.name,
    type: output.type,
  }));
  return { name: cte.ctename, sqliteName, columns };
}

function bindCte(
  binder: Binder,
  cte: CommonTableExpr,
  recursive: boolean,
  outer: Scope | undefined,
  visible: ReadonlyMap<string, CteBinding>,
  sqliteName: string,
): BoundCte {
  if (!('SelectStmt' in cte.ctequery)) throw notSupported('statements that change data in WITH');
  const statement = cte.ctequery.SelectStmt;
  const { larg } = statement;
  if (!recursive || statement.op !== 'SETOP_UNION' || larg === undefined) {
    const query = binder.bindQuery(statement, outer, visible);
    return { cte: named(cte, sqliteName, query.outputs), query, recursive: false };
  }
  // The first arm gives the columns; bound again as part of the whole, under the name it defines.
  const seed = binder.bindQuery(larg, outer, visible);
  const binding = named(cte, sqliteName, seed.outputs);
  const inside = new Map(visible).set(cte.ctename, binding);
  const query = binder.bindQuery(statement, outer, inside);
  if (query.orderBy.length > 0) throw notSupported('ORDER BY in a recursive WITH query');
  const exact = query.kind === 'set' && !query.all;
  const byBytes = (type: SqlType): boolean => comparesNatively(type) && collationOf(type) === '';
  if (exact && !query.outputs.every(({ type }) => byBytes(type)))
    throw notSupported('UNION without ALL over decimals or intervals in a recursive WITH query');
  return { cte: named(cte, sqliteName, query.outputs), query, recursive: true };
}
