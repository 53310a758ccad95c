import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { type Client, DatabaseError } from 'pg';
import { deriveKey } from '../../backup/encryption';
import { EncryptionInfoSchema } from '../../backup/format/gen/backup_pb';
import { readLayerPairs, readTables } from '../backup/format/datum/fixture-tables';
import { RandomDatabase } from '../support/backup-histories/random-database';
import { Random } from '../support/fuzz/random';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { type LayerOptions, type ValidLayer, validateLayer } from '../support/validate-backup';

/**
 * restore(backup(x)) = x for databases and histories made at random: after each part of a history a layer is added; each layer is valid and
 * restores to what was there when it was made, those with revision history to what was there between statements, and in the end the chain
 * has the pairs of a full backup taken beside it.
 * OOTHECA_BACKUP_CASES says how many databases, OOTHECA_BACKUP_SEED where they begin, OOTHECA_BACKUP_FORM how all of them are backed up.
 */
const CASES = Number(process.env['OOTHECA_BACKUP_CASES'] ?? 3);
const SEED = Number(process.env['OOTHECA_BACKUP_SEED'] ?? 1);
const FORM = process.env['OOTHECA_BACKUP_FORM'] as Form | undefined;

const SETTINGS = [
  'SET experimental_enable_hash_sharded_indexes = true',
  'SET enable_experimental_alter_column_type_general = true',
];
const PASSPHRASE = 'correct horse';

/** How a case's backups are written. */
type Form = 'plain' | 'encrypted' | 'localities' | 'revisions';

/** What a database was at a time between two statements. */
interface Moment {
  readonly time: string;
  readonly state: string;
}

/** OOTHECA_BACKUP_TRACE names a file for what is done, and what is refused. */
function trace(line: string): void {
  const file = process.env['OOTHECA_BACKUP_TRACE'];
  if (file !== undefined) appendFileSync(file, line);
}

/** An index that is built once its table is restored comes behind the others. */
function withSortedIndexes(create: string): string {
  const lines = create.split('\n');
  const isIndex = (line: string) => /^\t(?:UNIQUE |INVERTED )?INDEX /.test(line);
  const sorted = lines.filter(isIndex).sort();
  return lines.map((line) => (isIndex(line) ? sorted.shift() : line)).join('\n');
}

interface Layer {
  readonly directory: string;
  /** What the database was when it was made. */
  readonly state: string;
  readonly valid: ValidLayer;
}

describe('restore(backup(x)) = x', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  let client: Client;
  beforeAll(async () => {
    server = await OothecaProcess.start([
      '--store=type=mem',
      `--external-io-dir=${io.path}`,
      '--locality=region=eu',
    ]);
    client = await pgClient(server);
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
    io.remove();
  });

  const run = async (sql: string): Promise<string[][]> =>
    (await client.query({ text: sql, rowMode: 'array' })).rows.map((row: unknown[]) =>
      row.map((value) => (value === null ? 'NULL' : String(value))),
    );

  /** Statements may fail, but not by a defect of the server. */
  const attempt = async (sql: string): Promise<void> => {
    try {
      await client.query(sql);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (error.code === 'XX000') throw new Error(`${sql}: ${error.message}`);
      if (error.code === '0A000') trace(`${sql}: ${error.message}\n`);
    }
  };

  /** Definitions, rows, types, without the database's name. Sequences have no earlier values. */
  const stateOf = async (database: string, withSequences = true): Promise<string> => {
    await run(`USE ${database}`);
    const lines: string[] = [];
    const tables = await run(
      `SELECT schema_name || '.' || table_name, type FROM [SHOW TABLES] ORDER BY 1`,
    );
    for (const [table = '', type] of tables) {
      const [[, create = ''] = []] = await run(`SHOW CREATE TABLE ${table}`);
      const hasRows = withSequences || type !== 'sequence';
      const rows = hasRows
        ? (await run(`SELECT *, 0 FROM ${table}`)).map((row) => row.join('|')).sort()
        : [];
      lines.push(withSortedIndexes(create), ...rows);
    }
    for (const row of await run('SELECT schema, name, values FROM [SHOW ENUMS] ORDER BY 1, 2')) {
      lines.push(row.join('|'));
    }
    return lines.join('\n').replaceAll(`${database}.`, '');
  };

  const collectionOf = (seed: number, form: Form): string => {
    if (form !== 'localities') return `'nodelocal://1/c${seed}'`;
    const uri = (name: string, locality: string) =>
      `'nodelocal://1/${name}${seed}?COCKROACH_LOCALITY=${locality}'`;
    return `(${uri('c', 'default')}, ${uri('eu', 'region%3Deu')})`;
  };

  const passphraseOf = (form: Form): string =>
    form === 'encrypted' ? `, encryption_passphrase = '${PASSPHRASE}'` : '';

  /** Directories of a collection's layers below `io`, the full one first. */
  const layersOf = (collection: string): string[] => {
    const found = readdirSync(join(io.path, collection), { recursive: true }) as string[];
    const manifests = found.filter((path) => path.endsWith('BACKUP_MANIFEST'));
    return manifests.map((path) => dirname(path)).sort();
  };

  const optionsOf = async (seed: number, form: Form, directory: string): Promise<LayerOptions> => {
    if (form === 'plain' || form === 'revisions') return {};
    if (form === 'localities') return { partitions: [join(io.path, `eu${seed}`, directory)] };
    const full = layersOf(`c${seed}`)[0] ?? '';
    const stored = readFileSync(join(io.path, `c${seed}`, full, 'ENCRYPTION-INFO'));
    const { salt } = fromBinary(EncryptionInfoSchema, stored);
    return { key: await deriveKey(PASSPHRASE, salt) };
  };

  /** The chain holds, of each index, what a full backup does. */
  const comparePairs = async (seed: number): Promise<void> => {
    await run(`BACKUP DATABASE d${seed} INTO 'nodelocal://1/f${seed}'`);
    const chain = layersOf(`c${seed}`).map((path) => join(io.path, `c${seed}`, path));
    const beside = join(io.path, `f${seed}`);
    const full = layersOf(`f${seed}`).map((path) => join(beside, path));
    for (const { descriptor } of await readTables(beside)) {
      for (const index of [descriptor.primaryIndex, ...descriptor.indexes]) {
        const pairs = async (layers: readonly string[]) => [
          `${descriptor.name}@${index?.name}`,
          ...[...(await readLayerPairs(layers, descriptor.id, index?.id ?? 0))].sort(),
        ];
        expect(await pairs(chain)).toEqual(await pairs(full));
      }
    }
  };

  const backUp = async (seed: number, form: Form, layers: readonly Layer[]): Promise<Layer> => {
    const into = layers.length === 0 ? 'INTO' : 'INTO LATEST IN';
    const options = {
      encrypted: ` WITH encryption_passphrase = '${PASSPHRASE}'`,
      revisions: ' WITH revision_history',
      plain: '',
      localities: '',
    }[form];
    await run(`BACKUP DATABASE d${seed} ${into} ${collectionOf(seed, form)}${options}`);
    const directory = layersOf(`c${seed}`)[layers.length] ?? '';
    const valid = await validateLayer(
      join(io.path, `c${seed}`, directory),
      await optionsOf(seed, form, directory),
    );
    return { directory, state: await stateOf(`d${seed}`), valid };
  };

  const restored = async (seed: number, from: string, options: string): Promise<void> => {
    await run('USE defaultdb');
    await run(`RESTORE DATABASE d${seed} FROM ${from} WITH new_db_name = 'r${seed}'${options}`);
  };

  const dropRestored = async (seed: number): Promise<void> => {
    await run('USE defaultdb');
    await run(`DROP DATABASE r${seed} CASCADE`);
  };

  const restoreEach = async (seed: number, form: Form, layers: readonly Layer[]): Promise<void> => {
    for (const { state, valid } of layers) {
      const asOf = `AS OF SYSTEM TIME '${valid.manifest.endTime?.wallTime}'`;
      const from = `'/${layers[0]?.directory}' IN ${collectionOf(seed, form)}`;
      await restored(seed, `${from} ${asOf}`, passphraseOf(form));
      expect(await stateOf(`r${seed}`)).toBe(state);
      await dropRestored(seed);
    }
  };

  const restoreMoments = async (seed: number, moments: readonly Moment[]): Promise<void> => {
    for (const { time, state } of moments) {
      await restored(seed, `LATEST IN 'nodelocal://1/c${seed}' AS OF SYSTEM TIME ${time}`, '');
      expect(await stateOf(`r${seed}`, false)).toBe(state);
      await dropRestored(seed);
    }
  };

  const momentOf = async (seed: number): Promise<Moment> => {
    const [[time = ''] = []] = await run('SELECT cluster_logical_timestamp()');
    return { time, state: await stateOf(`d${seed}`, false) };
  };

  /** One part of a history. @returns what was there in between, where all of it is kept */
  const change = async (
    seed: number,
    form: Form,
    random: Random,
    statements: readonly string[],
  ): Promise<Moment[]> => {
    const moments: Moment[] = [];
    await run(`USE d${seed}`);
    for (const sql of statements) {
      await attempt(
        sql
          .replace('{database}', `d${seed}`)
          .replace('{from}', collectionOf(seed, form))
          .replace('{options}', passphraseOf(form)),
      );
      if (form === 'revisions' && random.chance(0.25)) moments.push(await momentOf(seed));
    }
    return moments;
  };

  test.each(Array.from({ length: CASES }, (_, i) => SEED + i))(
    'database %i',
    async (seed) => {
      const random = new Random(seed);
      const picked = random.pick<Form>(['plain', 'encrypted', 'localities', 'revisions']);
      const form = FORM ?? picked;
      const database = new RandomDatabase(random);
      await run(`CREATE DATABASE d${seed}`);
      for (const sql of SETTINGS) await attempt(sql);
      const moments = await change(seed, form, random, database.create());
      const layers = [await backUp(seed, form, [])];
      for (let i = 2 + random.below(3); i > 0; i--) {
        moments.push(...(await change(seed, form, random, database.change())));
        layers.push(await backUp(seed, form, layers));
      }
      if (form === 'plain' || form === 'revisions') await comparePairs(seed);
      await restoreEach(seed, form, layers);
      await restoreMoments(seed, moments);
      expect(layers[0]?.state.length).toBeGreaterThan(100);
      await run(`DROP DATABASE d${seed} CASCADE`);
      trace(
        `database ${seed}: ${form}, ${layers.length} layers, ${moments.length} moments, ${layers.at(-1)?.state.length} bytes\n`,
      );
    },
    600_000,
  );
});
