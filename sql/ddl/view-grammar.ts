import { notSupported } from '../../base/errors';
import { lex } from '../parse/lexer';
import { isPunct, isWord } from '../parse/token';
import { requireKnownToAlpha } from './later-features';

/** What queries may say here and CockroachDB v21.2 can't read: its RESTORE refuses a database with such a view. */

type Fields = Readonly<Record<string, unknown>>;

interface Construct {
  readonly what: string;
  readonly hint: string;
  readonly isThere: (node: Fields) => boolean;
}

const CONSTRUCTS: readonly Construct[] = [
  {
    what: 'NULLS LAST, or DESC NULLS FIRST,',
    hint: 'Order by x IS NULL first, and then by x.',
    isThere: ({ sortby_dir: direction, sortby_nulls: nulls }) =>
      nulls === (direction === 'SORTBY_DESC' ? 'SORTBY_NULLS_FIRST' : 'SORTBY_NULLS_LAST'),
  },
  {
    what: 'an aggregate with DISTINCT and ORDER BY',
    hint: 'Let a subquery select the distinct rows.',
    isThere: ({ agg_distinct: distinct, agg_order: order }) =>
      distinct === true && order !== undefined,
  },
  {
    what: 'an array type with a size',
    hint: 'The size does nothing: leave it away.',
    isThere: ({ arrayBounds: bounds }) => isSized(bounds),
  },
  {
    what: 'GROUP BY DISTINCT',
    hint: 'Name each column once.',
    isThere: ({ groupDistinct }) => groupDistinct === true,
  },
  {
    what: 'SELECT without columns',
    hint: 'Select a constant.',
    isThere: ({ op, targetList, valuesLists }) =>
      op === 'SETOP_NONE' && targetList === undefined && valuesLists === undefined,
  },
  {
    what: 'SEARCH or CYCLE',
    hint: 'Compute the column in the query.',
    isThere: ({ search_clause: search, cycle_clause: cycle }) =>
      search !== undefined || cycle !== undefined,
  },
];

const isSized = (bounds: unknown): boolean =>
  Array.isArray(bounds) &&
  bounds.some(({ Integer: size }: { Integer?: { ival?: number } }) => (size?.ival ?? 0) >= 0);

/** @param tree of the view's query, whose text is `text` @throws SqlError featureNotSupported (0A000) */
export function refuseUnreadable(tree: unknown, text: string): void {
  requireKnownToAlpha(tree, 'a view');
  refuseConstructs(tree);
  refuseSpellings(text);
}

function refuseConstructs(tree: unknown): void {
  if (typeof tree !== 'object' || tree === null) return;
  for (const { what, hint, isThere } of CONSTRUCTS) {
    if (isThere(tree as Fields)) throw notSupported(`${what} in a view`, hint);
  }
  for (const value of Object.values(tree)) refuseConstructs(value);
}

/** What the tree shows no more. */
function refuseSpellings(text: string): void {
  const tokens = lex(text);
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    if (isWord(token, 'similar') && !isWord(next, 'to') && !isPunct(tokens[i - 1], '.'))
      throw notSupported('SUBSTRING … SIMILAR in a view', 'Call substring(text, pattern, escape).');
    if (isWord(token, 'session_user') && isPunct(next, '('))
      throw notSupported('session_user() in a view', 'Write SESSION_USER.');
    if (isWord(token, 'national') && (isWord(next, 'char') || isWord(next, 'character')))
      throw notSupported('NATIONAL CHARACTER in a view', 'Write CHAR.');
  }
}
