import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { closingBracket, type ParseContext, splitAtCommas } from './context';
import { ddlFolds } from './ddl-tokens';
import { checkDepth } from './depth';
import { isPrivilegeStatement } from './statement-names';
import { endOfAsOf, isAsOf } from './to-postgres';
import { isOp, isPunct, isWord, type Token } from './token';

/**
 * What the grammar reads: the lexer's tokens, with the stretches that PostgreSQL's parser or this one again has to parse folded into
 * one token each.
 */
export interface GrammarToken {
  readonly type: Token['type'] | 'expression' | 'query' | 'statement' | 'type';
  /** What literals of the grammar are compared with: keywords in lower case; quoted names never look like one. */
  readonly text: string;
  /** The token, or the first one of a fold. */
  readonly token: Token;
  readonly context: ParseContext;
  /** Range of a fold in the context's tokens. */
  readonly from: number;
  readonly to: number;
}

/** Words that can't be names unless quoted. Source: CockroachDB v21.2's grammar, reserved_keyword. */
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric both case cast check collate column concurrently constraint ' +
    'create current_catalog current_date current_role current_schema current_time current_timestamp current_user ' +
    'default deferrable desc distinct do else end except false fetch for foreign from grant group having in index ' +
    'initially intersect into lateral leading limit localtime localtimestamp not nothing null offset on only or order ' +
    'placing primary references returning select session_user some symmetric table then to trailing true union unique ' +
    'user using variadic view virtual when where window with'
  ).split(' '),
);

/** A name: quoted, or a word that is not reserved. */
export function isName(token: GrammarToken): boolean {
  return token.type === 'quoted' || (token.type === 'word' && !RESERVED.has(token.text));
}

/** A name after a dot, where every word will do. */
export function isAnyName(token: GrammarToken): boolean {
  return token.type === 'quoted' || token.type === 'word';
}

/** Words after SHOW and SET that begin a form of their own, so that they are no names of settings. */
const SETTING_EXCLUDED = new Set(
  (
    'automatic backup backups characteristics cluster columns create databases enums experimental grants indexes jobs ' +
    'keys last local names partitions queries ranges regions roles savepoint schedules schemas sequences session sessions ' +
    'survival syntax tables time transaction transactions types users'
  ).split(' '),
);

/** The first word of a setting's name. */
export function isSetting(token: GrammarToken): boolean {
  if (token.type === 'word' && token.text === 'session_user') return true;
  return isName(token) && !(token.type === 'word' && SETTING_EXCLUDED.has(token.text));
}

const GRANT_KINDS = new Set(['database', 'role', 'schema', 'type']);

/** The first word of a table in SHOW GRANTS ON, where a kind may stand as well. */
export function isGrantTarget(token: GrammarToken): boolean {
  return isName(token) && !(token.type === 'word' && GRANT_KINDS.has(token.text));
}

/** Where CockroachDB takes a string, a placeholder or a bare word for a string. */
export function isStringLike(token: GrammarToken): boolean {
  return token.type === 'string' || token.type === 'placeholder' || isName(token);
}

/** @throws SqlError statementTooComplex. */
export function grammarTokens(context: ParseContext, from: number, to: number): GrammarToken[] {
  checkDepth(context, from, to);
  const tokens = new Folder(context, from, to).run();
  if (tokens.length > limits.grammarTokensMax) {
    throw new SqlError(
      'statementTooComplex',
      `statement of ${tokens.length} words and signs exceeds ${limits.grammarTokensMax}`,
    );
  }
  return tokens;
}

const QUERY_STARTS = ['select', 'values', 'with', 'table'];

class Folder {
  private readonly context: ParseContext;
  private readonly tokens: readonly Token[];
  private readonly from: number;
  private readonly to: number;
  private readonly output: GrammarToken[] = [];
  private at: number;

  constructor(context: ParseContext, from: number, to: number) {
    this.context = context;
    this.tokens = context.tokens;
    this.from = from;
    this.to = to;
    this.at = from;
  }

  run(): GrammarToken[] {
    if (isPrivilegeStatement(this.context, this.from)) {
      this.privileges();
      return this.output;
    }
    if (this.isOfSchedules()) {
      this.schedules();
      return this.output;
    }
    if (['create', 'alter', 'drop', 'comment'].some((word) => this.is(word))) {
      this.definition();
      return this.output;
    }
    this.header(this.tokens[this.from]);
    while (this.at < this.to) {
      if (isAsOf(this.tokens, this.at)) {
        this.copy(4);
        this.fold('expression', endOfAsOf(this.context, this.at, this.to));
      } else if (this.startsQuery(this.at)) {
        this.fold('query', closingBracket(this.tokens, this.at, this.to) + 1);
      } else this.copy(1);
    }
    return this.output;
  }

  /** Whether the first words are CREATE, DROP, PAUSE, RESUME, SHOW or SHOW CREATE of schedules. */
  private isOfSchedules(): boolean {
    const isVerb = ['create', 'drop', 'pause', 'resume', 'show'].some((word) => this.is(word));
    const at = this.is('show') && this.is('create', 1) ? 2 : 1;
    return isVerb && (this.is('schedule', at) || this.is('schedules', at));
  }

  /** What follows is what selects them; CREATE SCHEDULE has nothing that is folded. */
  private schedules(): void {
    if (this.is('create')) {
      this.copy(this.to - this.at);
      return;
    }
    this.copy(this.is('create', 1) ? 2 : 1);
    const isOne = this.is('schedule');
    this.copy(1);
    const isQuery =
      this.startsQuery(this.at) || QUERY_STARTS.some((word) => this.is(word) && !isOne);
    if (isOne) this.fold('expression', this.to);
    else if (isQuery) this.fold('query', this.to);
    else this.copy(this.to - this.at);
  }

  /** Users and privileges: the values of ALTER ROLE … SET are expressions. */
  private privileges(): void {
    const isAlter = this.is('alter');
    let isSetting = false;
    while (this.at < this.to) {
      const token = this.tokens[this.at];
      this.copy(1);
      if (isWord(token, 'set')) isSetting = isAlter;
      else if (isSetting && (isOp(token, '=') || isWord(token, 'to'))) this.foldList(this.to);
    }
  }

  /** A statement that changes the schema. */
  private definition(): void {
    for (const fold of ddlFolds(this.context, this.from, this.to)) {
      this.copy(fold.from - this.at);
      this.fold(fold.type, fold.to);
    }
    this.copy(this.to - this.at);
  }

  private header(first: Token | undefined): void {
    switch (first?.type === 'word' ? first.value : '') {
      case 'set':
        this.setHeader();
        return;
      case 'use':
        this.copy(1);
        this.fold('expression', this.to);
        return;
      case 'pause':
      case 'resume':
      case 'cancel':
        this.copy(1);
        this.jobs();
        return;
      case 'show':
        this.copy(1);
        if (this.is('automatic')) this.copy(1);
        this.jobs();
        return;
      case 'explain':
        this.explain();
        return;
      case 'prepare':
        this.prepare();
        return;
      case 'execute':
        this.copy(2);
        this.list();
        return;
      default:
    }
  }

  private is(word: string, distance = 0): boolean {
    return this.at + distance < this.to && isWord(this.tokens[this.at + distance], word);
  }

  private copy(count: number): void {
    for (let i = 0; i < count && this.at < this.to; i++) {
      const token = this.tokens[this.at];
      if (token === undefined) return;
      const isKeyword = token.type === 'word' || token.type === 'punct' || token.type === 'op';
      this.output.push({
        type: token.type,
        text: isKeyword ? token.value : `<${token.type}>`,
        token,
        context: this.context,
        from: this.at,
        to: this.at + 1,
      });
      this.at++;
    }
  }

  /** Folds up to `end`; nothing when there is nothing. */
  private fold(type: 'expression' | 'query' | 'statement' | 'type', end: number): void {
    const token = this.tokens[this.at];
    const to = Math.min(end, this.to);
    if (token === undefined || to <= this.at) return;
    this.output.push({
      type,
      text: `<${type}>`,
      token,
      context: this.context,
      from: this.at,
      to,
    });
    this.at = to;
  }

  /** Folds what lies between commas, up to `end`. */
  private foldList(end: number): void {
    for (const [from, to] of splitAtCommas(this.context, this.at, end)) {
      this.at = from;
      this.fold('expression', to);
      if (to < end) this.copy(1);
    }
  }

  /** `(a, b)`: the parentheses stay. */
  private list(): void {
    if (!isPunct(this.tokens[this.at], '(') || this.at >= this.to) return;
    const close = closingBracket(this.tokens, this.at, this.to);
    this.copy(1);
    this.foldList(close);
  }

  private startsQuery(at: number): boolean {
    let inner = at;
    while (isPunct(this.tokens[inner], '(') && inner < this.to) inner++;
    return inner > at && QUERY_STARTS.some((word) => isWord(this.tokens[inner], word));
  }

  private setHeader(): void {
    while (this.at < this.to) {
      const token = this.tokens[this.at];
      const previous = this.tokens[this.at - 1];
      if (isAsOf(this.tokens, this.at)) return;
      this.copy(1);
      const isTimeZone = isWord(previous, 'time') && isWord(token, 'zone');
      const isNames = isWord(previous, 'set') && isWord(token, 'names');
      if (isOp(token, '=') || isWord(token, 'to') || isTimeZone || isNames) {
        this.foldList(this.to);
        return;
      }
    }
  }

  /** What follows PAUSE, RESUME, CANCEL and SHOW. */
  private jobs(): void {
    if (['query', 'queries', 'session', 'sessions'].some((word) => this.is(word))) {
      const isCancel = isWord(this.tokens[this.from], 'cancel');
      this.copy(1);
      if (this.is('if') && this.is('exists', 1)) this.copy(2);
      if (isCancel) this.fold('expression', this.to);
      return;
    }
    if (!this.is('job') && !this.is('jobs')) return;
    const one = this.is('job');
    this.copy(1);
    if (this.is('when') && this.is('complete', 1)) this.copy(2);
    if (this.is('for')) this.copy(2);
    if (this.at >= this.to) return;
    const reason = this.reasonAt();
    const isQuery = this.startsQuery(this.at) || QUERY_STARTS.some((word) => this.is(word) && !one);
    const previous = this.tokens[this.at - 1];
    const takesId = one || isWord(previous, 'schedule');
    if (isQuery && !takesId) this.fold('query', reason);
    else if (takesId) this.fold('expression', reason);
  }

  /** Index of a `WITH REASON` at the end. */
  private reasonAt(): number {
    const at = this.to - 4;
    const isReason =
      at > this.at && isWord(this.tokens[at], 'with') && isWord(this.tokens[at + 1], 'reason');
    return isReason ? at : this.to;
  }

  private explain(): void {
    this.copy(1);
    while (this.is('analyze') || this.is('analyse') || this.is('verbose')) this.copy(1);
    if (isPunct(this.tokens[this.at], '(') && !this.startsQuery(this.at)) {
      const close = closingBracket(this.tokens, this.at, this.to);
      this.copy(close + 1 - this.at);
    }
    this.fold('statement', this.to);
  }

  private prepare(): void {
    this.copy(2);
    this.list();
    while (this.at < this.to && !this.is('as')) this.copy(1);
    this.copy(1);
    this.fold('statement', this.to);
  }
}
