import { SqlError, type SqlStateName } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { type HostRules, parseHostRules } from '../../sql/cluster-settings/host-rules';
import type {
  Cursor,
  Engine,
  FormatCode,
  IdleLimit,
  Login,
  PreparedStatement,
  RowBatch,
  Session,
  SessionListener,
  SessionOptions,
  StatementText,
  TransactionStatus,
} from '../../sql/engine';

// An engine without SQL, for tests of the server. Its statements:
//
//   rows N [BYTES]        N rows (n, text of BYTES bytes)        select 1        one row, column ?column?
//   echo                  its parameters $1, $2 as one row       insert N        no rows, tag INSERT 0 N
//   error STATE MSG [@P]  SqlError with position P               crash           a TypeError
//   wait                  until cancelled                        notice MSG      a notice
//   set NAME VALUE        ParameterStatus                        begin, commit, rollback

export const TEXT: SqlType = {
  family: 'string',
  oid: 25,
  width: 0,
  precision: 0,
  precisionIsSet: false,
};
export const INT8: SqlType = {
  family: 'int',
  oid: 20,
  width: 64,
  precision: 0,
  precisionIsSet: false,
};

export const BATCH_ROWS = 100;

export function dataRow(values: readonly (string | Uint8Array | null)[]): Buffer {
  const parts: Buffer[] = [];
  let length = 6;
  for (const value of values) {
    const bytes = value === null ? null : Buffer.from(value as string);
    const size = Buffer.alloc(4);
    size.writeInt32BE(bytes === null ? -1 : bytes.length);
    parts.push(size);
    if (bytes !== null) parts.push(bytes);
    length += 4 + (bytes?.length ?? 0);
  }
  const head = Buffer.alloc(7);
  head.write('D');
  head.writeInt32BE(length, 1);
  head.writeInt16BE(values.length, 5);
  return Buffer.concat([head, ...parts]);
}

/** What tests look at. */
export class FakeEngine implements Engine {
  readonly holdsProcess = false;
  readonly sessions: FakeSession[] = [];
  closed = 0;
  refusal: Error | undefined;
  /** Of server.host_based_authentication.configuration. */
  rules = '';
  readonly passwords = new Map<string, Uint8Array>();
  expiresMs: number | undefined;

  hostRules(): HostRules {
    return parseHostRules(this.rules);
  }

  login(user: string): Login {
    const hashedPassword = this.passwords.get(user) ?? null;
    return { user, hashedPassword, expiresMs: this.expiresMs };
  }

  async openSession(options: SessionOptions, listener: SessionListener): Promise<Session> {
    if (this.refusal !== undefined) throw this.refusal;
    const session = new FakeSession(options, listener);
    this.sessions.push(session);
    return session;
  }

  get openSessions(): number {
    return this.sessions.filter((session) => session.closed === 0).length;
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

export class FakeSession implements Session {
  transactionStatus: TransactionStatus = 'I';
  idle: IdleLimit | undefined;
  readonly options: SessionOptions;
  readonly listener: SessionListener;
  /** Calls that matter to the order of things. */
  readonly calls: string[] = [];
  closed = 0;
  openCursors = 0;
  batches = 0;
  implicitEndError: Error | undefined;
  private wake: (() => void) | undefined;
  private cancelled = false;

  constructor(options: SessionOptions, listener: SessionListener) {
    this.options = options;
    this.listener = listener;
  }

  idleLimit(): IdleLimit | undefined {
    return this.idle;
  }

  parameterStatuses(): ReadonlyArray<readonly [string, string]> {
    return [
      ['server_version', '13.0.0'],
      ['client_encoding', 'UTF8'],
      ['standard_conforming_strings', 'on'],
      ['integer_datetimes', 'on'],
      ['DateStyle', 'ISO'],
    ];
  }

  async split(sql: string): Promise<readonly StatementText[]> {
    if (sql.includes('unterminated')) {
      throw new SqlError('syntaxError', 'at or near "unterminated"', {
        position: sql.indexOf('unterminated') + 1,
      });
    }
    const statements: StatementText[] = [];
    for (const match of sql.matchAll(/[^;]+/g)) {
      const lead = /^\s*/.exec(match[0])?.[0].length ?? 0;
      const text = match[0].trim();
      if (text !== '') statements.push({ sql: text, offset: match.index + lead });
    }
    return statements.length > 0 ? statements : [{ sql: '', offset: 0 }];
  }

  async prepare(statement: StatementText, parameterOids: readonly number[]) {
    const words = statement.sql.split(/\s+/);
    if (this.transactionStatus === 'E' && !/^(rollback|commit)$/.test(statement.sql)) {
      throw new SqlError('inFailedSqlTransaction', 'current transaction is aborted');
    }
    if (words[0] === 'misprepare') throw new SqlError('undefinedTable', 'no such table');
    const prepared: PreparedStatement = {
      sql: statement.sql,
      empty: statement.sql === '',
      parameterTypes: [...statement.sql.matchAll(/\$\d+/g)].map((_, i) =>
        parameterOids[i] === 20 ? INT8 : TEXT,
      ),
      columns: columnsOf(statement.sql),
    };
    return prepared;
  }

  async execute(
    prepared: PreparedStatement,
    parameters: readonly (Uint8Array | null)[],
    parameterFormats: readonly FormatCode[],
    resultFormats: readonly FormatCode[],
  ): Promise<Cursor> {
    if (resultFormats.includes(1)) {
      throw new SqlError('featureNotSupported', 'binary results are not supported');
    }
    this.calls.push(`execute ${prepared.sql}`);
    this.openCursors++;
    this.cancelled = false;
    return new FakeCursor(this, prepared, parameters, parameterFormats);
  }

  async fail(): Promise<void> {
    this.calls.push('fail');
    if (this.transactionStatus === 'T') this.transactionStatus = 'E';
  }

  beginImplicit(): void {
    this.calls.push('beginImplicit');
  }

  async endImplicit(): Promise<void> {
    this.calls.push('endImplicit');
    if (this.implicitEndError !== undefined) throw this.implicitEndError;
  }

  cancel(): void {
    this.calls.push('cancel');
    this.cancelled = true;
    this.wake?.();
  }

  async close(): Promise<void> {
    this.calls.push('close');
    this.closed++;
  }

  async untilCancelled(): Promise<never> {
    if (!this.cancelled) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    throw new SqlError('queryCanceled', 'query execution canceled');
  }
}

function columnsOf(sql: string): PreparedStatement['columns'] {
  const word = sql.split(/\s+/)[0];
  const column = (name: string, type: SqlType) => ({ name, type, tableId: 0, columnId: 0 });
  switch (word) {
    case 'rows':
    case 'failrows':
      return [column('n', INT8), column('t', TEXT)];
    case 'select':
      return [column('?column?', INT8)];
    case 'echo':
      return [column('first', TEXT), column('second', TEXT)];
    default:
      return null;
  }
}

class FakeCursor implements Cursor {
  readonly columns: PreparedStatement['columns'];
  private readonly words: readonly string[];
  private row = 0;
  private closed = false;

  constructor(
    session: FakeSession,
    prepared: PreparedStatement,
    parameters: readonly (Uint8Array | null)[],
    formats: readonly FormatCode[],
  ) {
    this.session = session;
    this.columns = prepared.columns;
    this.words = prepared.sql.split(/\s+/);
    this.parameters = parameters;
    this.formats = formats;
  }

  private readonly session: FakeSession;
  private readonly parameters: readonly (Uint8Array | null)[];
  private readonly formats: readonly FormatCode[];

  async next(rowsMax: number): Promise<RowBatch> {
    this.session.batches++;
    // Like the real one, rows come from elsewhere.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const [word, first = '', second = ''] = this.words;
    switch (word) {
      case 'rows':
        return this.rows(Number(first), Number(second || '1'), rowsMax);
      case 'failrows':
        if (this.row >= Number(first)) throw new SqlError('divisionByZero', 'division by zero');
        return { ...this.rows(Number(first), 1, rowsMax), done: false };
      case 'select':
        return { bytes: dataRow([first]), rowCount: 1, done: true };
      case 'echo':
        return {
          bytes: dataRow([this.parameters[0] ?? null, this.formats.join(',')]),
          rowCount: 1,
          done: true,
        };
      default:
        await this.run(word ?? '', first);
        return { bytes: new Uint8Array(), rowCount: 0, done: true };
    }
  }

  private rows(total: number, sizeBytes: number, rowsMax: number): RowBatch {
    const count = Math.min(total - this.row, BATCH_ROWS, rowsMax === 0 ? BATCH_ROWS : rowsMax);
    const rows: Buffer[] = [];
    for (let i = 0; i < count; i++) rows.push(dataRow([`${++this.row}`, 'ä'.repeat(sizeBytes)]));
    return { bytes: Buffer.concat(rows), rowCount: count, done: this.row >= total };
  }

  private async run(word: string, first: string): Promise<void> {
    const session = this.session;
    const rest = this.words.slice(2).join(' ');
    switch (word) {
      case 'begin':
        session.transactionStatus = 'T';
        return;
      case 'commit':
      case 'rollback':
        session.transactionStatus = 'I';
        return;
      case 'wait':
        return session.untilCancelled();
      case 'notice':
        session.listener.onNotice({
          severity: 'NOTICE',
          code: '00000',
          message: `${first} ${rest}`.trim(),
        });
        return;
      case 'set':
        session.listener.onParameterStatus(first, rest);
        return;
      case 'crash':
        throw new TypeError("cannot read properties of 's3://b?AWS_SECRET_ACCESS_KEY=hush&x=1'");
      case 'error': {
        const [message = '', position] = rest.split(' @');
        const options = position === undefined ? {} : { position: Number(position) };
        throw new SqlError(first as SqlStateName, message, {
          ...options,
          detail: 'the detail',
          hint: 'the hint',
          constraint: 'the_constraint',
        });
      }
      default:
        return;
    }
  }

  commandTag(rowsSent: number): string {
    const [word = '', first] = this.words;
    if (this.columns !== null) return `SELECT ${rowsSent}`;
    return word === 'insert' ? `INSERT 0 ${first}` : word.toUpperCase();
  }

  async close(): Promise<void> {
    if (this.closed) throw new Error('cursor closed twice');
    this.closed = true;
    this.session.openCursors--;
  }
}
