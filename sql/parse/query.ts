import { notSupported, SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { AsOfClause, MutationLimit, SelectStatement, Statement } from './ast';
import { changesData, changesInWith } from './changes';
import { forEachTopLevel, type ParseContext, rangeText } from './context';
import { checkDepth } from './depth';
import { fixTree } from './fix-tree';
import type { CopyStmt, PgNode, SelectStmt } from './pg-tree';
import { insertPlainRows, type PlainRows, plainRows } from './plain-rows';
import { type Edit, EditedText } from './position-map';
import { PostgresSyntaxError, parsePostgres } from './postgres';
import { syntaxErrorAt } from './syntax-error';
import { toPostgres } from './to-postgres';
import { isWord } from './token';

/** Queries: what PostgreSQL's parser parses. */

interface ParsedRange {
  readonly node: PgNode;
  readonly asOf: AsOfClause | null;
  /** A statement in brackets changes data. */
  readonly changes: boolean;
}

/** Makes an expression or a lone clause a statement that PostgreSQL knows. */
type Prefix = '' | 'SELECT ' | 'SELECT 1 ';

/**
 * @param cut a stretch that is not in `context.tokens` and must leave the text as well
 * @throws SqlError syntaxError, statementTooComplex, featureNotSupported
 */
function parseRange(
  context: ParseContext,
  from: number,
  to: number,
  prefix: Prefix,
  cut: Edit | null = null,
): ParsedRange {
  if (to - from > limits.queryTokensMax) {
    throw new SqlError(
      'statementTooComplex',
      `statement of ${to - from} words and signs exceeds ${limits.queryTokensMax}`,
    );
  }
  checkDepth(context, from, to);
  const rewritten = toPostgres(context, from, to);
  const start = context.tokens[from]?.start ?? 0;
  const end = context.tokens[to - 1]?.end ?? start;
  const edits = [...rewritten.edits];
  if (prefix !== '') edits.unshift({ start, end: start, text: prefix });
  if (cut !== null) {
    edits.push(cut);
    edits.sort((left, right) => left.start - right.start);
  }
  const edited = new EditedText(context.source, start, Math.max(start, end), edits);
  let node: PgNode;
  try {
    node = parsePostgres(edited.text);
  } catch (error) {
    throw error instanceof PostgresSyntaxError
      ? asSyntaxError(context, from, to, edited, error)
      : error;
  }
  fixTree(node, context.source, edited, rewritten.marks);
  const asOf =
    rewritten.asOf === null ? null : parseAsOf(context, rewritten.asOf[0], rewritten.asOf[1]);
  const changes = [...rewritten.marks.statements.values()].some(changesData);
  return { node, asOf, changes };
}

function asSyntaxError(
  context: ParseContext,
  from: number,
  to: number,
  edited: EditedText,
  error: PostgresSyntaxError,
): SqlError {
  const offset = /end of input$/.test(error.message)
    ? Number.POSITIVE_INFINITY
    : edited.originalOfCodePoint(error.cursor);
  let index = from;
  while (index < to && (context.tokens[index]?.end ?? 0) <= offset) index++;
  const token = context.tokens[index];
  if (token === undefined) return new SqlError('syntaxError', error.message);
  const next = context.tokens[index + 1];
  if (isWord(token, 'ordinality') || (isWord(token, 'with') && isWord(next, 'ordinality'))) {
    return notSupported('WITH ORDINALITY on a table or sub-query');
  }
  const plain = /^syntax error/.test(error.message);
  return syntaxErrorAt(context.source, token, plain ? {} : { reason: error.message });
}

/** @throws SqlError as `parseRange`. */
export function parseExpressionRange(context: ParseContext, from: number, to: number): PgNode {
  const last = context.tokens[to];
  if (from >= to && last !== undefined) throw syntaxErrorAt(context.source, last);
  const { node } = parseRange(context, from, to, 'SELECT ');
  const select = 'SelectStmt' in node ? node.SelectStmt : undefined;
  const target = select?.targetList?.[0]?.ResTarget;
  // One target without a name and nothing after it: `1 AS x`, `1, 2` and `1 FROM t` are no expressions.
  const isOne = select !== undefined && isBareTarget(select) && target?.name === undefined;
  if (!isOne || target?.val === undefined || isStar(target.val)) {
    const token = context.tokens[from];
    if (token === undefined) throw new SqlError('syntaxError', 'syntax error');
    throw syntaxErrorAt(context.source, token, { reason: 'not an expression' });
  }
  return target.val;
}

const FIELDS_OF_A_BARE_TARGET = new Set(['targetList', 'limitOption', 'op']);

function isBareTarget(select: SelectStmt): boolean {
  return (
    select.targetList?.length === 1 &&
    select.op === 'SETOP_NONE' &&
    Object.keys(select).every((field) => FIELDS_OF_A_BARE_TARGET.has(field))
  );
}

function isStar(node: PgNode): boolean {
  const field = 'ColumnRef' in node ? node.ColumnRef.fields.at(-1) : undefined;
  return field !== undefined && 'A_Star' in field;
}

export function parseAsOf(context: ParseContext, from: number, to: number): AsOfClause {
  return {
    expression: parseExpressionRange(context, from, to),
    text: rangeText(context, from, to),
    location: context.tokens[from]?.start ?? 0,
  };
}

/** A SELECT, VALUES, TABLE or WITH, in parentheses or not. */
export function parseSelectRange(context: ParseContext, from: number, to: number): SelectStatement {
  const statement = parseQuery(context, from, to);
  if (statement.kind === 'Select') return statement;
  const token = context.tokens[from];
  if (token === undefined) throw new SqlError('syntaxError', 'syntax error');
  throw syntaxErrorAt(context.source, token, { reason: 'a query is expected' });
}

/** A statement that begins with SELECT, VALUES, TABLE, WITH, `(`, INSERT, UPSERT, UPDATE or DELETE. */
export function parseQuery(context: ParseContext, from: number, to: number): Statement {
  const ordered = isMutationWithOrder(context, from, to);
  if (ordered !== null) return parseLimitedMutation(context, from, to, ordered);
  const rows = to - from > limits.queryTokensMax ? null : plainRows(context, from, to);
  if (rows !== null) return parseLongInsert(context, from, to, rows);
  return toStatement(parseRange(context, from, to, ''), null);
}

/** Parses the statement without the rows, and puts them into its tree. */
function parseLongInsert(
  context: ParseContext,
  from: number,
  to: number,
  rows: PlainRows,
): Statement {
  const { tokens } = context;
  const { start, end } = rows;
  const cut = { start: tokens[start]?.start ?? 0, end: tokens[end - 1]?.end ?? 0, text: '' };
  const shorter = { ...context, tokens: tokens.slice(0, start).concat(tokens.slice(end)) };
  const parsed = parseRange(shorter, from, to - (end - start), '', cut);
  if (insertPlainRows(parsed.node, rows)) return toStatement(parsed, null);
  return toStatement(parseRange(context, from, to, ''), null);
}

function toStatement({ node, asOf, changes }: ParsedRange, limit: MutationLimit | null): Statement {
  if ('SelectStmt' in node) {
    if (node.SelectStmt.intoClause !== undefined) {
      return { kind: 'Unsupported', what: 'SELECT INTO' };
    }
    const tree = node.SelectStmt;
    const writes = changes || changesInWith(tree.withClause);
    return { kind: 'Select', tree, asOf, ...(writes ? { changes: true } : {}) };
  }
  if ('InsertStmt' in node) {
    const tree = node.InsertStmt;
    return { kind: 'Insert', tree, upsert: tree.upsert === true, asOf };
  }
  if ('UpdateStmt' in node) return { kind: 'Update', tree: node.UpdateStmt, limit, asOf };
  if ('DeleteStmt' in node) return { kind: 'Delete', tree: node.DeleteStmt, limit, asOf };
  if ('CopyStmt' in node) return copyStatement(node.CopyStmt, asOf, changes);
  const name = Object.keys(node)[0] ?? 'this statement';
  return { kind: 'Unsupported', what: name.replace(/Stmt$/, '').toUpperCase() };
}

function copyStatement(copy: CopyStmt, asOf: AsOfClause | null, changes: boolean): Statement {
  const { relation, query, attlist, options = [], is_from: isFrom = false } = copy;
  if (copy.filename !== undefined) {
    return { kind: 'Unsupported', what: 'COPY of a file or program: only STDIN and STDOUT' };
  }
  if (copy.whereClause !== undefined) return { kind: 'Unsupported', what: 'COPY … WHERE' };
  return {
    kind: 'Copy',
    isFrom,
    relation: relation ?? null,
    query: query === undefined ? null : toStatement({ node: query, asOf, changes }, null),
    columns: attlist?.map(({ String: { sval = '' } }) => sval) ?? null,
    options: options.map(({ DefElem }) => DefElem),
  };
}

/** Token range of the `ORDER BY … LIMIT …` that follows a top-level UPDATE or DELETE. */
function isMutationWithOrder(
  context: ParseContext,
  from: number,
  to: number,
): readonly [number, number] | null {
  let mutates = false;
  let start = -1;
  let end = to;
  forEachTopLevel(context, from, to, (token, index) => {
    if (token.type !== 'word') return true;
    const { value } = token;
    if (index === from && value !== 'with' && value !== 'update' && value !== 'delete')
      return false;
    if (value === 'select' || value === 'insert' || value === 'upsert') return false;
    if (value === 'update' || value === 'delete') mutates = true;
    if (!mutates) return true;
    if (start < 0 && (value === 'limit' || startsOrderBy(context, index))) start = index;
    if (value === 'returning') end = index;
    return value !== 'returning';
  });
  return start < 0 ? null : [start, Math.max(start, end)];
}

function startsOrderBy(context: ParseContext, index: number): boolean {
  return isWord(context.tokens[index], 'order') && isWord(context.tokens[index + 1], 'by');
}

/** Parses the statement without the clauses, and the clauses behind a SELECT. */
function parseLimitedMutation(
  context: ParseContext,
  from: number,
  to: number,
  [start, end]: readonly [number, number],
): Statement {
  const clauses = parseRange(context, start, end, 'SELECT 1 ').node;
  const select: SelectStmt = 'SelectStmt' in clauses ? clauses.SelectStmt : {};
  const cut = {
    start: context.tokens[start]?.start ?? 0,
    end: context.tokens[end - 1]?.end ?? 0,
    text: '',
  };
  // The tokens without the clauses; offsets go on referring to the whole text.
  const tokens = context.tokens.slice(0, start).concat(context.tokens.slice(end));
  const parsed = parseRange({ ...context, tokens }, from, to - (end - start), '', cut);
  return toStatement(parsed, {
    sortClause: (select.sortClause ?? []).map((item) => item.SortBy),
    limitCount: select.limitCount ?? null,
  });
}

/** `SELECT expression`. */
export function selectOf(expression: PgNode): SelectStatement {
  return {
    kind: 'Select',
    asOf: null,
    tree: { targetList: [{ ResTarget: { val: expression } }], op: 'SETOP_NONE' },
  };
}
