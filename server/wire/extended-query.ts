import type { Execute, Parse, PortalOp } from 'pg-server/protocol/commands';
import { type Awaitable, after } from '../../base/awaitable';
import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type {
  Cursor,
  FormatCode,
  PreparedStatement,
  Session,
  StatementText,
} from '../../sql/engine';
import type { Channel } from './channel';
import { runCopy } from './copy';
import type { BindMessage } from './frontend-message';
import { relieve, sendRows } from './send-rows';
import { splitText } from './statement-runner';

interface Statement {
  readonly prepared: PreparedStatement;
  readonly retainedBytes: number;
}

interface Portal {
  readonly prepared: PreparedStatement;
  /** `undefined`: the empty statement. */
  readonly cursor: Cursor | undefined;
  readonly resultFormats: readonly FormatCode[];
  readonly retainedBytes: number;
  rowsSent: number;
  /** CommandComplete's text, once the cursor has no more rows. */
  tag: string | undefined;
  /** CommandComplete was sent. */
  completed: boolean;
}

const UNNAMED = '';
/** An Execute row count at or above this was negative: no limit. */
const ROW_LIMIT_END = 0x80000000;

/**
 * The extended protocol's messages, and the prepared statements and portals that they name. Each method throws the error
 * that the client is to see; the connection then drops messages until Sync.
 */
export class ExtendedQuery {
  private readonly session: Session;
  private readonly channel: Channel;
  private readonly statements = new Map<string, Statement>();
  private readonly portals = new Map<string, Portal>();
  private retainedBytes = 0;

  constructor(session: Session, channel: Channel) {
    this.session = session;
    this.channel = channel;
  }

  async parse(message: Parse): Promise<void> {
    const name = message.queryName;
    if (name === UNNAMED) {
      this.dropStatement(UNNAMED);
    } else if (this.statements.has(name)) {
      const text = `prepared statement ${JSON.stringify(name)} already exists`;
      throw new SqlError('duplicatePreparedStatement', text);
    } else if (this.statements.size >= limits.preparedStatementsPerSessionMax) {
      throw new SqlError('programLimitExceeded', 'too many prepared statements in this session', {
        hint: 'Close or DEALLOCATE the ones that are not used any more.',
      });
    }
    const retainedBytes = message.query.length * 2;
    this.checkRetained(retainedBytes);
    const text = await this.singleStatement(message.query);
    const prepared = await this.session.prepare(text, message.parameters);
    this.statements.set(name, { prepared, retainedBytes });
    this.retainedBytes += retainedBytes;
    this.channel.writer.parseComplete();
    await relieve(this.channel);
  }

  private async singleStatement(sql: string): Promise<StatementText> {
    const [first, ...rest] = await splitText(this.session, sql);
    if (first === undefined) return { sql: '', offset: 0 };
    if (rest.length > 0) {
      throw new SqlError(
        'invalidPreparedStatementDefinition',
        `prepared statement had ${rest.length + 1} statements, expected 1`,
      );
    }
    return first;
  }

  bind(message: BindMessage): Awaitable<void> {
    const name = message.portal;
    const { prepared } = this.statement(message.statement);
    if (name === UNNAMED) {
      return after(this.dropPortal(UNNAMED), () => this.bindPortal(message, prepared));
    }
    if (this.portals.has(name)) {
      throw new SqlError('duplicateCursor', `portal ${JSON.stringify(name)} already exists`);
    }
    if (this.portals.size >= limits.portalsPerSessionMax) {
      throw new SqlError('programLimitExceeded', 'too many portals in this session', {
        hint: 'Close the ones that are not used any more.',
      });
    }
    return this.bindPortal(message, prepared);
  }

  private bindPortal(message: BindMessage, prepared: PreparedStatement): Awaitable<void> {
    checkBind(message, prepared);
    const { parameters, parameterFormats, resultFormats } = message;
    let retainedBytes = 0;
    for (const value of parameters) retainedBytes += value?.length ?? 0;
    this.checkRetained(retainedBytes);
    const opened = prepared.empty
      ? undefined
      : this.session.execute(prepared, parameters, parameterFormats, resultFormats);
    return after(opened, (cursor) => {
      this.portals.set(message.portal, {
        prepared,
        cursor,
        resultFormats,
        retainedBytes,
        rowsSent: 0,
        tag: undefined,
        completed: false,
      });
      this.retainedBytes += retainedBytes;
      this.channel.writer.bindComplete();
      return relieve(this.channel);
    });
  }

  describe(message: PortalOp): Awaitable<void> {
    const writer = this.channel.writer;
    const name = message.name ?? UNNAMED;
    if (message.portalType === 'S') {
      const { prepared } = this.statement(name);
      writer.parameterDescription(prepared.parameterTypes.map((type) => type.oid));
      if (prepared.columns === null) writer.noData();
      else writer.rowDescriptionOf(prepared.columns, []);
    } else {
      const portal = this.portal(name);
      const columns = portal.cursor?.columns ?? null;
      if (columns === null) writer.noData();
      else writer.rowDescriptionOf(columns, portal.resultFormats);
    }
    return relieve(this.channel);
  }

  execute(message: Execute): Awaitable<void> {
    const portal = this.portal(message.portal);
    const { cursor } = portal;
    if (cursor === undefined) return this.channel.writer.emptyQuery();
    if (portal.tag !== undefined) {
      if (portal.completed && cursor.columns === null) {
        const text = `portal ${JSON.stringify(message.portal)} cannot be run`;
        throw new SqlError('objectNotInPrerequisiteState', text);
      }
      return this.complete(portal);
    }
    const copied = runCopy(cursor, this.channel);
    if (copied !== undefined) {
      return copied.then((rowCount) => this.exhaust(portal, cursor, rowCount));
    }
    const rowsMax = cursor.columns === null || message.rows >= ROW_LIMIT_END ? 0 : message.rows;
    const sending = sendRows(cursor, this.channel, rowsMax, (rowCount) => {
      portal.rowsSent += rowCount;
    });
    return after(sending, (sent) => {
      if (sent.outcome === 'done') return this.exhaust(portal, cursor, portal.rowsSent);
      const closed = sent.exhausted ? this.finish(portal, cursor, portal.rowsSent) : undefined;
      return after(closed, () => this.channel.writer.portalSuspended());
    });
  }

  /** The cursor has no more rows. */
  private finish(portal: Portal, cursor: Cursor, rowCount: number): Awaitable<void> {
    portal.tag = cursor.commandTag(rowCount);
    return cursor.close();
  }

  private exhaust(portal: Portal, cursor: Cursor, rowCount: number): Awaitable<void> {
    return after(this.finish(portal, cursor, rowCount), () => this.complete(portal));
  }

  private complete(portal: Portal): Awaitable<void> {
    portal.completed = true;
    this.channel.writer.commandComplete(portal.tag ?? '');
    return relieve(this.channel);
  }

  /** Closing what does not exist is no error. */
  async close(message: PortalOp): Promise<void> {
    const name = message.name ?? UNNAMED;
    if (message.portalType === 'S') this.dropStatement(name);
    else await this.dropPortal(name);
    this.channel.writer.closeComplete();
    await relieve(this.channel);
  }

  /** A simple query replaces the unnamed statement and portal. */
  dropUnnamed(): Awaitable<void> {
    this.dropStatement(UNNAMED);
    return this.dropPortal(UNNAMED);
  }

  /** The transaction ended; portals do not outlive it. */
  closePortals(): Awaitable<void> {
    for (const name of this.portals.keys()) {
      const closing = this.dropPortal(name);
      if (closing instanceof Promise) return closing.then(() => this.closePortals());
    }
    return undefined;
  }

  /** DEALLOCATE; portals made from the statement live on. @returns false: there is none of that name */
  deallocate(name: string | null): boolean {
    if (name !== null) {
      const known = this.statements.has(name);
      this.dropStatement(name);
      return known;
    }
    for (const each of [...this.statements.keys()]) this.dropStatement(each);
    return true;
  }

  private statement(name: string): Statement {
    const statement = this.statements.get(name);
    if (statement !== undefined) return statement;
    const text = `unknown prepared statement ${JSON.stringify(name)}`;
    throw new SqlError('invalidSqlStatementName', text);
  }

  private portal(name: string): Portal {
    const portal = this.portals.get(name);
    if (portal !== undefined) return portal;
    throw new SqlError('invalidCursorName', `unknown portal ${JSON.stringify(name)}`);
  }

  private checkRetained(moreBytes: number): void {
    if (this.retainedBytes + moreBytes > limits.sessionRetainedBytesMax) {
      throw new SqlError(
        'programLimitExceeded',
        `prepared statements and portals of this session exceed ${limits.sessionRetainedBytesMax} bytes`,
      );
    }
  }

  private dropStatement(name: string): void {
    const statement = this.statements.get(name);
    if (statement === undefined) return;
    this.statements.delete(name);
    this.retainedBytes -= statement.retainedBytes;
  }

  private dropPortal(name: string): Awaitable<void> {
    const portal = this.portals.get(name);
    if (portal === undefined) return undefined;
    this.portals.delete(name);
    this.retainedBytes -= portal.retainedBytes;
    return portal.tag === undefined ? portal.cursor?.close() : undefined;
  }
}

/** @throws SqlError 08P01 counts that do not fit the statement. */
function checkBind(message: BindMessage, prepared: PreparedStatement): void {
  const parameterCount = prepared.parameterTypes.length;
  const given = message.parameters.length;
  if (given !== parameterCount) {
    throw new SqlError('protocolViolation', `expected ${parameterCount} arguments, got ${given}`);
  }
  const formatCount = message.parameterFormats.length;
  if (formatCount > 1 && formatCount !== parameterCount) {
    throw new SqlError(
      'protocolViolation',
      `wrong number of format codes specified: ${formatCount} for ${parameterCount} arguments`,
    );
  }
  const columnCount = prepared.columns?.length ?? 0;
  const resultFormatCount = message.resultFormats.length;
  if (resultFormatCount > 1 && resultFormatCount !== columnCount) {
    throw new SqlError(
      'protocolViolation',
      `expected 0, 1, or ${columnCount} for number of format codes, got ${resultFormatCount}`,
    );
  }
}
