import { type Awaitable, after } from '../../base/awaitable';
import { notSupported, SqlError } from '../../base/errors';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { localityText, readTopology } from '../../catalog/topology';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { ContextName } from '../builtins/function-row';
import { dropTemporarySchemas } from '../ddl/drop-temporary';
import type { Definer } from '../ddl/run';
import type {
  Cursor,
  FormatCode,
  IdleLimit,
  Notice,
  PreparedStatement,
  ResultColumn,
  Session,
  SessionListener,
  SessionOptions,
  StatementText,
  TransactionStatus,
} from '../engine';
import type { EngineContext } from '../engine-context';
import type { RowFormat } from '../execute/data-row';
import type { SelectStatement, Statement } from '../parse/ast';
import { writeName } from '../parse/changes';
import { selectOf } from '../parse/query';
import { handlerOf } from '../statements/registry';
import type { StatementContext } from '../statements/statement-context';
import type { TableResult } from '../statements/table-result';
import { withBackends } from './backend-signals';
import type { BlockSnapshot } from './block-snapshot';
import { runBracketStatements } from './bracket-sources';
import { SessionCatalogView } from './catalog-view';
import type { PreparedQuery, PreparedWrite } from './compile-query';
import { type Compiled, Compiler, isSelect, isWrite, type ParsedText } from './compiler';
import { type CopyOwner, openCopy } from './copy';
import { CommandCursor, RowsCursor, WORK_VERBS } from './cursors';
import { definerOf } from './definers';
import { explainStatement } from './explain';
import { idleLimit, timeoutMs } from './idle-limit';
import { LiveSession } from './live-sessions';
import { KnownSchemas, type NameContext } from './name-resolution';
import { literalText, ownParameters, ownParameterTypes, withValues } from './own-parameters';
import { checkSameColumns, decodeGiven, type GivenParameters } from './parameters';
import {
  describedCatalog,
  isPast,
  openSight,
  type PastSnapshot,
  queryOfPast,
  readAsOf,
  valuesOfPast,
} from './past';
import { forPatterns } from './prefixed-query';
import { QueryCursor } from './query-cursor';
import { readAll, readAllIn } from './read-all';
import { noteReads, type RowLock, rowLockOf, takeTurn } from './row-locks';
import { refuseUnsafeWrite } from './safe-updates';
import { SequenceValues } from './sequence-values';
import { actAs, beginAs } from './session-user';
import { KnownSessionValues, logicalTimestamp } from './session-values';
import { applySettings, refuseSessionChanges } from './set-config';
import { SessionSettings } from './settings';
import { argumentNodes, declaredOids, parameterBytes, SqlPreparedStatements } from './sql-prepared';
import { endingWith, StatementRun } from './statement-run';
import { TransactionState } from './transaction';
import { controlTransaction } from './transaction-control';
import { noteStatus } from './transaction-statements';
import { abandonUpload } from './uploads';
import { atItsEnd, openWriter } from './write-block';
import { WriteCursor } from './write-cursor';

/** What `prepare` gives: the parsed statement and, for queries, what it compiled to. */
interface Prepared extends PreparedStatement, ParsedText {
  /** What describing it gave, when it had to be run for that; good for one execution in the same batch. */
  described?: { readonly batch: number; readonly result: TableResult } | undefined;
}

/** One connection's session: settings, transaction state, and how each statement is prepared and run. */
export class SqlSession implements Session {
  private readonly shared: EngineContext;
  private readonly listener: SessionListener;
  /** Whose rights it has: the one that logged in, until SET ROLE. */
  user: string;
  readonly backendPid: number;
  readonly settings: SessionSettings;
  readonly transaction = new TransactionState<BlockSnapshot>();
  readonly sequences = new SequenceValues();
  private readonly sqlPrepared = new SqlPreparedStatements();
  /** Of statements being prepared and of open cursors. */
  private readonly runs = new Set<StatementRun>();
  /** Counts simple queries and spans between Syncs. */
  private batch = 0;
  private readonly schemas = new KnownSchemas();
  private readonly values = new KnownSessionValues();
  private closed = false;
  private readonly compiler = new Compiler({
    engine: () => this.engine,
    names: () => this.nameContext(),
    sessionValues: (names) => this.sessionValues(names),
    runBrackets: async (statements, sql, run) => {
      const context = this.statementContext(sql, [], run);
      return await run.race(runBracketStatements(statements, context));
    },
  });
  private readonly live: LiveSession;

  constructor(engine: EngineContext, options: SessionOptions, listener: SessionListener) {
    this.shared = engine;
    this.listener = listener;
    this.user = options.user;
    this.backendPid = options.backendPid;
    this.settings = new SessionSettings((name, value) => {
      listener.onParameterStatus(name, value);
    });
    beginAs(options, this.settings, engine);
    this.live = new LiveSession(options, this, this.runs, () => listener.onTerminate());
    this.settings.setInternal('session_id', this.live.id);
    this.settings.setInternal('locality', localityText(readTopology(engine.db).locality));
    engine.sessions.add(this.live);
  }

  /** As the open block sees it. */
  private get engine(): EngineContext {
    return this.transaction.snapshot?.writing?.definitions.engineView ?? this.shared;
  }

  get transactionStatus(): TransactionStatus {
    return this.transaction.status;
  }

  parameterStatuses(): ReadonlyArray<readonly [string, string]> {
    return this.settings.reported();
  }

  split(sql: string): readonly StatementText[] {
    return this.engine.parsed.split(sql);
  }

  prepare(text: StatementText, parameterOids: readonly number[]): Awaitable<PreparedStatement> {
    const run = this.beginRun(text.sql);
    return endingWith(run, () =>
      after(this.prepareIn(run, text, parameterOids), (prepared) => {
        run.throwIfAborted();
        run.end();
        return prepared;
      }),
    );
  }

  private prepareIn(
    run: StatementRun,
    text: StatementText,
    parameterOids: readonly number[],
  ): Awaitable<PreparedStatement> {
    const { sql } = text;
    const { parsed } = this.engine;
    const lifted = parameterOids.length === 0 ? parsed.lift(sql) : undefined;
    const statement = lifted?.template.statement ?? parsed.parse(sql);
    this.transaction.check(statement.kind);
    run.startTimer();
    return this.prepareParsed(run, { sql, statement, parameterOids, lifted, memo: {} });
  }

  private prepareParsed(run: StatementRun, about: ParsedText): Awaitable<PreparedStatement> {
    const { statement } = about;
    const prepared = (
      columns: readonly ResultColumn[] | null,
      parameterTypes: readonly SqlType[] = [],
    ): Prepared => ({
      sql: about.sql,
      statement,
      parameterOids: about.parameterOids,
      lifted: about.lifted,
      memo: about.memo,
      columns,
      parameterTypes,
      empty: statement.kind === 'Empty',
    });
    if (isWrite(about)) {
      return after(this.compiler.write(about, run), ({ query }) => {
        const { columns, parameterTypes } = query.compiled.plan;
        return prepared(columns, parameterTypes);
      });
    }
    if (isSelect(about)) {
      const past = describedCatalog(about.statement.asOf, this.transaction, this.engine);
      return after(this.compiler.query(about, this.nameContext(past), run), ({ query }) => {
        const { columns, parameterTypes } = query.compiled;
        return prepared(columns, parameterTypes);
      });
    }
    if (statement.kind === 'Execute') return prepared(this.sqlPrepared.get(statement.name).columns);
    const handler = handlerOf(statement);
    const parameterTypes = ownParameterTypes(
      statement,
      handler?.kind === 'rows',
      about.parameterOids,
    );
    if (handler?.kind !== 'rows') return prepared(null, parameterTypes);
    if (handler.columns !== undefined) return prepared(handler.columns(statement), parameterTypes);
    const context = this.statementContext(about.sql, [], run);
    return run.race(handler.run(statement, context)).then((result) => ({
      ...prepared(result.columns),
      described: { batch: this.batch, result },
    }));
  }

  execute(
    given: PreparedStatement,
    parameters: readonly (Uint8Array | null)[],
    parameterFormats: readonly FormatCode[],
    resultFormats: RowFormat,
  ): Awaitable<Cursor> {
    const prepared = given as Prepared;
    const { statement } = prepared;
    this.transaction.check(statement.kind);
    if (statement.kind === 'Execute') return this.executePrepared(statement, resultFormats);
    const run = this.beginRun(prepared.sql);
    const bound = { parameters, parameterFormats, resultFormats };
    return endingWith(run, () => this.open(prepared, bound, run));
  }

  private open(prepared: Prepared, given: GivenParameters, run: StatementRun): Awaitable<Cursor> {
    const { statement } = prepared;
    if (statement.kind === 'Copy') {
      return openCopy(statement, this.copyOwner(prepared.sql, run), run);
    }
    if (statement.kind === 'Prepare') {
      return new CommandCursor(() => this.prepareNamed(statement, run), run);
    }
    if (isWrite(prepared)) {
      this.checkWritable(writeName(prepared.statement));
      refuseUnsafeWrite(prepared.statement, this.settings);
      return after(this.compiler.write(prepared, run), (compiled) => {
        checkSameColumns(compiled.query.compiled.plan.columns, prepared.columns);
        const recompile = async () => await this.compiler.plainWrite(prepared, run);
        return this.openWrite(compiled, recompile, given, run);
      });
    }
    if (isSelect(prepared)) return this.openSelect(prepared, given, run);
    return this.openStatement(prepared, statement, given, run);
  }

  private copyOwner(sql: string, run: StatementRun): CopyOwner {
    const { shared: engine, transaction, sequences } = this;
    return {
      engine,
      transaction,
      sequences,
      names: () => this.nameContext(),
      sessionValues: () => this.sessionValues(),
      checkWritable: (what) => this.checkWritable(what),
      compileInsert: async (statement) =>
        (await this.compiler.write({ sql, statement, parameterOids: [] }, run)).query,
      open: async (statement, options) => {
        const prepared = await this.prepareParsed(run, { sql, statement, parameterOids: [] });
        return await this.execute(prepared, [], [], options);
      },
    };
  }

  private async prepareNamed(
    statement: Extract<Statement, { kind: 'Prepare' }>,
    run: StatementRun,
  ): Promise<string> {
    this.sqlPrepared.checkNew(statement);
    const oids = declaredOids(statement.types, new SessionCatalogView(this.nameContext()));
    const text = { sql: statement.sql, offset: 0 };
    this.sqlPrepared.add(statement.name, await this.prepareIn(run, text, oids));
    return 'PREPARE';
  }

  /** As if the client had bound the arguments' values to the statement. */
  private async executePrepared(
    statement: Extract<Statement, { kind: 'Execute' }>,
    resultFormats: RowFormat,
  ): Promise<Cursor> {
    const target = this.sqlPrepared.get(statement.name);
    const { parameterTypes } = target;
    const nodes = argumentNodes(statement, parameterTypes);
    const run = this.beginRun();
    try {
      const context = this.statementContext('EXECUTE', [], run);
      const values: Repr[] = [];
      for (const node of nodes) values.push((await context.evaluate(node))[0]?.[0] ?? null);
      const bytes = parameterBytes(values, parameterTypes, this.sessionValues());
      return await this.execute(target, bytes, [0], resultFormats);
    } finally {
      run.end();
    }
  }

  private openStatement(
    prepared: Prepared,
    statement: Statement,
    given: GivenParameters,
    run: StatementRun,
  ): Cursor {
    const { resultFormats } = given;
    const handler = handlerOf(statement);
    if (handler === undefined) {
      return new CommandCursor(async () => await controlTransaction(statement, this), run);
    }
    const types = prepared.parameterTypes;
    const parameters = ownParameters(types, given, this.sessionValues());
    const context = this.statementContext(prepared.sql, parameters, run, types);
    if (handler.kind === 'command') {
      return new CommandCursor(async () => await handler.run(statement, context), run);
    }
    const options = { run, formats: resultFormats, session: this.sessionValues() };
    const { described } = prepared;
    prepared.described = undefined;
    const verb = WORK_VERBS.get(statement.kind);
    if (verb !== undefined) {
      const work = async () => (await handler.run(statement, context)).rows;
      return new RowsCursor(prepared.columns ?? [], work, { ...options, verb });
    }
    const work = async () =>
      described?.batch === this.batch
        ? described.result.rows
        : (await run.race(handler.run(statement, context))).rows;
    return new RowsCursor(prepared.columns ?? [], work, { ...options, verb: 'SHOW' });
  }

  /** A query as it is now to be run: the catalog may have changed since it was prepared. */
  private openSelect(
    prepared: Prepared & { readonly statement: SelectStatement },
    given: GivenParameters,
    run: StatementRun,
  ): Awaitable<Cursor> {
    const lock = rowLockOf(prepared.statement.tree);
    if (lock !== undefined) this.checkWritable(lock.name);
    return after(this.sight(prepared.statement, lock, run), (sight) => {
      if (isPast(sight)) return this.openPastSelect(prepared, sight, given, run);
      const names = this.nameContext();
      return after(this.compiler.query(prepared, names, run), (compiled) => {
        const { query } = compiled;
        checkSameColumns(query.compiled.columns, prepared.columns);
        const { snapshot } = this.transaction;
        return after(noteReads(this.engine, snapshot, query.relationIds, lock, run), () => {
          if (query.compiled.writes) this.checkWritable('nextval() or setval()');
          return this.openQuery(compiled, names, given, run);
        });
      });
    });
  }

  private async openPastSelect(
    prepared: Prepared & { readonly statement: SelectStatement },
    sight: PastSnapshot,
    given: GivenParameters,
    run: StatementRun,
  ): Promise<Cursor> {
    try {
      const names = this.nameContext(sight.catalog);
      const { query, values } = await this.compiler.query(prepared, names, run);
      checkSameColumns(query.compiled.columns, prepared.columns);
      const past = queryOfPast(query, prepared.statement, sight, this.engine);
      return this.openQuery({ query: past, values }, names, given, run, sight);
    } catch (error) {
      if (sight !== this.transaction.snapshot) sight.close();
      throw error;
    }
  }

  /** What the queries of a block see is fixed before the first of them. Undefined: the rows of now. */
  private sight(
    statement: SelectStatement,
    lock: RowLock | undefined,
    run: StatementRun,
  ): Awaitable<BlockSnapshot | undefined> {
    const isPlain = this.transaction.status !== 'T' && statement.asOf === null;
    return isPlain ? undefined : this.openedSight(statement, lock, run);
  }

  private async openedSight(
    statement: SelectStatement,
    lock: RowLock | undefined,
    run: StatementRun,
  ): Promise<BlockSnapshot | undefined> {
    const { transaction } = this;
    if (transaction.status === 'T')
      await takeTurn(lock, this.shared, transaction, this.settings, run);
    return await openSight(statement, transaction, this.engine, this.settings);
  }

  private checkWritable(what: string): void {
    const prefix = this.transaction.status === 'I' ? 'default_' : '';
    if (this.settings.get(`${prefix}transaction_read_only`) === 'off') return;
    throw new SqlError(
      'readOnlySqlTransaction',
      `cannot execute ${what} in a read-only transaction`,
    );
  }

  private openQuery(
    { query, values: literals }: Compiled<PreparedQuery>,
    names: NameContext,
    given: GivenParameters,
    run: StatementRun,
    past?: PastSnapshot,
  ): Cursor {
    const session = this.sessionValues(names, past?.asOf);
    const { snapshot } = this.transaction;
    const values = literals ?? decodeGiven(query.compiled.parameterTypes, given, session);
    applySettings(query.settings ?? [], values, this.settings, this.transaction.status !== 'I');
    return new QueryCursor(this.engine, forPatterns(query, values), values, {
      session:
        query.signals === true ? withBackends(session, this.shared.sessions, names) : session,
      formats: given.resultFormats,
      run,
      notice: (notice) => this.listener.onNotice(notice),
      snapshot: (past ?? snapshot)?.rows,
      ...(past === undefined || past === snapshot ? {} : { sight: past }),
      holdsLock: snapshot?.writing !== undefined,
      sequences: this.sequences,
    });
  }

  private openWrite(
    { query, values: literals }: Compiled<PreparedWrite>,
    recompile: () => Promise<PreparedWrite>,
    given: GivenParameters,
    run: StatementRun,
  ): Cursor {
    const session = this.sessionValues();
    const values = literals ?? decodeGiven(query.compiled.plan.parameterTypes, given, session);
    const inBlock = this.transaction.status === 'T';
    return new WriteCursor(this.engine, query, values, {
      session,
      formats: given.resultFormats,
      run,
      sequences: this.sequences,
      block: inBlock ? (short) => openWriter(this.shared, this.transaction, run, short) : undefined,
      catalogVersion: () => this.catalog().version,
      recompile,
    });
  }

  private nameContext(catalog: CatalogSnapshot = this.catalog()): NameContext {
    return { catalog, settings: this.settings, user: this.user };
  }

  private catalog(): CatalogSnapshot {
    const { snapshot, asOf } = this.transaction;
    if (snapshot !== undefined) return snapshot.catalog;
    return asOf === undefined ? this.engine.catalog.snapshot() : this.engine.past.at(asOf);
  }

  private statementContext(
    sql: string,
    parameters: readonly (Uint8Array | null)[],
    run: StatementRun,
    types: readonly SqlType[] = [],
  ): StatementContext {
    const rowsOf = (query: SelectStatement, text: string): Promise<readonly Repr[][]> =>
      this.allRows(...withValues(query, text, types, parameters), run);
    return {
      engine: this.engine,
      catalog: this.catalog(),
      settings: this.settings,
      user: this.user,
      setUser: (name) => {
        this.user = actAs(name, this.settings, this.catalog());
      },
      sql,
      inTransactionBlock: this.transaction.status !== 'I',
      holdsWriteLock: this.transaction.snapshot?.writing !== undefined,
      signal: run.signal,
      sequences: this.sequences,
      definer: this.definer(sql, run, parameters),
      sessionValues: () => this.sessionValues(),
      notice: (notice) => this.listener.onNotice(notice),
      deallocate: (name) => {
        // Names of PREPARE and of the protocol's Parse are one list to the client.
        const dropped = this.sqlPrepared.drop(name);
        return name === null || !dropped ? this.listener.onDeallocate(name) || dropped : dropped;
      },
      select: (statement) => rowsOf(statement, sql),
      explain: (statement) =>
        explainStatement(statement, {
          names: this.nameContext(),
          session: this.sessionValues(),
          engine: this.engine,
          read: (query) => this.read(query, true),
          prepare: (inner) => this.prepareParsed(run, { sql, statement: inner, parameterOids: [] }),
          execute: (prepared) => this.execute(prepared, [], [0], [0]),
        }),
      savepoints: () => this.transaction.savepointList(),
      afterCommit: (action) => atItsEnd(this.transaction, 'afterCommit', action),
      afterBlock: (action) => atItsEnd(this.transaction, 'afterEnd', action),
      evaluate: (expression) =>
        rowsOf(selectOf(expression), `SELECT ${JSON.stringify(expression)}`),
      text: (value) => literalText(value, parameters),
    };
  }

  private definer(
    sql: string,
    run: StatementRun,
    parameters: readonly (Uint8Array | null)[],
  ): Definer {
    const { shared: engine, settings, user, transaction } = this;
    const owner = {
      ...{ engine, settings, user, transaction },
      sessionValues: () => this.sessionValues(),
      notice: (notice: Notice) => this.listener.onNotice(notice),
      checkWritable: (what: string) => this.checkWritable(what),
    };
    return definerOf(owner, { sql, run, parameters });
  }

  /** @param ofTables rows or schemas of tables are read: a block sees its own */
  private async read(
    query: Pick<PreparedQuery, 'compiled' | 'tables'>,
    ofTables: boolean,
  ): Promise<Repr[][]> {
    const { snapshot } = this.transaction;
    const session = this.sessionValues();
    if (snapshot === undefined || !ofTables) return readAll(this.shared.db, query, session);
    const seen = isPast(snapshot) ? readAsOf(query, snapshot) : query;
    return await readAllIn(this.shared.queries, snapshot.rows, seen, session);
  }

  /** All rows of a query inside another statement. */
  private async allRows(
    statement: SelectStatement,
    sql: string,
    run: StatementRun,
  ): Promise<readonly Repr[][]> {
    if (statement.asOf !== null) throw notSupported('AS OF SYSTEM TIME inside a statement');
    const names = this.nameContext();
    const { query } = await this.compiler.query({ sql, statement, parameterOids: [] }, names, run);
    refuseSessionChanges(query);
    return await this.read(query, query.relationIds.size > 0);
  }

  private sessionValues(
    names: NameContext = this.nameContext(),
    asOf: bigint | undefined = this.transaction.asOf,
  ): Readonly<Partial<Record<ContextName, Repr>>> {
    const logical = logicalTimestamp(this.transaction, this.shared.clock);
    const values = this.values.of(this, this.schemas.of(names), names.catalog, logical);
    return asOf === undefined ? values : valuesOfPast(values, asOf);
  }

  idleLimit(): IdleLimit | undefined {
    return idleLimit(this.settings, this.transaction.status);
  }

  async fail(): Promise<void> {
    this.batch++;
    this.transaction.fail();
    noteStatus(this);
  }

  beginImplicit(): void {
    this.batch++;
  }

  endImplicit(): void {
    this.batch++;
  }

  private beginRun(sql?: string): StatementRun {
    if (this.closed) throw new SqlError('adminShutdown', 'the session is closed');
    const timeouts = {
      statementMs: timeoutMs(this.settings, 'statement_timeout'),
      lockMs: timeoutMs(this.settings, 'lock_timeout'),
    };
    const run = new StatementRun(timeouts, (ended) => this.endRun(ended), sql);
    this.runs.add(run);
    return run;
  }

  private endRun(run: StatementRun): void {
    if (this.runs.delete(run) && run.sql !== '') this.live.lastQuery = run.sql;
  }

  /** Only one statement works at a time; the portals of the others end with it. */
  cancel(): void {
    for (const run of this.runs) run.cancel();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.shared.sessions.remove(this.live);
    this.cancel();
    this.transaction.release();
    await abandonUpload(this.settings);
    try {
      await dropTemporarySchemas(this.shared, this.settings);
    } catch (error) {
      this.shared.logger.warn({ error }, 'temporary objects stay until the server starts again');
    }
  }
}
