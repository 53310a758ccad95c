import { Client } from 'pg';
import { backUpAndValidate } from '../../support/back-up-and-validate';
import { OothecaProcess, temporaryDirectory } from '../../support/ootheca-process';

/** How every ORM here reaches the program: as it reaches a CockroachDB node started with --insecure. */
export interface OrmServer {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  readonly url: string;
  /** First columns of the rows, over a connection of its own. */
  column(sql: string): Promise<string[]>;
  /** Relations in the schema public, `name (kind)`, by name; and enums, `name (type)`. */
  objects(): Promise<string[]>;
  /** Ends it, once a backup of all that was made here is valid. */
  stop(): Promise<void>;
}

export async function startOrmServer(): Promise<OrmServer> {
  const io = temporaryDirectory();
  const flags = ['--store=type=mem', `--external-io-dir=${io.path}`];
  const server = await OothecaProcess.start(flags);
  const connection = {
    host: '127.0.0.1',
    port: server.port,
    user: 'root',
    database: 'defaultdb',
  } as const;
  const column = async (sql: string): Promise<string[]> => {
    const client = new Client(connection);
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows.map((row) => String(row[0]));
    } finally {
      await client.end();
    }
  };
  return {
    connection,
    url: server.url(),
    column,
    objects: () => column(OBJECTS),
    stop: async () => {
      try {
        await backUpAndValidate((sql) => column(sql), 'defaultdb', io.path);
      } finally {
        await server.stop();
        io.remove();
      }
    },
  };
}

const OBJECTS = `
  SELECT name FROM (
    SELECT table_name || ' (' || lower(table_type) || ')' AS name
    FROM information_schema.tables WHERE table_schema = 'public'
    UNION ALL
    SELECT sequence_name || ' (sequence)' FROM information_schema.sequences WHERE sequence_schema = 'public'
    UNION ALL
    SELECT typname || ' (type)' FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = typnamespace
    WHERE typtype = 'e' AND nspname = 'public'
  ) AS objects ORDER BY name`;
