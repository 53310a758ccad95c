import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { SqlError } from '../../../base/errors';
import type { Topology } from '../../../catalog/topology';
import type { Engine, Session } from '../../../sql/engine';
import { openEngine } from '../../../sql/open-engine';
import { type Connection, connectStore } from '../../../storage/ranges/connection';

/** An engine over a new store; runs texts of several statements and gives the last one's answer as text. */
export interface DdlEngine {
  /** Notices, then rows with cells joined by `|`, or the command tag. Errors are answers: `ERROR 42P07 …`. */
  run(sql: string): Promise<string>;
  /** Another connection's `run`. */
  connect(user?: string): Promise<(sql: string) => Promise<string>>;
  /** Ends the connection that `connect` gave. */
  disconnect(run: (sql: string) => Promise<string>): Promise<void>;
  /** SHOW CREATE of a relation, without its name. */
  show(name: string): Promise<string>;
  /** Writes rows as SQLite holds them. */
  write(sql: string): void;
  /** Rows as SQLite holds them. */
  read(sql: string): unknown[][];
  close(): Promise<void>;
}

export async function openDdlEngine(topology?: Topology): Promise<DdlEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'ootheca-ddl-'));
  const engine: Engine = await openEngine({
    storeDir: directory,
    externalIoDir: undefined,
    ephemeral: true,
    logger: pino({ level: 'silent' }),
    ...(topology === undefined ? {} : { topology }),
  });
  const sessions = new Map<(sql: string) => Promise<string>, Session>();
  const connect = async (user = 'root') => {
    const notices: string[] = [];
    // As the server has it: sessions that begin in one millisecond are told apart by it.
    const backendPid = sessions.size + 1;
    const session = await engine.openSession(
      { user, database: 'defaultdb', settings: new Map(), remoteAddress: '', backendPid },
      {
        onNotice(notice) {
          notices.push(`NOTICE ${notice.code} ${notice.message}`);
        },
        onParameterStatus: () => undefined,
        onDeallocate: () => false,
        onTerminate: () => undefined,
      },
    );
    const runHere = async (sql: string): Promise<string> => {
      let answer = '';
      for (const text of await session.split(sql)) answer = await runOne(session, text);
      const told = notices.splice(0);
      return [...told, answer].join('\n');
    };
    sessions.set(runHere, session);
    return runHere;
  };
  const run = await connect();
  const withStore = <T>(body: (db: Connection) => T): T => {
    const db = connectStore(directory);
    try {
      return body(db);
    } finally {
      db.close();
    }
  };
  return {
    run,
    connect,
    async disconnect(of) {
      await sessions.get(of)?.close();
      sessions.delete(of);
    },
    write(sql) {
      withStore((db) => db.exec(sql));
    },
    read: (sql) => withStore((db) => db.prepare(sql).raw(true).all() as unknown[][]),
    async show(name) {
      const answer = await run(`SHOW CREATE TABLE ${name}`);
      return answer.slice(answer.indexOf('|') + 1);
    },
    async close() {
      for (const session of sessions.values()) await session.close();
      await engine.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function runOne(
  session: Session,
  text: { readonly sql: string; readonly offset: number },
): Promise<string> {
  try {
    const cursor = await session.execute(await session.prepare(text, []), [], [], []);
    const rows: string[] = [];
    for (;;) {
      const batch = await cursor.next(0);
      rows.push(...decodeRows(batch.bytes));
      if (batch.done) break;
    }
    const tag = cursor.commandTag(rows.length);
    await cursor.close();
    return cursor.columns === null ? tag : rows.join('\n');
  } catch (error) {
    await session.fail();
    if (!(error instanceof SqlError)) throw error;
    const detail = error.detail === undefined ? '' : `\nDETAIL ${error.detail}`;
    const hint = error.hint === undefined ? '' : `\nHINT ${error.hint}`;
    return `ERROR ${error.sqlstate} ${error.message}${detail}${hint}`;
  }
}

/** Texts of DataRow messages. */
function decodeRows(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes);
  const rows: string[] = [];
  for (let at = 0; at < buffer.length; at += 1 + buffer.readInt32BE(at + 1)) {
    const cells: string[] = [];
    let cell = at + 7;
    for (let i = 0; i < buffer.readInt16BE(at + 5); i++) {
      const length = buffer.readInt32BE(cell);
      cell += 4;
      cells.push(length < 0 ? 'NULL' : buffer.toString('utf8', cell, cell + length));
      cell += Math.max(length, 0);
    }
    rows.push(cells.join('|'));
  }
  return rows;
}
