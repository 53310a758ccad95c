import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type FixtureTable, readPairs, readTables } from '../backup/format/datum/fixture-tables';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';
import { validateLayer } from '../support/validate-backup';

/**
 * Backups of real clusters, restored and backed up again, hold what they held before: every pair of every index byte for byte
 * (but for the tables' ids), every row, every definition.
 */

/** Their entries are for whoever restores them: docs/compatibility.md. */
const BUILT_LATER = new Set(['k_str_c_idx', 'k_misc_g_idx']);

const nameOf = ({ schemaName, descriptor }: FixtureTable) => `${schemaName}.${descriptor.name}`;

/** Without the table's id, which a RESTORE changes. */
async function indexPairs(collection: string, tableId: number, indexId: number) {
  const pairs = await readPairs(collection, tableId, indexId);
  const idBytes = tableId <= 109 ? 1 : 2;
  return [...pairs].map(([key, value]) => [key.slice(2 * idBytes), value]).sort();
}

const psqlRows = (server: OothecaProcess, database: string, sql: string) =>
  server.psql(database, [sql], ['--no-align', '--tuples-only']);

describePsql('BACKUP of what was restored', () => {
  const names = ['alltypes', 'bank', 'movr'];
  let io: string;
  let first: OothecaProcess;
  let second: OothecaProcess;
  beforeAll(async () => {
    io = mkdtempSync(join(tmpdir(), 'ootheca-backup-'));
    cpSync(join(fixturesDir, 'backups'), join(io, 'real'), { recursive: true });
    const flags = ['--store=type=mem', `--external-io-dir=${io}`];
    first = await OothecaProcess.start(flags);
    second = await OothecaProcess.start(flags);
    for (const name of names) {
      first.psql('defaultdb', [
        `RESTORE DATABASE ${name} FROM LATEST IN 'nodelocal://1/real/${name}'`,
        `BACKUP DATABASE ${name} INTO 'nodelocal://1/own/${name}'`,
      ]);
      second.psql('defaultdb', [
        `RESTORE DATABASE ${name} FROM LATEST IN 'nodelocal://1/own/${name}'`,
      ]);
    }
  });
  afterAll(async () => {
    await first?.stop();
    await second?.stop();
    rmSync(io, { recursive: true, force: true });
  });

  test.each(names)('%s: pairs', async (name) => {
    const real = join(io, 'real', name);
    const own = join(io, 'own', name);
    const tables = new Map((await readTables(own)).map((table) => [nameOf(table), table]));
    let compared = 0;
    for (const table of await readTables(real)) {
      const other = tables.get(nameOf(table));
      const { primaryIndex, indexes } = table.descriptor;
      for (const index of [primaryIndex, ...indexes]) {
        if (index === undefined || BUILT_LATER.has(index.name)) continue;
        const expected = await indexPairs(real, table.descriptor.id, index.id);
        const actual = await indexPairs(own, other?.descriptor.id ?? 0, index.id);
        // Zeros of descending keys are -0 once they were read.
        const shown = (pairs: string[][]) =>
          table.descriptor.name === 'k_float' ? pairs.length : pairs;
        const about = { table: nameOf(table), index: index.name };
        expect({ ...about, pairs: shown(actual) }).toEqual({ ...about, pairs: shown(expected) });
        compared += actual.length;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });

  test.each(names)('%s: the format', async (name) => {
    const collection = join(io, 'own', name);
    const latest = readFileSync(join(collection, 'LATEST'), 'utf8');
    expect(latest).toMatch(/^\/[0-9]{4}\/[0-9]{2}\/[0-9]{2}-[0-9]{6}\.[0-9]{2}$/);
    const { pairs } = await validateLayer(join(collection, latest));
    expect(pairs).toBeGreaterThan(500);
  });

  test.each(names)('%s: rows and definitions', (name) => {
    const tables = psqlRows(
      first,
      name,
      `SELECT quote_ident(schema_name) || '.' || quote_ident(table_name) FROM [SHOW TABLES]`,
    );
    const listed = tables.trimEnd().split('\n');
    expect(listed.length).toBeGreaterThan(3);
    for (const table of listed) {
      const shown = (server: OothecaProcess) => ({
        table,
        rows: psqlRows(server, name, `SELECT * FROM ${table}`).split('\n').sort(),
        // An index that is built later comes after the others.
        create: psqlRows(server, name, `SHOW CREATE TABLE ${table}`).split('\n').sort(),
      });
      expect(shown(second)).toEqual(shown(first));
    }
  });

  test('the directory holds what CockroachDB leaves there', () => {
    const files = readdirSync(join(io, 'own', 'bank'), { recursive: true }) as string[];
    const layer = files.filter((path) => !path.endsWith('.sst') && path.includes('-')).sort();
    expect(layer.map((path) => path.replace(/^.*\//, '')).slice(1)).toEqual([
      'BACKUP-STATISTICS',
      'BACKUP_MANIFEST',
      'BACKUP_MANIFEST-CHECKSUM',
    ]);
  });
});
