import { notSupported } from '../../base/errors';
import { quoteIdentifier, quoteQualified } from '../../catalog/identifiers';
import { names } from '../bind/pg-access';
import { resolveTypeName } from '../bind/type-names';
import { lex } from '../parse/lexer';
import type { RangeVar, ResTarget, TypeName } from '../parse/pg-tree';
import { isPunct, isWord, type Token } from '../parse/token';
import { OPERATORS } from './print-expression';
import type { DdlRun } from './run';

/** The query of a view as its descriptor keeps it, and the relations that it names. */

interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Ids of what the query names itself, not of what lies under its views. */
export function directRelations(tree: unknown, run: DdlRun): number[] {
  const ids = new Set<number>();
  collect(tree, new Set(), (node) => {
    const parts = [node.catalogname, node.schemaname, node.relname].filter((p) => p !== undefined);
    const table = run.bindContext().catalog.resolveRelation(parts);
    if (table !== undefined) ids.add(table.id);
  });
  return [...ids];
}

/** Whether it selects `*` or `t.*`; `count(*)` is no such thing. */
export function hasStar(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  return 'A_Star' in tree || Object.values(tree).some(hasStar);
}

/** Whether a query that has no `*` says a column's name, or joins by whatever names there are. */
export function mayName(tree: unknown, column: string): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  const { sval, isNatural } = tree as { readonly sval?: unknown; readonly isNatural?: unknown };
  if (sval === column || isNatural === true) return true;
  return Object.values(tree).some((node) => mayName(node, column));
}

/**
 * The query with every table's name spelled `database.schema.table`, user-defined types by OID, in CockroachDB's spacing and as
 * its grammar reads it.
 * @throws SqlError featureNotSupported (0A000) for `[…]` in FROM: tables are not found in it
 */
export function qualifiedQuery(text: string, tree: unknown, run: DdlRun): string {
  const tokens = lex(text).filter((token) => token.type !== 'eof');
  const replacements: Replacement[] = [
    ...typeReferences(tree, tokens, run),
    ...bareLabels(tree, tokens),
    ...namedOperators(tokens),
  ];
  collect(tree, new Set(), (node) => {
    if (node.statement !== undefined || node.tableId !== undefined)
      throw notSupported(
        '[…] in the FROM of a view',
        'Name the table, or put the query in parentheses.',
      );
    const parts = [node.catalogname, node.schemaname, node.relname].filter((p) => p !== undefined);
    const table = run.bindContext().catalog.resolveRelation(parts);
    const first = tokens.findIndex((token) => token.start === node.location);
    if (table === undefined || first < 0) return;
    replacements.push({
      from: first,
      to: first + parts.length * 2 - 1,
      text: quoteQualified([table.databaseName, table.schemaName, table.name]),
    });
  });
  return render(text, tokens, replacements);
}

/** `x::mood` as `x::@100053`: a name would be looked up where the view is used. */
function typeReferences(tree: unknown, tokens: readonly Token[], run: DdlRun): Replacement[] {
  const found: Replacement[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const name = 'typeName' in node ? (node.typeName as TypeName) : undefined;
    const from = tokens.findIndex((token) => token.start === name?.location);
    if (name?.names !== undefined && name.oidReference === undefined && from >= 0) {
      const type = resolveTypeName(name, run.bindContext().catalog);
      const length = names(name.names).length * 2 - 1 + (name.arrayBounds ?? []).length * 2;
      const isUserDefined = (type.element ?? type).family === 'enum';
      if (isUserDefined) found.push({ from, to: from + length, text: `@${type.oid}` });
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(tree);
  return found;
}

/** Words behind which a list of columns is over. */
const CLAUSES = new Set(
  'from where group having window order limit offset fetch for union intersect except'.split(' '),
);

/** `x year` as `x AS year`: without AS, CockroachDB takes no keyword for a label. */
function bareLabels(tree: unknown, tokens: readonly Token[]): Replacement[] {
  const found: Replacement[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const target = 'ResTarget' in node ? (node.ResTarget as ResTarget) : undefined;
    const from = tokens.findIndex((token) => token.start === target?.location);
    if (target?.name !== undefined && from >= 0) {
      const at = endOfTarget(tokens, from) - 1;
      const label = tokens[at];
      const isName = label?.type === 'word' || label?.type === 'quoted';
      if (isName && label.value === target.name && !isWord(tokens[at - 1], 'as'))
        found.push({ from: at, to: at + 1, text: `AS ${quoteIdentifier(target.name)}` });
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(tree);
  return found;
}

/** Index after an item of SELECT's list. */
function endOfTarget(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    const before = tokens[at - 1];
    if (isPunct(token, '(') || isPunct(token, '[')) depth++;
    else if (isPunct(token, ')') || isPunct(token, ']')) depth--;
    if (depth < 0 || (depth === 0 && (isPunct(token, ',') || isPunct(token, ';')))) return at;
    const isPart =
      isPunct(before, '.') || ['as', 'distinct', 'within'].some((w) => isWord(before, w));
    if (depth === 0 && token?.type === 'word' && CLAUSES.has(token.value) && !isPart) return at;
  }
  return tokens.length;
}

/** `OPERATOR(pg_catalog.=)` as `=`. */
function namedOperators(tokens: readonly Token[]): Replacement[] {
  return tokens.flatMap((token, from) => {
    if (!isWord(token, 'operator') || !isPunct(tokens[from + 1], '(')) return [];
    const close = tokens.findIndex((each, at) => at > from && isPunct(each, ')'));
    const operator = tokens[close - 1];
    if (operator?.type !== 'op') return [];
    return [{ from, to: close + 1, text: OPERATORS[operator.value] ?? operator.value }];
  });
}

/** Calls `visit` for each table named in FROM that is no common table expression. */
function collect(node: unknown, ctes: ReadonlySet<string>, visit: (node: RangeVar) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, ctes, visit);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const fields = node as { readonly [key: string]: unknown };
  const inner = new Set([...ctes, ...cteNames(fields['withClause'])]);
  for (const [key, value] of Object.entries(fields)) {
    if (key !== 'RangeVar') {
      collect(value, inner, visit);
      continue;
    }
    const relation = value as RangeVar;
    const isCte = relation.schemaname === undefined && inner.has(relation.relname);
    if (!isCte) visit(relation);
  }
}

function cteNames(clause: unknown): string[] {
  const ctes = (clause as { ctes?: { CommonTableExpr?: { ctename?: string } }[] } | undefined)
    ?.ctes;
  return (ctes ?? []).flatMap((cte) => cte.CommonTableExpr?.ctename ?? []);
}

/** Keywords that CockroachDB prints in capitals. */
const KEYWORDS = new Set(
  (
    'select from where group by having order limit offset as on using join inner left right full outer cross natural ' +
    'union all intersect except distinct and or not null is in between like ilike similar to case when then else end ' +
    'with recursive values exists any some asc desc nulls first last lateral ordinality cast array interval true false ' +
    'filter over partition rows range groups preceding following unbounded current row collate'
  ).split(' '),
);
const LOWER = new Set(['true', 'false']);

/** Names without quotes that CockroachDB reserves and PostgreSQL does not. */
const RESERVED_NAMES = new Set(['family', 'index', 'none', 'nothing', 'visible']);

/** Token by token: one blank between two, none inside brackets and names. */
function render(
  text: string,
  tokens: readonly Token[],
  replacements: readonly Replacement[],
): string {
  let result = '';
  let previous: Token | undefined;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    const replacement = replacements.find((candidate) => candidate.from === i);
    const word = replacement?.text ?? tokenText(text, token, tokens[i - 1], tokens[i + 1]);
    // Literals behind each other are one when they stand on lines of their own.
    const isContinued = token.type === 'string' && previous?.type === 'string';
    const blank = isContinued ? '\n' : ' ';
    result += `${needsBlank(previous, token) ? blank : ''}${word}`;
    previous = token;
    if (replacement !== undefined) {
      i = replacement.to - 1;
      previous = tokens[i];
    }
  }
  return result;
}

function tokenText(
  text: string,
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
): string {
  if (token.type === 'op') return OPERATORS[token.value] ?? token.value;
  if (token.type !== 'word') return text.slice(token.start, token.end);
  if (RESERVED_NAMES.has(token.value)) return quoteIdentifier(token.value);
  const isPart = before?.value === '.' || after?.value === '.';
  const isKeyword = KEYWORDS.has(token.value) && !isPart && !LOWER.has(token.value);
  return isKeyword ? token.value.toUpperCase() : token.value;
}

const NO_BLANK_AFTER = new Set(['(', '[', '.', '::', ':::', '->', '->>', '#>', '#>>']);
const NO_BLANK_BEFORE = new Set([')', ']', '.', ',', '::', ':::', '->', '->>', '#>', '#>>']);

function needsBlank(previous: Token | undefined, token: Token): boolean {
  if (previous === undefined) return false;
  const isSign = (of: Token): boolean => of.type === 'punct' || of.type === 'op';
  if (isSign(previous) && NO_BLANK_AFTER.has(previous.value)) return false;
  if (isSign(token) && NO_BLANK_BEFORE.has(token.value)) return false;
  // `f(` is a call; `IN (` and `AS (` are not.
  const isCall = token.value === '(' || token.value === '[';
  const isName =
    previous.type === 'quoted' || (previous.type === 'word' && !KEYWORDS.has(previous.value));
  return !(
    isCall &&
    isSign(token) &&
    (isName || previous.value === ')' || previous.value === 'array')
  );
}
