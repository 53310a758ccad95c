import { closingBracket, type ParseContext } from './context';
import { isPunct, isWord, type Token } from './token';

/** Stretches of a schema-changing statement that other parsers read: types, expressions, queries. */
export interface Fold {
  readonly type: 'expression' | 'type' | 'query';
  readonly from: number;
  readonly to: number;
}

/** What ends a column's type or DEFAULT expression. */
const COLUMN_WORDS = new Set(
  'not null default primary unique check references collate family create as generated constraint on using'.split(
    ' ',
  ),
);

/** What begins an element of CREATE TABLE that is no column. */
const ELEMENT_WORDS = new Set(
  'constraint primary unique check foreign index family like exclude'.split(' '),
);

const ACTIONS = new Set(['cascade', 'restrict', 'set', 'no']);

/** Finds the folds of a CREATE, ALTER or DROP statement, in order. */
export function ddlFolds(context: ParseContext, from: number, to: number): Fold[] {
  return new DdlFolder(context, from, to).run();
}

class DdlFolder {
  private readonly tokens: readonly Token[];
  private readonly from: number;
  private readonly to: number;
  private readonly folds: Fold[] = [];
  private at: number;
  /** Open brackets around `at`. */
  private depth = 0;

  constructor(context: ParseContext, from: number, to: number) {
    this.tokens = context.tokens;
    this.from = from;
    this.to = to;
    this.at = from;
  }

  run(): Fold[] {
    const isTable = this.hasHeader('table');
    const isAlter = this.is(this.from, 'alter');
    const isIndex = this.hasHeader('index');
    /** Behind the elements of a table: other lists are none of columns. */
    let listed = false;
    for (; this.at < this.to; this.at++) {
      const token = this.tokens[this.at];
      if (token === undefined) break;
      if (isPunct(token, '(')) {
        this.depth++;
        if (isTable && !isAlter && this.depth === 1 && !listed) this.columnAt(this.at + 1);
        if (isIndex && this.depth === 1) this.indexColumns(this.at);
      } else if (isPunct(token, ')')) {
        this.depth--;
        listed ||= this.depth === 0;
      } else if (isPunct(token, ',') && isTable && !isAlter && this.depth === 1 && !listed) {
        this.columnAt(this.at + 1);
      } else if (token.type === 'word') this.word(token.value);
    }
    // An expression of an index is noted before what lies in it is seen.
    const sorted = this.folds.sort((a, b) => a.from - b.from);
    return sorted.filter((fold, i) => i === 0 || fold.from >= (sorted[i - 1]?.to ?? 0));
  }

  /** Whether the statement's first words say what it is about. */
  private hasHeader(word: string): boolean {
    for (let i = this.from; i < Math.min(this.from + 5, this.to); i++) {
      if (this.tokens[i]?.type !== 'word') return false;
      if (this.is(i, word)) return true;
    }
    return false;
  }

  private is(index: number, word: string): boolean {
    return index < this.to && isWord(this.tokens[index], word);
  }

  private word(value: string): void {
    switch (value) {
      case 'default':
        this.defaultValue();
        return;
      case 'check':
        this.bracketed();
        return;
      case 'as':
        if (this.depth === 0 && this.startsQuery(this.at + 1))
          this.fold('query', this.endOfQuery());
        else this.bracketed();
        return;
      case 'where':
        this.fold('expression', this.endOfElement(this.at + 1));
        return;
      case 'update': {
        const next = this.tokens[this.at + 1];
        const isAction = next?.type === 'word' && ACTIONS.has(next.value);
        if (this.is(this.at - 1, 'on') && !isAction) {
          this.fold('expression', this.endOfValue(this.at + 1));
        }
        return;
      }
      case 'add':
        if (this.depth === 0 && this.isAlterTable()) this.addedColumn();
        return;
      case 'type':
        if (this.startsNewType()) this.fold('type', this.endOfType(this.at + 1));
        return;
      case 'using':
        if (this.startsConversion()) this.fold('expression', this.endOfElement(this.at + 1));
        return;
      case 'unique':
        this.indexColumns(this.at + 1);
        return;
      case 'key':
        if (this.is(this.at - 1, 'primary')) this.indexColumns(this.at + 1);
        return;
      case 'index':
        if (this.depth === 1) {
          let open = this.at + 1;
          while (open < this.at + 5 && !isPunct(this.tokens[open], '(')) open++;
          this.indexColumns(open);
        }
        return;
      default:
    }
  }

  /** Folds what follows the current token, which stays. */
  private fold(type: Fold['type'], end: number): void {
    const from = this.at + 1;
    if (end <= from) return;
    this.folds.push({ type, from, to: end });
    this.at = end - 1;
  }

  private isAlterTable(): boolean {
    return this.is(this.from, 'alter') && this.is(this.from + 1, 'table');
  }

  /** `ALTER [COLUMN] c [SET DATA] TYPE …`, where neither a table nor a column is called `type`. */
  private startsNewType(): boolean {
    if (this.depth > 0 || !this.isAlterTable()) return false;
    const { at } = this;
    if (this.is(at - 1, 'data') && this.is(at - 2, 'set')) return true;
    return this.is(at - 2, 'column') || (this.is(at - 2, 'alter') && !this.is(at - 1, 'column'));
  }

  /** `TYPE … USING expression`, not `USING HASH`, `USING COLUMNS` or `CONFIGURE ZONE USING`. */
  private startsConversion(): boolean {
    if (this.depth > 0 || !this.isAlterTable() || this.is(this.at - 1, 'zone')) return false;
    return !this.is(this.at + 1, 'hash') && !this.is(this.at + 1, 'columns');
  }

  private defaultValue(): void {
    // ALTER RANGE default
    if (this.at === this.from + 2) return;
    if (this.is(this.at - 1, 'drop')) return;
    const isAction =
      this.is(this.at - 1, 'set') &&
      (this.is(this.at - 2, 'delete') || this.is(this.at - 2, 'update'));
    const byDefault = this.is(this.at - 1, 'by');
    if (isAction || byDefault) return;
    const isSet = this.is(this.at - 1, 'set');
    this.fold('expression', isSet ? this.endOfElement(this.at + 1) : this.endOfValue(this.at + 1));
  }

  /** `word ( expression )`. */
  private bracketed(): void {
    if (!isPunct(this.tokens[this.at + 1], '(')) return;
    const close = closingBracket(this.tokens, this.at + 1, this.to);
    this.at++;
    this.depth++;
    this.fold('expression', close);
  }

  /** `WITH [NO] DATA` behind the query of a definition is no part of it. */
  private endOfQuery(): number {
    const { to } = this;
    if (!this.is(to - 1, 'data')) return to;
    if (this.is(to - 2, 'with')) return to - 2;
    return this.is(to - 2, 'no') && this.is(to - 3, 'with') ? to - 3 : to;
  }

  private startsQuery(at: number): boolean {
    let inner = at;
    while (isPunct(this.tokens[inner], '(') && inner < this.to) inner++;
    return ['select', 'values', 'with', 'table'].some((word) => this.is(inner, word));
  }

  /** The type of the column whose name stands at `name`, if an element of another kind does not. */
  private columnAt(name: number): void {
    const token = this.tokens[name];
    if (token === undefined || name >= this.to) return;
    if (token.type !== 'word' && token.type !== 'quoted') return;
    if (token.type === 'word' && ELEMENT_WORDS.has(token.value)) return;
    if (this.is(name, 'inverted') && this.is(name + 1, 'index')) return;
    this.at = name;
    this.fold('type', this.endOfType(name + 1));
  }

  private addedColumn(): void {
    let name = this.at + 1;
    if (this.is(name, 'column')) name++;
    else if (this.is(name, 'constraint') && this.is(name + 1, 'if')) return;
    if (this.is(name, 'if') && this.is(name + 1, 'not')) name += 3;
    this.columnAt(name);
  }

  /** Elements of an index that are expressions. */
  private indexColumns(open: number): void {
    if (!isPunct(this.tokens[open], '(')) return;
    const close = closingBracket(this.tokens, open, this.to);
    let start = open + 1;
    for (let i = start; i <= close; i++) {
      const token = this.tokens[i];
      if (i < close && isPunct(token, '(')) {
        i = closingBracket(this.tokens, i, close);
        continue;
      }
      if (i < close && !isPunct(token, ',')) continue;
      let end = i;
      while (end > start && (this.is(end - 1, 'asc') || this.is(end - 1, 'desc'))) end--;
      if (end - start > 1 && isPunct(this.tokens[end - 1], ')')) {
        this.folds.push({ type: 'expression', from: start, to: end });
      }
      start = i + 1;
    }
  }

  private endOfType(from: number): number {
    return this.scan(from, (token, index) => {
      if (token.type !== 'word' || !COLUMN_WORDS.has(token.value)) return false;
      return index > from || !['char', 'varchar'].includes(token.value);
    });
  }

  /** Of a DEFAULT: its first token belongs to it whatever it is, and so does a CASE … END. */
  private endOfValue(from: number): number {
    let cases = 0;
    return this.scan(from, (token, index) => {
      if (token.type !== 'word') return false;
      if (token.value === 'case') cases++;
      if (token.value === 'end') cases--;
      return cases === 0 && index > from && COLUMN_WORDS.has(token.value);
    });
  }

  private endOfElement(from: number): number {
    return this.scan(from, () => false);
  }

  /** To the comma or bracket that ends the element, or to where `ends` says so. */
  private scan(from: number, ends: (token: Token, index: number) => boolean): number {
    for (let i = from; i < this.to; i++) {
      const token = this.tokens[i];
      if (token === undefined) return i;
      if (isPunct(token, ',') || isPunct(token, ')')) return i;
      if (ends(token, i)) return i;
      if (isPunct(token, '(') || isPunct(token, '[')) i = closingBracket(this.tokens, i, this.to);
    }
    return this.to;
  }
}
