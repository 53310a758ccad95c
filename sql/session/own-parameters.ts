import { SqlError } from '../../base/errors';
import { utf8Text } from '../../base/utf8';
import type { SqlType } from '../../catalog/types/sql-type';
import { INT8, STRING, typeByOid } from '../../catalog/types/table';
import { typeName } from '../../catalog/types/type-name';
import type { SessionValues } from '../builtins/repr';
import type { SelectStatement, Statement } from '../parse/ast';
import type { PgNode } from '../parse/pg-tree';
import type { StatementContext } from '../statements/statement-context';
import { decodeParameters, type GivenParameters } from './parameters';
import { castNode, parameterBytes } from './sql-prepared';

/** Placeholders in statements of CockroachDB's own: locations, passphrases and times are texts, and there are ids of jobs and the like. */

/** Statements whose placeholders are ids, and the type of those. */
const WITH_IDS: ReadonlyMap<Statement['kind'], SqlType> = new Map([
  ['ShowJobs', INT8],
  ['ControlJobs', INT8],
  ['ShowSchedules', INT8],
  ['ShowCreateSchedules', INT8],
  ['ControlSchedules', INT8],
  ['Cancel', STRING],
]);

/** Commands whose placeholders are texts; the others have none. */
const COMMANDS_WITH_TEXTS: ReadonlySet<Statement['kind']> = new Set([
  'CreateRole',
  'AlterRole',
  // Refused by a sentence of its own.
  'SystemWrite',
]);

/**
 * One type for each `$n` up to the highest that a statement of CockroachDB's own names: that of ids, or STRING for locations,
 * passphrases, times. Found anywhere in its tree, PostgreSQL's nodes within it included.
 * @param declared by the client, for ids: 0 or missing is our choice
 */
export function ownParameterTypes(
  statement: Statement,
  givesRows: boolean,
  declared: readonly number[],
): SqlType[] {
  const { kind } = statement;
  const id = WITH_IDS.get(kind);
  if (id === undefined && !givesRows && !COMMANDS_WITH_TEXTS.has(kind)) return [];
  let highest = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('kind' in node && node.kind === 'placeholder' && 'index' in node) {
      highest = Math.max(highest, Number(node.index));
    }
    for (const [key, child] of Object.entries(node)) {
      if (key === 'ParamRef') highest = Math.max(highest, Number(child?.number ?? 0));
      visit(child);
    }
  };
  visit(statement);
  return Array.from({ length: highest }, (_, i) =>
    id === undefined ? STRING : (typeByOid(declared[i] ?? 0) ?? id),
  );
}

/** The values of a statement of CockroachDB's own, as text. */
export function ownParameters(
  types: readonly SqlType[],
  given: Pick<GivenParameters, 'parameters' | 'parameterFormats'>,
  session: SessionValues,
): readonly (Uint8Array | null)[] {
  const { parameters, parameterFormats } = given;
  // The binary form of a text is the text.
  if (types.every(({ family }) => family === 'string')) return parameters;
  return parameterBytes(
    decodeParameters(types, parameters, parameterFormats, session),
    types,
    session,
  );
}

/**
 * A query with the values of its placeholders, and a text for it: what is compiled is kept by its text, which has to have the
 * values in it.
 * @throws SqlError undefinedParameter (42P02)
 */
export function withValues(
  query: SelectStatement,
  text: string,
  types: readonly SqlType[],
  parameters: readonly (Uint8Array | null)[],
): [SelectStatement, string] {
  if (types.length === 0) return [query, text];
  const replaced = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map(replaced);
    if ('ParamRef' in node) {
      const number = Number((node.ParamRef as { readonly number?: number }).number ?? 0);
      return valueNode(number, types, parameters);
    }
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, replaced(child)]));
  };
  const tree = replaced(query.tree) as SelectStatement['tree'];
  return [{ ...query, tree }, JSON.stringify(tree)];
}

function valueNode(
  number: number,
  types: readonly SqlType[],
  parameters: readonly (Uint8Array | null)[],
): PgNode {
  const type = types[number - 1];
  const bytes = parameters[number - 1];
  if (type === undefined || bytes === undefined) throw noValue(number);
  const arg: PgNode =
    bytes === null
      ? { A_Const: { isnull: true } }
      : { A_Const: { sval: { sval: utf8Text(bytes) } } };
  return { TypeCast: { arg, typeName: castNode(typeName(type)) } };
}

const noValue = (number: number): SqlError =>
  new SqlError('undefinedParameter', `no value provided for placeholder: $${number}`);

/** A string or a parameter where a statement of CockroachDB's own takes a text. */
export function literalText(
  value: Parameters<StatementContext['text']>[0],
  parameters: readonly (Uint8Array | null)[],
): string {
  if (value.kind === 'string') return value.value;
  const bytes = parameters[value.index - 1];
  if (bytes === undefined) throw noValue(value.index);
  if (bytes === null) throw new SqlError('nullValueNotAllowed', 'expected string, got NULL');
  return utf8Text(bytes);
}
