import type { TableInfo } from '../../catalog/table-info';
import type { Repr } from '../../catalog/types/sql-type';
import { listComments } from '../../storage/ranges/comment-rows';
import type { StatementContext } from './statement-context';

/** The last column of SHOW … WITH COMMENT. */

/** As system.comments numbers them. */
const TYPES = { database: 0, table: 1, column: 2, index: 3 } as const;

type CommentOf = (kind: keyof typeof TYPES, id: number, subId?: number) => string | null;

/** Looks comments up that were read once, when the first is asked for. */
export function commentsOf({ engine }: StatementContext): CommentOf {
  let known: ReadonlyMap<string, string> | undefined;
  return (kind, id, subId = 0) => {
    known ??= new Map(
      listComments(engine.db).map((row) => [
        `${row.type}.${row.objectId}.${row.subId}`,
        row.comment,
      ]),
    );
    return known.get(`${TYPES[kind]}.${id}.${subId}`) ?? null;
  };
}

export function indexId(table: TableInfo, name: Repr | undefined): number | undefined {
  const { primaryIndex, secondaryIndexes } = table;
  if (primaryIndex?.name === name) return primaryIndex?.id;
  return secondaryIndexes.find((index) => index.name === name)?.id;
}
