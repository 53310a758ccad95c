import { type Awaitable, after } from '../../base/awaitable';
import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { Repr } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { EngineContext } from '../engine-context';
import type { SelectStatement, Statement } from '../parse/ast';
import { changesData, type WriteStatement } from '../parse/changes';
import { type BracketSources, bracketStatements } from './bracket-sources';
import {
  compileQuery,
  compileWrite,
  type PreparedQuery,
  type PreparedWrite,
} from './compile-query';
import type { NameContext } from './name-resolution';
import { BindingKeys, CACHED_WRITE_LENGTH_MAX, cacheKey } from './query-cache';
import type { StatementRun } from './statement-run';
import type { LiftedPlans, LiftedText } from './text-template';

/** What compiling needs of its session. */
export interface CompilerOwner {
  /** As the open block sees it. */
  engine(): EngineContext;
  names(): NameContext;
  sessionValues(names: NameContext): SessionValues;
  runBrackets(
    statements: readonly Statement[],
    sql: string,
    run: StatementRun,
  ): Promise<BracketSources>;
}

/** A text and the tree that is compiled for it. */
export interface ParsedText<Parsed extends Statement = Statement> {
  readonly sql: string;
  readonly statement: Parsed;
  readonly parameterOids: readonly number[];
  /** The statement is that of many texts: constants are read from here. */
  readonly lifted?: LiftedText | undefined;
  /** What it was compiled to last, for those who run it more than once. */
  readonly memo?: CompileMemo | undefined;
}

export const isSelect = <Text extends ParsedText>(
  text: Text,
): text is Text & ParsedText<SelectStatement> =>
  text.statement.kind === 'Select' && text.statement.changes !== true;

export const isWrite = <Text extends ParsedText>(
  text: Text,
): text is Text & ParsedText<WriteStatement> => changesData(text.statement);

export interface CompileMemo {
  /** Of all that binding depends on. */
  key?: string;
  compiled?: Compiled<PreparedQuery | PreparedWrite>;
}

/** A compiled statement, and the values of constants that were taken out of its text: its only parameters then. */
export interface Compiled<Query> {
  readonly query: Query;
  readonly values?: readonly Repr[] | undefined;
}

const NO_SOURCES: BracketSources = new Map();

/** A session's texts to compiled statements, by way of the caches of all sessions. */
export class Compiler {
  private readonly owner: CompilerOwner;
  private readonly keys = new BindingKeys();

  constructor(owner: CompilerOwner) {
    this.owner = owner;
  }

  /** From a cache when nothing that binding depends on has changed. @throws SqlError as binding does */
  query(
    parsed: ParsedText<SelectStatement>,
    names: NameContext,
    run: StatementRun,
  ): Awaitable<Compiled<PreparedQuery>> {
    const { sql, memo } = parsed;
    const key = this.keys.of(sql, names);
    // A memo belongs to one statement, which is a query.
    if (memo?.key === key) return memo.compiled as Compiled<PreparedQuery>;
    return after(this.newQuery(parsed, names, run), (compiled) => {
      remember(memo, key, compiled);
      return compiled;
    });
  }

  private newQuery(
    parsed: ParsedText<SelectStatement>,
    names: NameContext,
    run: StatementRun,
  ): Awaitable<Compiled<PreparedQuery>> {
    const { sql, statement, parameterOids, lifted } = parsed;
    const engine = this.owner.engine();
    if (lifted !== undefined) {
      const { queries } = lifted.template;
      const found = this.lifted(sql, lifted, queries, names, (session) =>
        compileQuery(statement, names, session, [], NO_SOURCES, engine),
      );
      if (found !== undefined) return found;
      const plain = engine.parsed.parse(sql);
      invariant(plain.kind === 'Select', 'a text is of the kind of its template');
      return this.newQuery({ sql, statement: plain, parameterOids }, names, run);
    }
    const brackets = bracketStatements(statement.tree);
    if (brackets.length > 0) {
      return this.owner.runBrackets(brackets, sql, run).then((sources) => {
        const session = this.owner.sessionValues(names);
        return { query: compileQuery(statement, names, session, parameterOids, sources, engine) };
      });
    }
    const key = cacheKey(sql, this.keys.of(sql, names), parameterOids);
    const known = engine.queryCache.get(key);
    if (known !== undefined) return { query: known };
    const session = this.owner.sessionValues(names);
    const query = compileQuery(statement, names, session, parameterOids, NO_SOURCES, engine);
    // Rows that go with a query are those of this moment and this session.
    if (query.tables.length === 0) engine.queryCache.put(key, query);
    return { query };
  }

  /** The same for a write. Long texts are hardly ever seen twice. */
  write(parsed: ParsedText<WriteStatement>, run: StatementRun): Awaitable<Compiled<PreparedWrite>> {
    const { sql, memo } = parsed;
    const names = this.owner.names();
    const key = this.keys.of(sql, names);
    if (memo?.key === key) return memo.compiled as Compiled<PreparedWrite>;
    return after(this.newWrite(parsed, names, run), (compiled) => {
      remember(memo, key, compiled);
      return compiled;
    });
  }

  private newWrite(
    parsed: ParsedText<WriteStatement>,
    names: NameContext,
    run: StatementRun,
  ): Awaitable<Compiled<PreparedWrite>> {
    const { sql, statement, parameterOids, lifted } = parsed;
    const engine = this.owner.engine();
    if (lifted !== undefined) {
      const { writes } = lifted.template;
      const found = this.lifted(sql, lifted, writes, names, (session) =>
        compileWrite(statement, names, session, [], NO_SOURCES, engine),
      );
      return found ?? after(this.plainWrite(parsed, run), (query) => ({ query }));
    }
    const brackets = bracketStatements(statement.tree);
    if (brackets.length > 0) {
      return this.owner.runBrackets(brackets, sql, run).then((sources) => {
        const session = this.owner.sessionValues(names);
        return { query: compileWrite(statement, names, session, parameterOids, sources, engine) };
      });
    }
    const key = cacheKey(sql, this.keys.of(sql, names), parameterOids);
    const known = engine.writeCache.get(key);
    if (known !== undefined) return { query: known };
    const session = this.owner.sessionValues(names);
    const query = compileWrite(statement, names, session, parameterOids, NO_SOURCES, engine);
    if (query.tables.length === 0 && sql.length <= CACHED_WRITE_LENGTH_MAX) {
      engine.writeCache.put(key, query);
    }
    return { query };
  }

  /** With the constants in it: it needs no values, and can be run whatever became of the catalog. */
  plainWrite(
    { sql, statement, parameterOids, lifted }: ParsedText<WriteStatement>,
    run: StatementRun,
  ): Awaitable<PreparedWrite> {
    const plain = lifted === undefined ? statement : this.owner.engine().parsed.parse(sql);
    invariant(changesData(plain), 'a text is of the kind of its template');
    return after(this.write({ sql, statement: plain, parameterOids }, run), ({ query }) => query);
  }

  /** Undefined: the text has to be parsed and compiled as it is, be it only to say what is wrong with it. */
  private lifted<Query extends PreparedQuery | PreparedWrite>(
    sql: string,
    { template, literals: texts }: LiftedText,
    plans: LiftedPlans<Query>,
    names: NameContext,
    compile: (session: SessionValues) => Query,
  ): Compiled<Query> | undefined {
    const key = this.keys.of(sql, names);
    const session = () => this.owner.sessionValues(names);
    const known = plans.find(key, texts, session);
    if (known !== undefined) return known;
    try {
      const { result, literals } = template.slots.during(texts, () => compile(session()));
      if (isOfThisMoment(result)) template.isUseless = true;
      else plans.add({ key, literals, texts, query: result });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
    return plans.find(key, texts, session);
  }
}

function remember(
  memo: CompileMemo | undefined,
  key: string,
  compiled: Compiled<PreparedQuery | PreparedWrite>,
): void {
  if (memo === undefined || isOfThisMoment(compiled.query)) return;
  memo.key = key;
  memo.compiled = compiled;
}

/** Rows go with it, or constants that are read when it runs. */
function isOfThisMoment(query: PreparedQuery | PreparedWrite): boolean {
  return query.tables.length > 0 || ('settings' in query && (query.settings ?? []).length > 0);
}
