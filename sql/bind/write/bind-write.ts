import { notSupported } from '../../../base/errors';
import { changeOf, changesInWith, type WriteStatement } from '../../parse/changes';
import { makeBinder } from '../bind-select';
import type { StatementChanges } from '../binder';
import { withRegNames } from '../catalog-functions';
import type { MaterializedTable } from '../catalog-view';
import type { Query } from '../expr';
import { EMPTY_CTES } from '../scope';
import type { ReadPlan, WritePlan } from './plan';
import { bindChange, Steps } from './steps';
import { addProgram, type WriteBinder, type WriteContext } from './write-binder';

export interface BoundWrite {
  readonly plan: WritePlan;
  /** By ProgramId. */
  readonly programs: readonly Query[];
  readonly materialized: ReadonlyMap<string, MaterializedTable>;
}

/**
 * The entry: INSERT, UPSERT, UPDATE, DELETE, and queries that hold one of them.
 * @throws SqlError with CockroachDB's wording
 */
export function bindWrite(statement: WriteStatement, context: WriteContext): BoundWrite {
  if (statement.asOf !== null) throw notSupported('AS OF SYSTEM TIME in a statement that writes');
  const steps = new Steps();
  const { withClause } = statement.tree;
  const changes: StatementChanges = {
    topLevel: withClause,
    inWith(node, ctes) {
      const inner = changeOf(node);
      if (inner === undefined) throw notSupported('this statement in WITH');
      return steps.change(write, inner, ctes);
    },
    inBrackets: (inner) => steps.change({ ...write, several: true }, inner),
    keep: (query) => steps.rows(write, query),
    use: (sqliteName) => steps.use(sqliteName),
    begin: (tableId) => steps.begin(tableId),
    nameOf: (table) => steps.nameOf(table),
  };
  const binder = makeBinder(context, changes);
  const several = statement.kind === 'Select' || changesInWith(withClause);
  const write: WriteBinder = { binder, context, programs: [], ctes: EMPTY_CTES, several };
  const plan = bindStatement(write, statement, steps);
  return {
    plan: {
      ...plan,
      parameterTypes: binder.types.all(),
      relationIds: [...binder.facts.relationIds],
      ...steps.finish(),
    },
    programs: write.programs,
    materialized: binder.facts.materialized,
  };
}

function bindStatement(write: WriteBinder, statement: WriteStatement, steps: Steps): WritePlan {
  const unknown = { parameterTypes: [], relationIds: [] };
  if (statement.kind !== 'Select') {
    const plan = { ...bindChange(write, statement), ...unknown };
    steps.note(plan);
    return plan;
  }
  const { binder } = write;
  const query = withRegNames(binder, binder.bindQuery(statement.tree, undefined, EMPTY_CTES));
  const source = addProgram(write, query);
  const plan: ReadPlan = {
    kind: 'read',
    source,
    tables: [],
    returning: undefined,
    columns: query.outputs,
    ...unknown,
  };
  return plan;
}
