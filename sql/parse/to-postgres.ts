import { notSupported } from '../../base/errors';
import { editsOfAny } from './any-operand';
import { closingBracket, forEachTopLevel, type ParseContext, rangeText } from './context';
import { type Marks, newMarks } from './marks';
import { isRegrouped } from './operators';
import type { Edit } from './position-map';
import { syntaxErrorAt } from './syntax-error';
import { isOp, isPunct, isWord, type Token } from './token';
import { labelledTuple, singleTuple } from './tuples';

/**
 * The token-level pass from CockroachDB's spellings to PostgreSQL's: which stretches of the text to replace (`edits`), what fix-tree.ts
 * has to restore in the tree (`marks`), and the clauses that were cut out.
 */
export interface Rewritten {
  readonly edits: readonly Edit[];
  readonly marks: Marks;
  /** Token range of the expression of `AS OF SYSTEM TIME`. */
  readonly asOf: readonly [from: number, to: number] | null;
}

/** @throws SqlError syntaxError, featureNotSupported. */
export function toPostgres(context: ParseContext, from: number, to: number): Rewritten {
  return new Rewriter(context, from, to).run();
}

/** PostgreSQL cuts longer names silently. */
const NAME_BYTES_MAX = 63;

/** Words that mean something to PostgreSQL and are plain names in CockroachDB. */
const PLAIN_NAMES = new Set(
  (
    'authorization binary freeze verbose tablesample system_user merge_action normalize json json_array json_arrayagg ' +
    'json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value xmlattributes ' +
    'xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable'
  ).split(' '),
);

/** Functions without arguments that may be called with empty parentheses here and may not there. */
const PARENTHESES_OPTIONAL = new Set(
  (
    'current_catalog current_date current_role current_time current_timestamp current_user localtime ' +
    'localtimestamp session_user user'
  ).split(' '),
);

const JOIN_ALGORITHMS = new Set(['hash', 'merge', 'lookup', 'inverted']);

/** Statements that may stand in brackets as a table. */
const BRACKETED = new Set(
  'show explain insert upsert update delete select values table with backup restore create alter'.split(
    ' ',
  ),
);

const AS_OF_ENDS = new Set(
  (
    'where group having window order limit offset fetch for union intersect except returning with set ' +
    'incremental into'
  ).split(' '),
);

/** Index after the expression of an `AS OF SYSTEM TIME` that begins at `from`. */
export function endOfAsOf(context: ParseContext, from: number, to: number): number {
  let end = to;
  forEachTopLevel(context, from, to, (token, index) => {
    const isTypeName =
      isWord(token, 'with') &&
      isWord(context.tokens[index + 1], 'time') &&
      isWord(context.tokens[index + 2], 'zone');
    const ends =
      (token.type === 'punct' && ',;)]'.includes(token.value)) ||
      (token.type === 'word' && AS_OF_ENDS.has(token.value) && !isTypeName);
    if (ends) end = index;
    return !ends;
  });
  return end;
}

export function isAsOf(tokens: readonly Token[], at: number): boolean {
  return (
    isWord(tokens[at], 'as') &&
    isWord(tokens[at + 1], 'of') &&
    isWord(tokens[at + 2], 'system') &&
    isWord(tokens[at + 3], 'time')
  );
}

interface OpenBracket {
  /** Number of the bracket around it. */
  readonly outer: number;
  /** Where the call or the ARRAY constructor begins whose bracket this is; -1 for other brackets. */
  readonly operandStart: number;
}

class Rewriter {
  private readonly context: ParseContext;
  private readonly tokens: readonly Token[];
  private readonly to: number;
  private readonly edits: Edit[] = [];
  private readonly marks = newMarks();
  private asOf: readonly [number, number] | null = null;
  private at: number;
  /** Number of the innermost open bracket. */
  private bracket = 0;
  private readonly brackets: OpenBracket[] = [];
  private bracketCount = 0;
  /** Offset of the first part of the dotted name that the previous token belongs to. */
  private nameStart = -1;
  private readonly first: number;
  /** What stand-ins begin with; '' until one is needed. */
  private marker = '';

  constructor(context: ParseContext, from: number, to: number) {
    this.context = context;
    this.tokens = context.tokens;
    this.to = to;
    this.at = from;
    this.first = from;
  }

  run(): Rewritten {
    while (this.at < this.to) {
      const token = this.tokens[this.at];
      if (token === undefined || this.beginsCopyOptions(token)) break;
      this.visit(token);
    }
    this.edits.sort(byPlace);
    return { edits: this.edits, marks: this.marks, asOf: this.asOf };
  }

  /** What follows STDIN and STDOUT is spelled as PostgreSQL does. */
  private beginsCopyOptions(token: Token): boolean {
    if (!isWord(token, 'stdin') && !isWord(token, 'stdout')) return false;
    return this.brackets.length === 0 && isWord(this.tokens[this.first], 'copy');
  }

  private peek(distance: number): Token | undefined {
    const index = this.at + distance;
    return index >= this.first && index < this.to ? this.tokens[index] : undefined;
  }

  private replace(token: Token, text: string): void {
    this.edits.push({ start: token.start, end: token.end, text });
  }

  /** Takes the tokens up to `end` (exclusive) out of the text and goes on there. */
  private cut(end: number, text = ''): void {
    const first = this.tokens[this.at];
    const last = this.tokens[end - 1];
    if (first !== undefined && last !== undefined) {
      this.edits.push({ start: first.start, end: last.end, text });
    }
    this.at = end;
  }

  private visit(token: Token): void {
    switch (token.type) {
      case 'word':
        this.word(token);
        return;
      case 'quoted':
        this.quotedName(token);
        return;
      case 'op':
        this.operator(token);
        return;
      case 'punct':
        this.punctuation(token);
        return;
      case 'string':
        this.string(token);
        return;
      case 'bytes':
        this.replace(token, `x'${token.value}'`);
        break;
      case 'bits':
        this.replace(token, `b'${token.value}'`);
        break;
      case 'number':
        // `1_000` and `0b11` are a number and a name.
        if (this.peek(1)?.type === 'word' && this.peek(1)?.start === token.end)
          this.insertSpace(token.end);
        break;
      case 'placeholder':
      case 'eof':
        break;
    }
    this.at++;
  }

  private string(token: Token): void {
    const { value } = token;
    // e'…' knows other escapes than PostgreSQL's E'…'.
    const hasEscapes = 'eE'.includes(this.context.source.charAt(token.start));
    const text = value.includes('\0') ? this.standIn(value) : value;
    if (hasEscapes) this.replace(token, `'${text.replaceAll("'", "''")}'`);
    this.at++;
  }

  private noteName(token: Token): void {
    const continues = isPunct(this.peek(-1), '.') && this.nameStart >= 0;
    if (!continues) this.nameStart = token.start;
  }

  private quotedName(token: Token): void {
    this.noteName(token);
    if (token.value === '') {
      throw syntaxErrorAt(this.context.source, token, {
        reason: 'zero-length delimited identifier',
      });
    }
    if (Buffer.byteLength(token.value) > NAME_BYTES_MAX) this.longName(token);
    else if (this.context.source.slice(token.start + 1, token.end - 1) !== quoteBody(token.value)) {
      this.replace(token, `"${quoteBody(token.value)}"`);
    }
    this.at++;
  }

  private longName(token: Token): void {
    this.replace(token, `"${this.standIn(token.value)}"`);
  }

  /** A text that stands nowhere else in the statement. */
  private standIn(value: string): string {
    if (this.marker === '') {
      this.marker = '\ue000';
      while (this.tokens.some((token) => token.value.includes(this.marker)))
        this.marker += '\ue000';
    }
    const standIn = `${this.marker}${this.marks.standIns.size}${this.marker}`;
    this.marks.standIns.set(standIn, value);
    return standIn;
  }

  private word(token: Token): void {
    const { value } = token;
    this.noteName(token);
    if (value.length > NAME_BYTES_MAX / 4 && Buffer.byteLength(value) > NAME_BYTES_MAX) {
      this.longName(token);
      this.at++;
      return;
    }
    if (PLAIN_NAMES.has(value) && !this.isJsonType(value)) {
      this.replace(token, `"${value}"`);
      this.at++;
      return;
    }
    if (!isAscii(value)) {
      // PostgreSQL folds ASCII only.
      this.replace(token, `"${value}"`);
      this.at++;
      return;
    }
    if (this.keyword(token)) return;
    // `U&'…'` is a column, an operator and a string.
    if (value === 'u' && isOp(this.peek(1), '&') && this.peek(1)?.start === token.end)
      this.insertSpace(token.end);
    this.at++;
  }

  /** `json` is special to PostgreSQL only as a function. */
  private isJsonType(value: string): boolean {
    return value === 'json' && !isPunct(this.peek(1), '(');
  }

  /** @returns whether the token was dealt with. */
  private keyword(token: Token): boolean {
    const { value } = token;
    const next = this.peek(1);
    if (value === 'as') {
      if (isAsOf(this.tokens, this.at)) return this.cutAsOf();
      const tuple = labelledTuple(this.tokens, this.at, this.first);
      if (tuple === undefined) return false;
      this.marks.labels.set(tuple.start, tuple.labels);
      this.cut(tuple.end);
      return true;
    }
    if (value === 'any' || value === 'some' || value === 'all') {
      this.edits.push(...editsOfAny(this.tokens, this.at, this.to));
    }
    if (value === 'upsert' && isWord(next, 'into')) return this.upsert(token);
    if (value === 'is') return this.isTest(token);
    if (JOIN_ALGORITHMS.has(value) && isWord(next, 'join') && this.isJoinType(this.peek(-1))) {
      this.cut(this.at + 1);
      return true;
    }
    if (value === 'returning' && isWord(next, 'nothing')) {
      this.cut(this.at + 2);
      return true;
    }
    // `extract('year', x)`, as descriptors keep it: special to PostgreSQL, which wants FROM there.
    if (value === 'extract' && isPunct(next, '(') && !isWord(this.peek(3), 'from')) {
      this.replace(token, '"extract"');
    }
    if (value === 'order' && isWord(next, 'by')) this.refuseIndexOrder();
    if (value === 'show' && isPunct(this.peek(-1), '(') && isWord(this.peek(-2), 'as')) {
      return this.statementInParentheses();
    }
    if (!PARENTHESES_OPTIONAL.has(value) || !isPunct(next, '(') || isPunct(this.peek(-1), '.'))
      return false;
    if (isPunct(this.peek(2), ')')) {
      this.at++;
      this.cut(this.at + 2);
      return true;
    }
    // `current_timestamp(3:::INT8)`, as descriptors keep it: there the precision has no type.
    if (this.peek(2)?.type !== 'number' || !isOp(this.peek(3), ':::')) return false;
    this.at += 3;
    this.cut(this.at + 2);
    return true;
  }

  private isJoinType(token: Token | undefined): boolean {
    return ['inner', 'left', 'right', 'full', 'outer', 'cross'].some((word) => isWord(token, word));
  }

  private cutAsOf(): boolean {
    const from = this.at + 4;
    const end = endOfAsOf(this.context, from, this.to);
    if (end === from) throw syntaxErrorAt(this.context.source, this.tokenAt(end));
    if (this.asOf !== null && this.textOf(this.asOf) !== this.textOf([from, end])) {
      throw syntaxErrorAt(this.context.source, this.tokenAt(this.at), {
        reason: 'cannot specify AS OF SYSTEM TIME with different timestamps',
      });
    }
    this.asOf ??= [from, end];
    this.cut(end);
    return true;
  }

  private tokenAt(index: number): Token {
    const token = this.tokens[index] ?? this.tokens.at(-1);
    return token ?? { type: 'eof', value: '', start: 0, end: 0 };
  }

  private textOf(range: readonly [number, number]): string {
    return rangeText(this.context, range[0], range[1]);
  }

  private upsert(token: Token): boolean {
    this.replace(token, 'INSERT');
    const table = this.peek(2);
    if (table !== undefined) this.marks.upserts.add(table.start);
    this.at++;
    return true;
  }

  private isTest(token: Token): boolean {
    const not = isWord(this.peek(1), 'not');
    const word = this.peek(not ? 2 : 1);
    if (isWord(word, 'of') && isPunct(this.peek(not ? 3 : 2), '(')) throw notSupported('IS OF');
    if (!isWord(word, 'nan')) return false;
    this.marks.nanTests.set(token.start, not ? '<>' : '=');
    this.cut(
      this.at + (not ? 3 : 2),
      not ? "IS DISTINCT FROM 'NaN'" : "IS NOT DISTINCT FROM 'NaN'",
    );
    return true;
  }

  private refuseIndexOrder(): void {
    const index = isWord(this.peek(2), 'index') && this.peek(3)?.type === 'word';
    const primary = isWord(this.peek(2), 'primary') && isWord(this.peek(3), 'key');
    if (index && !['asc', 'desc', 'nulls', 'limit', 'offset'].includes(this.peek(3)?.value ?? '')) {
      throw notSupported('ORDER BY INDEX');
    }
    if (primary) throw notSupported('ORDER BY PRIMARY KEY');
  }

  /** `WITH x AS (SHOW …)`. */
  private statementInParentheses(): boolean {
    const close = closingBracket(this.tokens, this.at - 1, this.to);
    const start = this.tokenAt(this.at).start;
    this.marks.statements.set(start, this.context.parseRange(this.context, this.at, close));
    this.cut(close, `TABLE "[${start}]"`);
    return true;
  }

  private punctuation(token: Token): void {
    const { value } = token;
    if (value === '(' || value === '[') {
      if (value === '[' && this.bracketedTable()) return;
      this.brackets.push({ outer: this.bracket, operandStart: this.operandStart(value) });
      this.bracket = ++this.bracketCount;
    } else if (value === ')' || value === ']') {
      const open = this.brackets.pop();
      this.bracket = open?.outer ?? 0;
      if (open !== undefined && open.operandStart >= 0)
        this.wrapSubscripted(open.operandStart, token);
    }
    if (value === ',') {
      const start = singleTuple(this.tokens, this.at, this.first);
      if (start !== undefined) {
        this.edits.push({ start, end: start, text: 'ROW' });
        this.cut(this.at + 1);
        return;
      }
    }
    if (value === ';') throw syntaxErrorAt(this.context.source, token);
    this.at++;
  }

  private operandStart(open: string): number {
    const before = this.peek(-1);
    if (open === '[') return isWord(before, 'array') ? this.nameStart : -1;
    return this.endsOperand(before) && this.isNameEnd(before) && !isPunct(before, ']')
      ? this.nameStart
      : -1;
  }

  /** `f(x)[1]` and `ARRAY[1, 2][1]`: PostgreSQL wants parentheses around what is subscripted. */
  private wrapSubscripted(start: number, close: Token): void {
    // `DECIMAL(10,2)[]` is a type.
    if (!isPunct(this.peek(1), '[') || isPunct(this.peek(2), ']')) return;
    const name = this.tokenStartingAt(start);
    const before = this.tokens[name - 1];
    if (isOp(before, '::') || isOp(before, ':::') || isWord(before, 'as')) return;
    this.edits.push(
      { start, end: start, text: '(' },
      { start: close.end, end: close.end, text: ')' },
    );
  }

  /** Index of the token that starts at an offset. */
  private tokenStartingAt(offset: number): number {
    let low = this.first;
    let high = this.at;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle]?.start ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** `FROM [SHOW JOBS]`, `JOIN [123 AS t]`. */
  private bracketedTable(): boolean {
    const before = this.peek(-1);
    const follows =
      isPunct(before, ',') ||
      isPunct(before, '(') ||
      ['from', 'join', 'using', 'into', 'update', 'table'].some((word) => isWord(before, word));
    const first = this.peek(1);
    if (!follows || first === undefined) return false;
    const isStatement = first.type === 'word' && BRACKETED.has(first.value);
    const isId = first.type === 'number' && isWord(this.peek(2), 'as');
    if (!isStatement && !isId) return false;
    const open = this.tokenAt(this.at);
    const close = closingBracket(this.tokens, this.at, this.to);
    if (close === this.to) throw syntaxErrorAt(this.context.source, this.tokenAt(this.to));
    if (isStatement) {
      const statement = this.context.parseRange(this.context, this.at + 1, close);
      this.marks.statements.set(open.start, statement);
      this.cut(close + 1, `"[${open.start}]"`);
    } else {
      const alias = this.tokenAt(this.at + 3);
      if (close !== this.at + 4)
        throw syntaxErrorAt(this.context.source, this.tokenAt(this.at + 4));
      this.marks.tableIds.set(open.start, Number(first.value));
      const name = `"${quoteBody(alias.value)}"`;
      this.cut(close + 1, `"[${open.start}]" AS ${name}`);
    }
    this.nameStart = open.start;
    return true;
  }

  private operator(token: Token): void {
    const { value } = token;
    if (value === '@' && this.reference(token)) return;
    if (this.isNamedOperator()) {
      this.at++;
      return;
    }
    const prefix = !this.endsOperand(this.peek(-1));
    if (value === ':::') {
      this.marks.annotations.add(token.start);
      this.replace(token, ':: ');
    } else if (value === '//') {
      this.marks.operatorNames.set(token.start, '//');
      this.replace(token, '/ ');
    } else if (value === '~' && prefix) {
      // PostgreSQL ranks a prefix operator below +, CockroachDB with the unary minus.
      this.marks.operatorNames.set(token.start, '~');
      this.replace(token, '+');
      // Two signs in a row must not become one token or a comment.
      if (this.isAdjacent(1)) this.insertSpace(token.end);
    } else {
      if (isRegrouped(value)) this.marks.operatorBrackets.set(token.start, this.bracket);
      if (this.isAdjacent(1)) this.insertSpace(token.end);
    }
    this.at++;
  }

  /** The name in `OPERATOR(schema.~)` and `OPERATOR(~)`: PostgreSQL's way to spell an operator out. */
  private isNamedOperator(): boolean {
    const before = this.peek(-1);
    if (before?.type !== 'punct') return false;
    if (before.value === '.') return true;
    const word = this.peek(-2);
    return before.value === '(' && word?.type === 'word' && word.value === 'operator';
  }

  private insertSpace(offset: number): void {
    this.edits.push({ start: offset, end: offset, text: ' ' });
  }

  /** Two operators side by side are one operator to PostgreSQL: `1||-1`. */
  private isAdjacent(distance: number): boolean {
    const next = this.peek(distance);
    return next?.type === 'op' && next.start === this.peek(distance - 1)?.end;
  }

  /** Whether a value may end with the token, so that an operator after it is a binary one. */
  private endsOperand(token: Token | undefined): boolean {
    if (token === undefined) return false;
    if (token.type === 'op') return false;
    if (token.type === 'punct') return token.value === ')' || token.value === ']';
    return token.type !== 'word' || !STARTS_OPERAND.has(token.value);
  }

  /** `t@index`, `t@{…}`, `x::@123`. */
  private reference(token: Token): boolean {
    const before = this.peek(-1);
    const next = this.peek(1);
    if (next === undefined) return false;
    const isType = isOp(before, '::') || isOp(before, ':::') || isWord(before, 'as');
    if (isType && next.type === 'number') {
      this.marks.typeReferences.set(token.start, Number(next.value));
      this.cut(this.at + 2, `"@${next.value}"`);
      return true;
    }
    if (!this.isNameEnd(before)) return false;
    if (next.type === 'word' || next.type === 'quoted') {
      this.hint(token, next.value, null, '', this.at + 2);
      return true;
    }
    if (isPunct(next, '[') && this.peek(2)?.type === 'number' && isPunct(this.peek(3), ']')) {
      this.hint(token, null, Number(this.peek(2)?.value), '', this.at + 4);
      return true;
    }
    if (!isPunct(next, '{')) return false;
    const close = closingBracket(this.tokens, this.at + 1, this.to);
    if (close === this.to) throw syntaxErrorAt(this.context.source, this.tokenAt(this.to));
    const flags = rangeText(this.context, this.at + 2, close);
    this.hint(token, forcedIndex(this.tokens, this.at + 2, close), null, flags, close + 1);
    return true;
  }

  private isNameEnd(token: Token | undefined): boolean {
    if (token === undefined) return false;
    return token.type === 'word' || token.type === 'quoted' || isPunct(token, ']');
  }

  private hint(
    token: Token,
    index: string | null,
    indexId: number | null,
    flags: string,
    end: number,
  ): void {
    this.marks.indexHints.set(this.nameStart, { index, indexId, flags, location: token.start });
    this.cut(end);
  }
}

/** Insertions come before a replacement at the same place. */
function byPlace(left: Edit, right: Edit): number {
  return left.start - right.start || left.end - right.end;
}

/** The index that `{FORCE_INDEX=name, …}` names. */
function forcedIndex(tokens: readonly Token[], from: number, to: number): string | null {
  for (let i = from; i < to - 2; i++) {
    const name = tokens[i + 2];
    if (isWord(tokens[i], 'force_index') && isOp(tokens[i + 1], '=') && name !== undefined) {
      return name.type === 'word' || name.type === 'quoted' ? name.value : null;
    }
  }
  return null;
}

/** Words after which a value begins. */
const STARTS_OPERAND = new Set(
  (
    'select distinct all where and or not when then else case having on by limit offset values returning set in like ' +
    'ilike between is from using any some as'
  ).split(' '),
);

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function quoteBody(name: string): string {
  return name.replaceAll('"', '""');
}
