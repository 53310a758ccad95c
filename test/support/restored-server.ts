import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { OothecaProcess, type ServerAddress } from './ootheca-process';
import { fixturesDir } from './shared';

export type SampleDatabase = 'alltypes' | 'bank' | 'movr';

export const restoreOf = (database: string): string =>
  `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}'`;

/** The real program with sample backups restored. @param store what --store says */
export async function startRestored(
  databases: readonly SampleDatabase[],
  store = 'type=mem',
): Promise<OothecaProcess> {
  const server = await OothecaProcess.start([
    `--store=${store}`,
    `--external-io-dir=${join(fixturesDir, 'backups')}`,
  ]);
  try {
    const client = await pgClient(server);
    for (const database of databases) await client.query(restoreOf(database));
    await client.end();
    return server;
  } catch (error) {
    await server.stop('SIGKILL');
    throw error;
  }
}

export function pgConfig(server: ServerAddress, database = 'defaultdb'): ClientConfig {
  return { host: '127.0.0.1', port: server.port, user: 'root', database };
}

/** A connected node-postgres client. */
export async function pgClient(
  server: ServerAddress,
  database = 'defaultdb',
  options: ClientConfig = {},
): Promise<Client> {
  const client = new Client({ ...pgConfig(server, database), ...options });
  // A server that ends is told of in what the test awaits.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
