import type { Execute, Parse, PortalOp } from 'pg-server/protocol/commands';
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
import { fieldDescriptions } from './row-description';
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

  async bind(message: BindMessage): Promise<void> {
    const name = message.portal;
    const { prepared } = this.statement(message.statement);
    if (name === UNNAMED) {
      await this.dropPortal(UNNAMED);
    } else if (this.portals.has(name)) {
      throw new SqlError('duplicateCursor', `portal ${JSON.stringify(name)} already exists`);
    } else if (this.portals.size >= limits.portalsPerSessionMax) {
      throw new SqlError('programLimitExceeded', 'too many portals in this session', {
        hint: 'Close the ones that are not used any more.',
      });
    }
    checkBind(message, prepared);
    let retainedBytes = 0;
    for (const value of message.parameters) retainedBytes += value?.length ?? 0;
    this.checkRetained(retainedBytes);
    const cursor = prepared.empty
      ? undefined
      : await this.session.execute(
          prepared,
          message.parameters,
          message.parameterFormats,
          message.resultFormats,
        );
    this.portals.set(name, {
      prepared,
      cursor,
      resultFormats: message.resultFormats,
      retainedBytes,
      rowsSent: 0,
      tag: undefined,
      completed: false,
    });
    this.retainedBytes += retainedBytes;
    this.channel.writer.bindComplete();
    await relieve(this.channel);
  }

  async describe(message: PortalOp): Promise<void> {
    const writer = this.channel.writer;
    const name = message.name ?? UNNAMED;
    if (message.portalType === 'S') {
      const { prepared } = this.statement(name);
      writer.parameterDescription(prepared.parameterTypes.map((type) => type.oid));
      if (prepared.columns === null) writer.noData();
      else writer.rowDescription(fieldDescriptions(prepared.columns, []));
    } else {
      const portal = this.portal(name);
      const columns = portal.cursor?.columns ?? null;
      if (columns === null) writer.noData();
      else writer.rowDescription(fieldDescriptions(columns, portal.resultFormats));
    }
    await relieve(this.channel);
  }

  async execute(message: Execute): Promise<void> {
    const writer = this.channel.writer;
    const portal = this.portal(message.portal);
    if (portal.cursor === undefined) {
      writer.emptyQuery();
      return;
    }
    const cursor = portal.cursor;
    const copied = portal.tag === undefined ? await runCopy(cursor, this.channel) : undefined;
    if (copied !== undefined) {
      portal.tag = cursor.commandTag(copied);
      await cursor.close();
    } else if (portal.tag === undefined) {
      const rowsMax = cursor.columns === null || message.rows >= ROW_LIMIT_END ? 0 : message.rows;
      const sent = await sendRows(cursor, this.channel, rowsMax, (rowCount) => {
        portal.rowsSent += rowCount;
      });
      if (sent.exhausted) {
        portal.tag = cursor.commandTag(portal.rowsSent);
        await cursor.close();
      }
      if (sent.outcome === 'suspended') {
        writer.portalSuspended();
        return;
      }
    } else if (portal.completed && cursor.columns === null) {
      const text = `portal ${JSON.stringify(message.portal)} cannot be run`;
      throw new SqlError('objectNotInPrerequisiteState', text);
    }
    portal.completed = true;
    writer.commandComplete(portal.tag ?? '');
    await relieve(this.channel);
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
  async dropUnnamed(): Promise<void> {
    this.dropStatement(UNNAMED);
    await this.dropPortal(UNNAMED);
  }

  /** The transaction ended; portals do not outlive it. */
  async closePortals(): Promise<void> {
    for (const name of [...this.portals.keys()]) await this.dropPortal(name);
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

  private async dropPortal(name: string): Promise<void> {
    const portal = this.portals.get(name);
    if (portal === undefined) return;
    this.portals.delete(name);
    this.retainedBytes -= portal.retainedBytes;
    if (portal.tag === undefined) await portal.cursor?.close();
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
