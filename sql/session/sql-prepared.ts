import { notSupported, SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { limits } from '../../base/limits';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { compileTextEncoder } from '../../catalog/types/text';
import { typeName } from '../../catalog/types/type-name';
import type { BindContext } from '../bind/catalog-view';
import { resolveTypeName } from '../bind/type-names';
import { type SessionValues, textSettings } from '../builtins/repr';
import type { PreparedStatement } from '../engine';
import type { PreparedStatementStatement } from '../parse/ast';
import { parseExpression } from '../parse/parse';
import type { PgNode, TypeName } from '../parse/pg-tree';

/** PREPARE, EXECUTE and DEALLOCATE as statements: names and parameters of one session. */

type Of<K extends PreparedStatementStatement['kind']> = Extract<
  PreparedStatementStatement,
  { kind: K }
>;

const REFUSED = new Set<string>(['Prepare', 'Execute', 'Deallocate', 'Empty']);

export class SqlPreparedStatements {
  private readonly known = new Map<string, PreparedStatement>();

  /** @throws SqlError duplicatePreparedStatement (42P05) */
  checkNew({ name, statement }: Of<'Prepare'>): void {
    if (REFUSED.has(statement.kind)) throw notSupported(`PREPARE of ${statement.kind}`);
    if (this.known.has(name))
      throw new SqlError(
        'duplicatePreparedStatement',
        `prepared statement "${name}" already exists`,
      );
    if (this.known.size >= limits.sqlPreparedStatementsMax)
      throw new SqlError('programLimitExceeded', 'too many prepared statements');
  }

  add(name: string, prepared: PreparedStatement): void {
    this.known.set(name, prepared);
  }

  /** @throws SqlError invalidSqlStatementName (26000) */
  get(name: string): PreparedStatement {
    const found = this.known.get(name);
    if (found === undefined)
      throw new SqlError('invalidSqlStatementName', `prepared statement "${name}" does not exist`);
    return found;
  }

  /** @param name `null` for all @returns false: there is none of that name */
  drop(name: string | null): boolean {
    if (name !== null) return this.known.delete(name);
    this.known.clear();
    return true;
  }
}

export function castNode(text: string): TypeName {
  const node = parseExpression(`NULL::${text}`);
  invariant('TypeCast' in node, 'a cast is a cast');
  return node.TypeCast.typeName;
}

/** OIDs of the types that PREPARE names. */
export function declaredOids(types: readonly string[], catalog: BindContext['catalog']): number[] {
  return types.map((text) => resolveTypeName(castNode(text), catalog).oid);
}

/** The arguments of EXECUTE as casts to the types of the parameters. @throws SqlError syntaxError for a wrong count */
export function argumentNodes(
  { name, arguments: given }: Of<'Execute'>,
  types: readonly SqlType[],
): PgNode[] {
  if (given.length !== types.length)
    throw new SqlError(
      'syntaxError',
      `wrong number of parameters for prepared statement "${name}": expected ${types.length}, got ${given.length}`,
    );
  return types.map((type, i) => ({
    TypeCast: {
      arg: given[i] ?? { A_Const: { isnull: true } },
      typeName: castNode(typeName(type)),
    },
  }));
}

/** Values as a client would send them, floats with all of their digits. */
export function parameterBytes(
  values: readonly Repr[],
  types: readonly SqlType[],
  session: SessionValues,
): (Uint8Array | null)[] {
  const settings = textSettings({ ...session, extraFloatDigits: 3n });
  return types.map((type, i) => {
    const value = values[i] ?? null;
    return value === null ? null : Buffer.from(compileTextEncoder(type, settings)(value));
  });
}
