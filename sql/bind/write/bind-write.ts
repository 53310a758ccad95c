import { notSupported } from '../../../base/errors';
import type { DeleteStatement, InsertStatement, UpdateStatement } from '../../parse/ast';
import { makeBinder } from '../bind-select';
import type { MaterializedTable } from '../catalog-view';
import type { Query } from '../expr';
import { bindDelete, bindUpdate } from './bind-change';
import { bindInsert } from './bind-insert';
import type { WritePlan } from './plan';
import type { WriteBinder, WriteContext } from './write-binder';

export type WriteStatement = InsertStatement | UpdateStatement | DeleteStatement;

export interface BoundWrite {
  readonly plan: WritePlan;
  /** By ProgramId. */
  readonly programs: readonly Query[];
  readonly materialized: ReadonlyMap<string, MaterializedTable>;
}

/** The entry: INSERT, UPSERT, UPDATE and DELETE. @throws SqlError with CockroachDB's wording */
export function bindWrite(statement: WriteStatement, context: WriteContext): BoundWrite {
  if (statement.asOf !== null) throw notSupported('AS OF SYSTEM TIME in a statement that writes');
  const binder = makeBinder(context);
  const write: WriteBinder = { binder, context, programs: [] };
  const plan = bindKind(write, statement);
  return {
    plan: {
      ...plan,
      parameterTypes: binder.types.all(),
      relationIds: [...binder.facts.relationIds],
    },
    programs: write.programs,
    materialized: binder.facts.materialized,
  };
}

function bindKind(write: WriteBinder, statement: WriteStatement) {
  switch (statement.kind) {
    case 'Insert':
      return bindInsert(write, statement.tree, statement.upsert);
    case 'Update':
      return bindUpdate(write, statement.tree, statement.limit);
    case 'Delete':
      return bindDelete(write, statement.tree, statement.limit);
  }
}
