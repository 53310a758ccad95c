import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../catalog/identifiers';
import type { TableInfo } from '../../catalog/table-info';
import type { Repr } from '../../catalog/types/sql-type';
import { listComments } from '../../storage/ranges/comment-rows';
import type { StatementContext } from './statement-context';

/** Comments in SHOW … WITH COMMENT and SHOW CREATE. */

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

/** `;⏎COMMENT ON TABLE public.t IS 'x'`: what SHOW CREATE says after the statement itself. */
export function commentStatements(
  table: TableDescriptor,
  { schemaName, name }: TableInfo,
  context: StatementContext,
): string {
  const of = quoteQualified([schemaName, name]);
  const names: Readonly<Record<number, (subId: number) => string | undefined>> = {
    1: () => `TABLE ${of}`,
    2: (subId) => {
      const column = table.columns.find(({ id }) => id === subId);
      return column && `COLUMN ${of}.${quoteIdentifier(column.name)}`;
    },
    3: (subId) => {
      const index = [...table.indexes, table.primaryIndex].find((each) => each?.id === subId);
      return index && `INDEX ${of}@${quoteIdentifier(index.name)}`;
    },
  };
  return listComments(context.engine.db)
    .filter(({ objectId }) => objectId === table.id)
    .flatMap(({ type, subId, comment }) => {
      const what = names[type]?.(subId);
      return what === undefined ? [] : [`;\nCOMMENT ON ${what} IS ${quoteLiteral(comment)}`];
    })
    .join('');
}
