import { SqlError } from '../../base/errors';
import { deleteComment, putComment } from '../../storage/ranges/comment-rows';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import type { CommentOnStatement } from '../parse/ddl-ast';
import type { StatementContext } from '../statements/statement-context';
import { findIndex } from './alter-indexes';
import { type DdlRun, runDefinition } from './run';
import { requireRelation } from './target';

/** COMMENT ON. Numbers of kinds. Source: CockroachDB, system.comments. */
const TYPES = { DATABASE: 0, TABLE: 1, COLUMN: 2, INDEX: 3 } as const;

export async function commentOn(
  statement: CommentOnStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition(`COMMENT ON ${statement.object}`, context, (run) => {
    const { objectId, subId } = commented(statement, run);
    run.require(objectId, 'CREATE');
    const type = TYPES[statement.object];
    const { comment } = statement;
    if (comment === null) deleteComment(run.db, type, objectId, subId);
    else putComment(run.db, { type, objectId, subId, comment });
    bumpCatalogVersion(run.db);
  });
}

function commented(
  statement: CommentOnStatement,
  run: DdlRun,
): { readonly objectId: number; readonly subId: number } {
  const { object, name } = statement;
  const last = name.parts.at(-1) ?? '';
  switch (object) {
    case 'DATABASE': {
      const database = run.catalog.database(last);
      if (database !== undefined) return { objectId: database.id, subId: 0 };
      throw new SqlError('invalidCatalogName', `database "${last}" does not exist`);
    }
    case 'TABLE':
      return {
        objectId: requireRelation(name, ['table', 'view', 'sequence', 'materialized view'], run).id,
        subId: 0,
      };
    case 'COLUMN': {
      const outer = { ...name, parts: name.parts.slice(0, -1) };
      const table = requireRelation(outer, ['table', 'view', 'materialized view'], run);
      const column = table.columns.find((other) => other.name === last);
      if (column !== undefined) return { objectId: table.id, subId: column.id };
      throw new SqlError('undefinedColumn', `column "${last}" does not exist`);
    }
    case 'INDEX': {
      const index = statement.index ?? '';
      const table = findIndex({ table: name.parts.length === 0 ? null : name, index }, run);
      const all = table === undefined ? [] : [...table.secondaryIndexes];
      if (table?.primaryIndex !== undefined) all.push(table.primaryIndex);
      const found = all.find((other) => other.name === index);
      if (table !== undefined && found !== undefined)
        return { objectId: table.id, subId: found.id };
      throw new SqlError('undefinedObject', `index "${index}" does not exist`);
    }
  }
}
