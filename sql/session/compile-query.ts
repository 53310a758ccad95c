import { notSupported, SqlError } from '../../base/errors';
import { type TableConstraints, tableConstraints } from '../../catalog/table-constraints';
import type { SqlType } from '../../catalog/types/sql-type';
import { arrayOf, JSONB, typeByOid } from '../../catalog/types/table';
import { bindSelect } from '../bind/bind-select';
import type { BindContext } from '../bind/catalog-view';
import type { SettingChange } from '../bind/set-config';
import { bindWrite } from '../bind/write/bind-write';
import type { WriteContext } from '../bind/write/write-binder';
import type { SessionValues } from '../builtins/repr';
import type { CompiledQuery } from '../emit/compiled-query';
import type { CompiledWrite } from '../emit/compiled-write';
import { emitWrite } from '../emit/compiled-write';
import { emitBoundQuery } from '../emit/emit-query';
import type { EngineContext } from '../engine-context';
import type { RowsTable } from '../execute/messages';
import type { SelectStatement } from '../parse/ast';
import type { WriteStatement } from '../parse/changes';
import { parseExpression, parseStatement } from '../parse/parse';
import type { BracketSources } from './bracket-sources';
import { SessionCatalogView } from './catalog-view';
import type { NameContext } from './name-resolution';
import { rowsTables } from './rows-tables';
import { systemTableSource } from './system-tables';

/** A query bound and emitted, with the rows that have to be loaded before it runs. */
export interface PreparedQuery {
  readonly compiled: CompiledQuery;
  readonly tables: readonly RowsTable[];
  /** Descriptor ids of the relations that it names. */
  readonly relationIds: ReadonlySet<number>;
  /** Acts on other sessions: not inside another statement. */
  readonly signals?: boolean;
  /** Changed before it runs. */
  readonly settings?: readonly SettingChange[];
  /** The catalog's, when it was bound. */
  readonly version: number;
}

/** The same of a statement that writes. */
export interface PreparedWrite {
  readonly compiled: CompiledWrite;
  readonly tables: readonly RowsTable[];
  /** The catalog's, when it was bound. */
  readonly version: number;
}

/** PostgreSQL's JSON and its array, which drivers declare for any document; here there is JSONB alone. */
const JSON_KIN: ReadonlyMap<number, SqlType> = new Map([
  [114, JSONB],
  [199, arrayOf(JSONB)],
]);

/** Parameter types as the client declared them; 0 and unknown OIDs are inferred. */
function declaredTypes(oids: readonly number[], view: SessionCatalogView): (SqlType | undefined)[] {
  return oids.map((oid) => {
    if (oid === 0 || oid === 705) return undefined;
    const type = typeByOid(oid) ?? JSON_KIN.get(oid) ?? view.resolveTypeByOid(oid);
    if (type === undefined) {
      throw new SqlError('undefinedObject', `unknown oid type: ${oid}`);
    }
    return type;
  });
}

/** @throws SqlError as binding does */
export function compileQuery(
  statement: SelectStatement,
  names: NameContext,
  session: SessionValues,
  parameterOids: readonly number[],
  sources: BracketSources,
  engine: EngineContext,
): PreparedQuery {
  const context = bindContext(names, session, parameterOids, sources, engine);
  const bound = bindSelect(statement.tree, { ...context, isClientsQuery: true });
  const { relationIds, settings = [], signals = false } = bound;
  const compiled = emitBoundQuery(bound);
  const tables = rowsTables(bound.materialized, compiled.sql);
  return { compiled, tables, relationIds, settings, signals, version: names.catalog.version };
}

/** @throws SqlError as binding does */
export function compileWrite(
  statement: WriteStatement,
  names: NameContext,
  session: SessionValues,
  parameterOids: readonly number[],
  sources: BracketSources,
  engine: EngineContext,
): PreparedWrite {
  const context = bindContext(names, session, parameterOids, sources, engine);
  const bound = bindWrite(statement, writeContext(context, names));
  const { version } = names.catalog;
  return { compiled: emitWrite(bound), tables: rowsTables(bound.materialized), version };
}

/** What binding a write needs beside. */
export function writeContext(context: BindContext, names: NameContext): WriteContext {
  const constraints = new Map<number, TableConstraints>();
  return {
    ...context,
    constraintsOf(id) {
      const known = constraints.get(id) ?? tableConstraints(id, names.catalog);
      constraints.set(id, known);
      return known;
    },
  };
}

/** What the binder needs to know of a session. */
export function bindContext(
  names: NameContext,
  session: SessionValues,
  parameterOids: readonly number[],
  sources: BracketSources,
  engine: EngineContext,
): BindContext {
  const catalog = new SessionCatalogView(names);
  return {
    catalog,
    parameterTypes: declaredTypes(parameterOids, catalog),
    timeZone: names.settings.timeZone,
    settings: session,
    showSource(source) {
      const found = sources.get(source);
      if (found === undefined) throw notSupported('a statement other than SHOW in brackets');
      return found;
    },
    ...systemTableSource(engine, names, session),
    parseQuery(sql) {
      const parsed = parseStatement(sql);
      if (parsed.kind !== 'Select') throw notSupported('a view that is not a SELECT');
      return parsed.tree;
    },
    parseExpression,
  };
}
