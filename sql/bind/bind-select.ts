import type { SqlType } from '../../catalog/types/sql-type';
import type { ResultColumn } from '../engine';
import type { SelectStmt } from '../parse/pg-tree';
import { bindNode } from './bind-expr';
import { bindQuery } from './bind-query';
import type { Binder, StatementChanges, StatementFacts } from './binder';
import { withRegNames } from './catalog-functions';
import type { BindContext, CatalogView, MaterializedTable } from './catalog-view';
import type { Query } from './expr';
import { EMPTY_CTES } from './scope';
import { checkSetConfig, type SettingChange } from './set-config';
import { ParameterTypes } from './untyped';

/** The entry: a SELECT's tree to a typed query. */

export interface BoundQuery {
  readonly query: Query;
  readonly columns: readonly ResultColumn[];
  readonly parameterTypes: readonly SqlType[];
  /** Advances a sequence: the caller holds the write lock while it runs. */
  readonly writes: boolean;
  /** Acts on other sessions. */
  readonly signals?: boolean;
  /** Changed before it runs. */
  readonly settings?: readonly SettingChange[];
  /** Rows to hand over when it runs, by the SQLite name that the query uses. */
  readonly materialized: ReadonlyMap<string, MaterializedTable>;
  /** Descriptor ids of the relations it names. */
  readonly relationIds: ReadonlySet<number>;
}

export function makeBinder(context: BindContext, changes?: StatementChanges): Binder {
  const facts: StatementFacts = {
    nextAlias: 1,
    depth: 0,
    writes: false,
    volatile: false,
    signals: false,
    settings: [],
    changes,
    materialized: new Map(),
    relationIds: new Set(),
  };
  return binderOver(context, facts, new ParameterTypes(context));
}

function binderOver(context: BindContext, facts: StatementFacts, types: ParameterTypes): Binder {
  const binder: Binder = {
    context,
    types,
    facts,
    withCatalog: (catalog: CatalogView) => binderOver({ ...context, catalog }, facts, types),
    bindExpr: (node, scope) => bindNode(binder, node, scope),
    bindQuery: (statement, outer, ctes) => bindQuery(binder, statement, outer, ctes),
  };
  return binder;
}

/** @throws SqlError with CockroachDB's wording; 0A000 for what this program can't do exactly. */
export function bindSelect(tree: SelectStmt, context: BindContext): BoundQuery {
  const binder = makeBinder(context);
  const query = withRegNames(binder, binder.bindQuery(tree, undefined, EMPTY_CTES));
  checkSetConfig(tree, binder.facts.settings);
  return {
    query,
    signals: binder.facts.signals,
    settings: binder.facts.settings,
    columns: query.outputs,
    parameterTypes: binder.types.all(),
    writes: binder.facts.writes,
    materialized: binder.facts.materialized,
    relationIds: binder.facts.relationIds,
  };
}
