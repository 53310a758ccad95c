import { closingBracket, forEachTopLevel, type ParseContext } from './context';
import type { AConst, PgNode } from './pg-tree';
import { isOp, isPunct, isWord, type Token } from './token';

/**
 * Long lists of VALUES are nearly all of an INSERT's text, and nearly all constants. PostgreSQL's parser would turn each into a
 * page of JSON; rows of plain constants are read here, from the tokens, into the same tree.
 */

/** Rows that follow the first row of VALUES. */
export interface PlainRows {
  /** Tokens `[start, end)`: from the comma before the first of them to the bracket after the last. */
  readonly start: number;
  readonly end: number;
  readonly rows: readonly PgNode[];
}

/** Fewer are not worth it. */
const ROWS_MIN = 16;

/** The plain rows of an INSERT or UPSERT; null: there are not many. */
export function plainRows(context: ParseContext, from: number, to: number): PlainRows | null {
  const { tokens } = context;
  if (!isWord(tokens[from], 'insert') && !isWord(tokens[from], 'upsert')) return null;
  let values = -1;
  forEachTopLevel(context, from, to, (token, index) => {
    if (isWord(token, 'values')) values = index;
    return values < 0;
  });
  if (values < 0 || !isPunct(tokens[values + 1], '(')) return null;
  const start = closingBracket(tokens, values + 1, to) + 1;
  const rows: PgNode[] = [];
  const reader = new RowReader(tokens, start, to);
  for (;;) {
    const row = reader.row();
    if (row === undefined) break;
    rows.push(row);
  }
  return rows.length < ROWS_MIN ? null : { start, end: reader.end, rows };
}

/** Puts the rows where they were: behind the first. @returns false: the tree is not of the expected shape */
export function insertPlainRows(node: PgNode, { rows }: PlainRows): boolean {
  const select = 'InsertStmt' in node ? node.InsertStmt.selectStmt : undefined;
  if (select === undefined || !('SelectStmt' in select)) return false;
  const lists = select.SelectStmt.valuesLists;
  if (lists === undefined || lists.length === 0) return false;
  const [first, ...rest] = lists;
  Object.assign(select.SelectStmt, { valuesLists: [first, ...rows, ...rest] });
  return true;
}

class RowReader {
  private readonly tokens: readonly Token[];
  private readonly to: number;
  private at: number;
  /** After the last row that was read. */
  end: number;

  constructor(tokens: readonly Token[], from: number, to: number) {
    this.tokens = tokens;
    this.at = from;
    this.end = from;
    this.to = to;
  }

  /** `, ( constant, … )`; undefined when something else comes. */
  row(): PgNode | undefined {
    const { tokens } = this;
    if (!isPunct(tokens[this.at], ',') || !isPunct(tokens[this.at + 1], '(')) return undefined;
    this.at += 2;
    const items: PgNode[] = [];
    while (this.at < this.to) {
      const item = this.constant();
      if (item === undefined) return undefined;
      items.push(item);
      const after = tokens[this.at++];
      if (isPunct(after, ',')) continue;
      if (!isPunct(after, ')') || this.at > this.to) return undefined;
      this.end = this.at;
      return { List: { items } } as PgNode;
    }
    return undefined;
  }

  private constant(): PgNode | undefined {
    const token = this.tokens[this.at++];
    if (token === undefined) return undefined;
    const location = token.start;
    if (isOp(token, '-')) {
      const digits = this.tokens[this.at++];
      return digits?.type === 'number' ? number(digits.value, '-', location) : undefined;
    }
    switch (token.type) {
      case 'number':
        return number(token.value, '', location);
      case 'string':
        return token.value.includes('\0')
          ? undefined
          : constantOf({ sval: { sval: token.value } }, location);
      case 'word':
        return word(token.value, location);
      case 'placeholder':
        return /^[1-9]\d{0,4}$/.test(token.value)
          ? ({ ParamRef: { number: Number(token.value), location } } as PgNode)
          : undefined;
      default:
        return undefined;
    }
  }
}

type Value = Omit<AConst, 'location'>;

/** All of one shape, which is what makes reading them quick. */
function constantOf({ isnull, boolval, sval, fval, ival }: Value, location: number): PgNode {
  const bsval = undefined;
  return { A_Const: { isnull, boolval, sval, fval, bsval, ival, location } } as unknown as PgNode;
}

const INT4_MAX = 2_147_483_647;

function number(digits: string, sign: '' | '-', location: number): PgNode | undefined {
  if (/^\d+$/.test(digits)) {
    const value = Number(digits);
    if (value > INT4_MAX) return constantOf({ fval: { fval: sign + digits } }, location);
    // As protobuf's JSON form: a number that is 0 is absent.
    const ival = sign === '-' ? -value : value;
    return constantOf({ ival: value === 0 ? {} : { ival } }, location);
  }
  if (!/^(?:\d+\.\d*|\.\d+)$/.test(digits)) return undefined;
  return constantOf({ fval: { fval: sign + digits } }, location);
}

function word(value: string, location: number): PgNode | undefined {
  switch (value) {
    case 'null':
      return constantOf({ isnull: true }, location);
    case 'true':
      return constantOf({ boolval: { boolval: true } }, location);
    case 'false':
      return constantOf({ boolval: {} }, location);
    case 'default':
      return { SetToDefault: { location } } as PgNode;
    default:
      return undefined;
  }
}
