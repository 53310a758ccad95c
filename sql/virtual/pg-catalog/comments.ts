import { type CommentRow, listComments } from '../../../storage/ranges/comment-rows';
import { indexOid } from '../oids';
import { catalogOid, type SystemContext } from '../system-table';

/** Comments as pg_description has them. */

export const CommentType = { database: 0, table: 1, column: 2, index: 3, schema: 4 } as const;

export interface Description {
  readonly objectOid: number;
  readonly classOid: number;
  /** Column number; 0: the object itself. */
  readonly subId: number;
  readonly text: string;
}

function description(row: CommentRow, classOid: number): Description | undefined {
  const { objectId, subId, comment: text } = row;
  switch (row.type) {
    case CommentType.table:
      return { objectOid: objectId, classOid, subId: 0, text };
    case CommentType.column:
      return { objectOid: objectId, classOid, subId, text };
    case CommentType.index:
      return { objectOid: indexOid(objectId, subId), classOid, subId: 0, text };
    default:
      return undefined;
  }
}

export function descriptions(context: SystemContext): Description[] {
  const { engine, objects } = context;
  const classOid = catalogOid(context, 'pg_class');
  return listComments(engine.db).flatMap((row) => {
    const made =
      objects.relationByOid(row.objectId) === undefined ? undefined : description(row, classOid);
    return made === undefined ? [] : [made];
  });
}

export function databaseComments(context: SystemContext): Description[] {
  const classOid = catalogOid(context, 'pg_database');
  return listComments(context.engine.db)
    .filter((row) => row.type === CommentType.database)
    .map(({ objectId, comment }) => ({
      objectOid: objectId,
      classOid,
      subId: 0,
      text: comment,
    }));
}
