import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describePsql, type OothecaProcess } from '../../support/ootheca-process';
import { type SampleDatabase, startRestored } from '../../support/restored-server';
import { repoRoot } from '../../support/shared';

/**
 * What tools and ORMs ask the catalogs, over restored databases: every query runs, and gives what the golden files say. Run with
 * UPDATE_GOLDEN=1 to write them anew, and read what changed.
 */

const QUERIES = join(__dirname, 'queries');
const DATABASES: readonly SampleDatabase[] = ['alltypes', 'bank', 'movr'];

interface Query {
  readonly name: string;
  readonly sql: string;
}

function queriesOf(file: string): Query[] {
  const parts = readFileSync(join(QUERIES, file), 'utf8').split(/^-- (.*)$/m);
  const queries: Query[] = [];
  for (let i = 1; i + 1 < parts.length; i += 2) {
    queries.push({ name: parts[i] ?? '', sql: (parts[i + 1] ?? '').trim() });
  }
  return queries;
}

const files = readdirSync(QUERIES).sort();

describePsql('catalog queries of tools', () => {
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await startRestored(DATABASES);
  });
  afterAll(async () => {
    await server?.stop();
  });

  const cases = files.flatMap((file) => DATABASES.map((database) => [file, database] as const));
  test.each(cases)('%s over %s', (file, database) => {
    const args = queriesOf(file).flatMap(({ name, sql }) => [
      '-c',
      `\\echo '### ${name}'`,
      '-c',
      sql,
    ]);
    const flags = ['-X', '-q', '--csv', '-P', 'null=NULL', '-v', 'VERBOSITY=verbose'];
    const done = spawnSync('psql', [...flags, server.url(database), ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    expect(done.stderr).toBe('');
    const tool = basename(file, '.sql');
    const golden = join(repoRoot, 'test/golden/introspection', `${tool}-${database}.txt`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, done.stdout);
    expect(done.stdout).toBe(readFileSync(golden, 'utf8'));
  });
});
