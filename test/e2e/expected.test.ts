import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answer, expectedRelations, selectAll, showCreate } from '../support/expected-answers';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { describeShared, fixturesDir, sharedDir } from '../support/shared';

/**
 * Backups of real clusters, restored and read back with psql, equal what CockroachDB itself answered after restoring them:
 * every row of every table, and SHOW CREATE.
 */

function describeRestored(
  name: string,
  options: {
    io: string;
    expected: string;
    database: string;
    restore: string;
    /** CockroachDB checked and rebuilt indexes in jobs of their own: their order is that in which those ended. */
    anyIndexOrder?: boolean;
  },
): void {
  describePsql(name, () => {
    let server: OothecaProcess;
    beforeAll(async () => {
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${options.io}`]);
      server.psql('defaultdb', [options.restore]);
    });
    afterAll(async () => {
      await server?.stop();
    });

    const relations = expectedRelations(options.expected);
    test('there are answers to compare with', () => expect(relations.length).toBeGreaterThan(0));
    test.each(relations)('rows of %s', (relation) => {
      const expected = answer(options.expected, `${relation}.csv`);
      expect(server.psql(options.database, [selectAll(relation, expected)])).toBe(expected);
    });
    test.each(relations)('SHOW CREATE TABLE %s', (relation) => {
      const expected = answer(options.expected, `${relation}.create.sql`);
      const shown = showCreate(server, options.database, relation);
      const { anyIndexOrder = false } = options;
      const comparable = anyIndexOrder ? withSortedIndexes : (text: string) => text;
      expect(comparable(shown)).toBe(comparable(expected.trimEnd()));
    });
  });
}

function withSortedIndexes(create: string): string {
  const lines = create.split('\n');
  const isIndex = (line: string): boolean => /^\t(INVERTED )?INDEX /.test(line);
  const first = lines.findIndex(isIndex);
  const others = lines.filter((line) => !isIndex(line));
  others.splice(Math.max(first, 0), 0, ...lines.filter(isIndex).sort());
  return others.join('\n');
}

for (const database of ['alltypes', 'bank', 'movr']) {
  describeRestored(`${database}, written by v21.2-alpha`, {
    io: join(fixturesDir, 'backups'),
    expected: join(fixturesDir, 'expected', database),
    database,
    restore: `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}'`,
  });
}

describeShared('a full cluster', () => {
  for (const database of ['bank', 'movr']) {
    describeRestored(`database ${database}`, {
      io: join(sharedDir, 'backups', 'generated'),
      expected: join(sharedDir, 'backups', 'expected', 'cluster', database),
      database,
      restore: `RESTORE FROM LATEST IN 'nodelocal://1/cluster'`,
    });
  }
});

describeShared('written by older clusters', () => {
  for (const release of ['v1.0.7', 'v2.1.8', 'v19.1.4', 'sequences-v20.2.5']) {
    describeRestored(release, {
      io: join(sharedDir, 'backups', 'upstream'),
      expected: join(sharedDir, 'backups', 'expected', 'upstream', release, 'test'),
      database: 'test',
      restore: `RESTORE DATABASE test FROM 'nodelocal://self/${release}'`,
    });
  }
});

describeShared('an incremental chain, taken while indexes were being built', () => {
  const chain = 'incremental-chain-v20.2.7';
  for (const last of [0, 4, 8]) {
    const layers = Array.from({ length: last + 1 }, (_, i) => `'nodelocal://self/${chain}/${i}'`);
    describeRestored(`layers 0 to ${last}`, {
      io: join(sharedDir, 'backups', 'upstream'),
      expected: join(
        sharedDir,
        'backups/expected/upstream',
        `${chain}-layers-0-to-${last}`,
        'data',
      ),
      database: 'data',
      restore: `RESTORE DATABASE data FROM ${layers.join(', ')}`,
      anyIndexOrder: true,
    });
  }
});

describeShared('revision history', () => {
  const release = 'revision-history-v19.1.11';
  for (const time of ['1616548851880131000', '1616548851893149000', '1616548851898273000']) {
    const name = `${release}-as-of-${time}.0000000000`;
    describeRestored(`as of ${time}`, {
      io: join(sharedDir, 'backups', 'upstream'),
      expected: join(sharedDir, 'backups', 'expected', 'upstream', name, 'test'),
      database: 'test',
      restore: `RESTORE DATABASE test FROM 'nodelocal://self/${release}' AS OF SYSTEM TIME '${time}.0000000000'`,
    });
  }
});

interface TableHash {
  readonly rows: number;
  readonly order_by: string;
  readonly sha256_of_psql_csv: string;
}

describeShared('tpcc-1', () => {
  describePsql('600,000 rows by their hashes', () => {
    const answers = join(sharedDir, 'backups', 'expected', 'tpcc-1.json');
    const tables = existsSync(answers)
      ? (JSON.parse(readFileSync(answers, 'utf8')) as Record<string, TableHash>)
      : {};
    let server: OothecaProcess;
    beforeAll(async () => {
      const io = join(sharedDir, 'backups', 'generated');
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
      server.psql('defaultdb', [`RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/tpcc-1'`]);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test.each(Object.entries(tables))('%s', (table, expected) => {
      const select = `SELECT * FROM "${table}" ORDER BY ${expected.order_by}`;
      const csv = server.psql('tpcc', [select]);
      const body = csv.slice(csv.indexOf('\n') + 1);
      expect(body.split('\n').length - 1).toBeGreaterThanOrEqual(expected.rows);
      expect(createHash('sha256').update(body).digest('hex')).toBe(expected.sha256_of_psql_csv);
    });
  });
});
