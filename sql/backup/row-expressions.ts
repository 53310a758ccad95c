import type {
  ExpressionsWanted,
  OpenExpressions,
  RowExpressions,
} from '../../backup/backup/rows/table-source';
import { ROOT_USER } from '../../catalog/roles';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { columnById } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type { Connection } from '../../storage/ranges/connection';
import type { BindContext } from '../bind/catalog-view';
import type { SessionValues } from '../builtins/repr';
import { threadEngine } from '../ddl/define-in-thread';
import { compileOver, type GivenExpression, SOURCE } from '../ddl/validate-rows';
import { bindSlots } from '../execute/execute-on';
import { prepareConnection, registerFunctions } from '../execute/functions';
import { loadParser } from '../parse/postgres';
import { bindContext } from '../session/compile-query';
import { SessionSettings } from '../session/settings';

/** Virtual columns and predicates of partial indexes, as a BACKUP computes them. */

/** Expressions of indexes and computed columns are immutable: no session is theirs. */
const NO_SESSION: SessionValues = { timeZone: 'UTC' };

export const openExpressions: OpenExpressions = async (db, catalog) => {
  await loadParser();
  prepareConnection(db);
  const settings = new SessionSettings(() => undefined);
  const names = { catalog, settings, user: ROOT_USER };
  const context = bindContext(names, NO_SESSION, [], new Map(), threadEngine(db, catalog));
  return (wanted) => compile(db, catalog, context, wanted);
};

function compile(
  db: Connection,
  catalog: CatalogSnapshot,
  context: BindContext,
  { table, encoding, virtualIds, predicate }: ExpressionsWanted,
): RowExpressions {
  const resolveEnum = (typeId: number) => catalog.enumMetadata(typeId);
  const ids = encoding.virtualIds.filter((id) => virtualIds.has(id));
  const virtual = ids.map((id): GivenExpression => {
    const { computeExpr, type } = columnById(table, id);
    return { given: computeExpr, type: typeFromMessage(type ?? {}, resolveEnum) };
  });
  const given = predicate === '' ? virtual : [...virtual, { given: predicate }];
  let texts: readonly string[] = [];
  const { emitter } = compileOver(
    table,
    given,
    (expressions) => {
      texts = expressions;
      return '';
    },
    context,
    catalog,
  );
  registerFunctions(db, emitter.functions());
  return {
    alias: SOURCE.alias,
    texts: encoding.virtualIds.map((id) => texts[ids.indexOf(id)]),
    condition: texts[ids.length],
    parameters: bindSlots(emitter.slots, [], NO_SESSION),
  };
}
