import { SqlError } from '../../base/errors';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import type { ContextName } from '../builtins/function-row';
import type {
  Cursor,
  FormatCode,
  PreparedStatement,
  ResultColumn,
  Session,
  SessionListener,
  SessionOptions,
  StatementText,
  TransactionStatus,
} from '../engine';
import type { EngineContext } from '../engine-context';
import type { Snapshot } from '../execute/query-pool';
import type { SelectStatement, Statement } from '../parse/ast';
import { parseStatement } from '../parse/parse';
import { splitStatements } from '../parse/split';
import { handlerOf } from '../statements/registry';
import type { StatementContext } from '../statements/statement-context';
import { bracketStatements, runBracketStatements } from './bracket-sources';
import { compileQuery, type PreparedQuery } from './compile-query';
import { CommandCursor, RowsCursor } from './cursors';
import { currentDatabase, currentSchema, type NameContext } from './name-resolution';
import { decodeParameters, decodeUtf8 } from './parameters';
import { QueryCursor } from './query-cursor';
import { readAll } from './read-all';
import { SessionSettings } from './settings';
import { TransactionState } from './transaction';
import { runTransactionStatement } from './transaction-statements';

/** What `prepare` gives: the parsed statement and, for queries, what it compiled to. */
interface Prepared extends PreparedStatement {
  readonly statement: Statement;
  readonly parameterOids: readonly number[];
}

let nextBackendPid = 1;

/** One connection's session: settings, transaction state, and how each statement is prepared and run. */
export class SqlSession implements Session {
  private readonly engine: EngineContext;
  private readonly listener: SessionListener;
  private readonly user: string;
  private readonly backendPid = nextBackendPid++;
  readonly settings: SessionSettings;
  readonly transaction = new TransactionState<Snapshot>();
  /** Of the statement being worked on. */
  private running = new AbortController();
  private closed = false;

  constructor(engine: EngineContext, options: SessionOptions, listener: SessionListener) {
    this.engine = engine;
    this.listener = listener;
    this.user = options.user;
    this.settings = new SessionSettings((name, value) => {
      listener.onParameterStatus(name, value);
    });
    this.settings.setInitial('database', options.database);
    this.settings.setInternal('session_user', options.user);
    this.settings.setInternal('session_authorization', options.user);
    for (const [name, value] of options.settings) this.settings.setInitial(name, value);
  }

  get transactionStatus(): TransactionStatus {
    return this.transaction.status;
  }

  parameterStatuses(): ReadonlyArray<readonly [string, string]> {
    return this.settings.reported();
  }

  async split(sql: string): Promise<readonly StatementText[]> {
    return splitStatements(sql);
  }

  async prepare(text: StatementText, parameterOids: readonly number[]): Promise<PreparedStatement> {
    const statement = parseStatement(text.sql);
    this.transaction.check(statement.kind);
    const about = { sql: text.sql, statement, parameterOids };
    const prepared = (columns: readonly ResultColumn[] | null): Prepared => ({
      ...about,
      columns,
      parameterTypes: [],
      empty: statement.kind === 'Empty',
    });
    if (statement.kind === 'Select') {
      const { compiled } = await this.compile(statement, text.sql, parameterOids);
      return { ...prepared(compiled.columns), parameterTypes: compiled.parameterTypes };
    }
    const handler = handlerOf(statement);
    if (handler?.kind !== 'rows') return prepared(null);
    if (handler.columns !== undefined) return prepared(handler.columns(statement));
    const described = await handler.run(statement, this.statementContext(text.sql, []));
    return prepared(described.columns);
  }

  async execute(
    given: PreparedStatement,
    parameters: readonly (Uint8Array | null)[],
    parameterFormats: readonly FormatCode[],
    resultFormats: readonly FormatCode[],
  ): Promise<Cursor> {
    const prepared = given as Prepared;
    const { statement } = prepared;
    this.transaction.check(statement.kind);
    this.beginStatement();
    if (statement.kind === 'Select') {
      return await this.openQuery(prepared, statement, parameters, parameterFormats, resultFormats);
    }
    const handler = handlerOf(statement);
    if (handler === undefined) {
      return new CommandCursor(async () => runTransactionStatement(statement, this, this.listener));
    }
    const context = this.statementContext(prepared.sql, parameters);
    if (handler.kind === 'command') {
      return new CommandCursor(async () => await handler.run(statement, context));
    }
    return new RowsCursor(
      prepared.columns ?? [],
      async () => (await handler.run(statement, context)).rows,
      {
        verb: statement.kind === 'Restore' ? 'RESTORE' : 'SHOW',
        formats: resultFormats,
        session: this.sessionValues(),
      },
    );
  }

  private async openQuery(
    prepared: Prepared,
    statement: SelectStatement,
    parameters: readonly (Uint8Array | null)[],
    parameterFormats: readonly FormatCode[],
    resultFormats: readonly FormatCode[],
  ): Promise<Cursor> {
    const query = await this.compile(statement, prepared.sql, prepared.parameterOids);
    if (!sameColumns(query.compiled.columns, prepared.columns ?? [])) {
      throw new SqlError('featureNotSupported', 'cached plan must not change result type');
    }
    const session = this.sessionValues();
    const values = decodeParameters(
      query.compiled.parameterTypes,
      parameters,
      parameterFormats,
      session,
    );
    return new QueryCursor(this.engine, this.transaction, query, values, {
      session,
      formats: resultFormats,
      signal: this.running.signal,
      timeoutMs: Number(this.settings.get('statement_timeout')),
    });
  }

  /** From the cache when nothing that binding depends on has changed. */
  private async compile(
    statement: SelectStatement,
    sql: string,
    parameterOids: readonly number[],
  ): Promise<PreparedQuery> {
    const brackets = bracketStatements(statement.tree);
    const names = this.nameContext();
    const session = this.sessionValues();
    if (brackets.length > 0) {
      const context = this.statementContext(sql, []);
      const sources = await runBracketStatements(brackets, context);
      return compileQuery(statement, names, session, parameterOids, sources);
    }
    const key = JSON.stringify([
      sql,
      names.catalog.version,
      currentDatabase(this),
      this.user,
      this.settings.get('search_path'),
      this.settings.timeZone,
      parameterOids,
    ]);
    const known = this.engine.queryCache.get(key);
    if (known !== undefined) return known;
    const query = compileQuery(statement, names, session, parameterOids, new Map());
    this.engine.queryCache.put(key, query);
    return query;
  }

  private nameContext(): NameContext {
    return { catalog: this.catalog(), settings: this.settings, user: this.user };
  }

  private catalog(): CatalogSnapshot {
    return this.engine.catalog.snapshot();
  }

  private statementContext(
    sql: string,
    parameters: readonly (Uint8Array | null)[],
  ): StatementContext {
    return {
      engine: this.engine,
      catalog: this.catalog(),
      settings: this.settings,
      user: this.user,
      sql,
      inTransactionBlock: this.transaction.status !== 'I',
      signal: this.running.signal,
      notice: (notice) => this.listener.onNotice(notice),
      select: (statement) => this.allRows(statement, sql),
      evaluate: (expression) =>
        this.allRows(
          {
            kind: 'Select',
            asOf: null,
            tree: { targetList: [{ ResTarget: { val: expression } }], op: 'SETOP_NONE' },
          } as unknown as SelectStatement,
          `SELECT ${JSON.stringify(expression)}`,
        ),
      text(value) {
        if (value.kind === 'string') return value.value;
        const bytes = parameters[value.index - 1];
        if (bytes === undefined || bytes === null) {
          throw new SqlError(
            'undefinedParameter',
            `no value provided for placeholder: $${value.index}`,
          );
        }
        return decodeUtf8(bytes);
      },
    };
  }

  /** All rows of a query inside another statement. */
  private async allRows(statement: SelectStatement, sql: string): Promise<readonly Repr[][]> {
    const query = await this.compile(statement, sql, []);
    return readAll(this.engine.db, query, this.sessionValues());
  }

  private sessionValues(): Readonly<Partial<Record<ContextName, Repr>>> {
    const now = BigInt(Date.now()) * 1000n - EPOCH_2000_MICROS;
    const inBlock = this.transaction.status !== 'I';
    const begun = BigInt(this.transaction.startedMicros) - EPOCH_2000_MICROS;
    return {
      transactionTimestamp: inBlock ? begun : now,
      statementTimestamp: now,
      timeZone: this.settings.timeZone,
      extraFloatDigits: BigInt(this.settings.get('extra_float_digits')),
      intervalStyle: this.settings.get('intervalstyle'),
      byteaOutput: this.settings.get('bytea_output'),
      user: this.user,
      sessionUser: this.user,
      database: currentDatabase(this),
      schema: currentSchema(this.nameContext()) ?? null,
      searchPath: this.settings.searchPath(this.user).join(','),
      backendPid: BigInt(this.backendPid),
      applicationName: this.settings.get('application_name'),
    };
  }

  async fail(): Promise<void> {
    this.transaction.fail();
    this.transaction.release();
  }

  beginImplicit(): void {}

  async endImplicit(): Promise<void> {
    if (this.transaction.status === 'I') this.transaction.release();
  }

  private beginStatement(): void {
    if (this.closed) throw new SqlError('adminShutdown', 'the session is closed');
    this.running = new AbortController();
  }

  cancel(): void {
    this.running.abort(new SqlError('queryCanceled', 'query execution canceled'));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancel();
    this.transaction.release();
  }
}

/** Microseconds from 1970-01-01 to 2000-01-01, the epoch of timestamps. */
const EPOCH_2000_MICROS = 946_684_800_000_000n;

function sameColumns(a: readonly ResultColumn[], b: readonly ResultColumn[]): boolean {
  return a.length === b.length && a.every((column, i) => column.type.oid === b[i]?.type.oid);
}
