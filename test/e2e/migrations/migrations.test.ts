import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { splitStatements } from '../../../sql/parse/split';
import { backUpAndValidate } from '../../support/back-up-and-validate';
import { OothecaProcess, temporaryDirectory } from '../../support/ootheca-process';

/**
 * What migration tools send, each script to a database of its own. `-- refused: 0A000` behind a statement: it answers with that
 * SQLSTATE; all others succeed. What they made is backed up in the end: its descriptors keep CockroachDB's rules.
 */

const SCRIPTS = join(__dirname, 'scripts');
const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sql'));

const io = temporaryDirectory();
let server: OothecaProcess;
beforeAll(async () => {
  server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
});
afterAll(async () => {
  await server?.stop();
  io.remove();
});

async function connect(database: string): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port: server.port, user: 'root', database });
  await client.connect();
  return client;
}

interface Step {
  readonly sql: string;
  /** The SQLSTATE that it answers with; '' for success. */
  readonly state: string;
}

function stepsOf(text: string): Step[] {
  const statements = splitStatements(text);
  return statements.map(({ sql, start }, i) => {
    const end = start + sql.length;
    const behind = text.slice(end, statements[i + 1]?.start ?? text.length);
    return { sql, state: /^; -- refused: (\S+)$/m.exec(behind)?.[1] ?? '' };
  });
}

async function answer(client: Client, sql: string): Promise<string> {
  try {
    await client.query(sql);
    return '';
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return error.code === undefined ? error.message : `${error.code} ${error.message}`;
  }
}

test.each(scripts)('%s', async (script) => {
  const name = script.replace(/[^a-z]/g, '_');
  const root = await connect('defaultdb');
  await root.query(`CREATE DATABASE ${name}`);
  await root.end();
  const client = await connect(name);
  const surprises: string[] = [];
  try {
    for (const { sql, state } of stepsOf(readFileSync(join(SCRIPTS, script), 'utf8'))) {
      const got = await answer(client, sql);
      if (!got.startsWith(state) || (state === '') !== (got === '')) {
        surprises.push(`${sql} → ${got}${state === '' ? '' : `, not ${state}`}`);
      }
    }
  } finally {
    await client.end();
  }
  expect(surprises).toEqual([]);
  await backUp(name);
});

async function backUp(database: string): Promise<void> {
  const client = await connect('defaultdb');
  try {
    await backUpAndValidate((sql) => client.query(sql), database, io.path);
  } finally {
    await client.end();
  }
}
