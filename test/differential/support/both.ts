import { Client } from 'pg';
import { OothecaProcess } from '../../support/ootheca-process';
import { ScratchPostgres } from './scratch-postgres';

/** The same statements on both servers, and what they answer in a form that can be compared. */

/** Rows as text, or the class of the error's SQLSTATE. */
export type Answer = { readonly rows: readonly string[] } | { readonly error: string };

/** Values as the servers send them. */
const types = { getTypeParser: () => (text: string) => text };

export class Both {
  private readonly servers: readonly [OothecaProcess, ScratchPostgres];
  private readonly clients: readonly [Client, Client];

  private constructor(
    servers: readonly [OothecaProcess, ScratchPostgres],
    clients: readonly [Client, Client],
  ) {
    this.servers = servers;
    this.clients = clients;
  }

  static async start(schema: readonly string[]): Promise<Both> {
    const ours = await OothecaProcess.start(['--store=type=mem']);
    const theirs = await ScratchPostgres.start();
    const clients = [
      new Client({ connectionString: ours.url(), types }),
      new Client({ host: theirs.directory, user: 'root', database: 'postgres', types }),
    ] as const;
    for (const client of clients) {
      await client.connect();
      for (const sql of schema) await client.query(sql);
    }
    return new Both([ours, theirs], clients);
  }

  /** [ours, PostgreSQL's] */
  async ask(sql: string): Promise<readonly [Answer, Answer]> {
    const ordered = / ORDER BY [^)]*$/.test(sql);
    const [ours, theirs] = this.clients;
    return [await answer(ours, sql, ordered), await answer(theirs, sql, ordered)];
  }

  async stop(): Promise<void> {
    for (const client of this.clients) await client.end();
    for (const server of this.servers) await server.stop();
  }
}

async function answer(client: Client, sql: string, ordered: boolean): Promise<Answer> {
  try {
    const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
    const lines = rows.map((row) => row.map(plain).join('|'));
    return { rows: ordered ? lines : lines.sort() };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return { error: code.slice(0, 2) };
  }
}

/** Scales of computed decimals differ: zeros at the end of a fraction say nothing, nor do digits beyond the twelfth. */
function plain(value: string | null): string {
  if (value === null) return 'NULL';
  if (!/^-?\d+\.\d+$/.test(value)) return value;
  const [whole = '', fraction = ''] = value.split('.');
  const rounded = fraction.length > 12 ? Number(value).toFixed(10) : `${whole}.${fraction}`;
  return rounded.replace(/\.?0+$/, '').replace(/^-0$/, '0');
}
