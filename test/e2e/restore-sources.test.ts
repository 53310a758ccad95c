import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';

/** RESTORE … FROM: where the layers of a backup lie in a collection, and every way to name them. */

const FULL = '2021/03/31-120000.00';
const INCREMENTAL = ['20210331/120100.00', '20210331/120200.00'] as const;
const PLAIN = ['--no-align', '--tuples-only'];

describeShared('where the layers of a backup are', () => {
  describePsql('in a collection', () => {
    const io = temporaryDirectory();
    let server: OothecaProcess;
    const layer = (number: number, to: string): void => {
      const target = join(io.path, to);
      mkdirSync(dirname(target), { recursive: true });
      const chain = join(sharedDir, 'backups/upstream/incremental-chain-v20.2.7');
      cpSync(join(chain, String(number)), target, { recursive: true });
    };
    /** @param below where incremental layers are, of the collection */
    const collection = (name: string, below: readonly string[]): void => {
      layer(0, `${name}/${FULL}`);
      for (const folder of below) {
        for (const [i, inner] of INCREMENTAL.entries()) layer(i + 1, join(name, folder, inner));
      }
      writeFileSync(join(io.path, name, 'LATEST'), `/${FULL}`);
    };
    let count = 0;
    /** The rows of all tables after a RESTORE DATABASE of what `from` says. */
    const restored = (from: string): string => {
      const database = `d${count++}`;
      server.psql('defaultdb', [
        `RESTORE DATABASE data FROM ${from} WITH new_db_name = '${database}'`,
      ]);
      const tables = ['bank', 'geotest', 'jsontest'];
      const rows = tables.map((table) => `SELECT * FROM ${table} ORDER BY 1`);
      const indexes = `SELECT DISTINCT index_name FROM [SHOW INDEXES FROM bank] ORDER BY 1`;
      return server.psql(database, [...rows, indexes], PLAIN);
    };
    const refused = (from: string): string => {
      try {
        server.psql('defaultdb', [`RESTORE DATABASE data FROM ${from} WITH new_db_name = 'no'`]);
      } catch (error) {
        return String(error);
      }
      return 'no error';
    };
    let full: string;
    let whole: string;

    beforeAll(async () => {
      collection('old', [FULL]);
      collection('new', [`incrementals/${FULL}`]);
      collection('both', [FULL, `incrementals/${FULL}`]);
      collection('apart', []);
      for (const [i, inner] of INCREMENTAL.entries()) layer(i + 1, join('elsewhere', FULL, inner));
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
      full = restored(`LATEST IN 'nodelocal://1/apart'`);
      const layers = INCREMENTAL.map((inner) => `'nodelocal://1/old/${FULL}/${inner}'`);
      whole = restored(`'nodelocal://1/apart/${FULL}', ${layers.join(', ')}`);
      expect(whole).not.toBe(full);
    });
    afterAll(async () => {
      await server?.stop();
      io.remove();
    });

    test.each([
      ['below the full layer', `LATEST IN 'nodelocal://1/old'`],
      ['below incrementals', `LATEST IN 'nodelocal://1/new'`],
      ['by its subdirectory', `'${FULL}' IN 'nodelocal://1/old'`],
      ['by its subdirectory with a slash', `'/${FULL}' IN 'nodelocal://1/new'`],
      ['with slashes at both ends', `'/${FULL}/' IN 'nodelocal://1/old/'`],
      ['by the path of the full layer alone', `'nodelocal://1/old/${FULL}'`],
    ])('incremental layers are found: %s', (_, from) => {
      expect(restored(from)).toBe(whole);
    });

    test('a list is taken as it is', () => {
      const second = `'nodelocal://1/old/${FULL}/${INCREMENTAL[0]}'`;
      const two = restored(`'nodelocal://1/old/${FULL}', ${second}`);
      expect(two).not.toBe(full);
      expect(two).not.toBe(whole);
    });

    test('incremental_location', () => {
      const from = `LATEST IN 'nodelocal://1/apart' WITH incremental_location = 'nodelocal://1/elsewhere', new_db_name = 'located'`;
      server.psql('defaultdb', [`RESTORE DATABASE data FROM ${from}`]);
      const select = 'SELECT count(*) FROM bank';
      expect(server.psql('located', [select], PLAIN)).toBe(
        `${whole.split('\n').filter((line) => /^\d+\|-?\d+\|/.test(line)).length}\n`,
      );
    });

    test('what is refused', () => {
      expect(refused(`LATEST IN 'nodelocal://1/both'`)).toMatch(/incremental/);
      expect(refused(`'${FULL}' IN 'nodelocal://1/old', 'nodelocal://1/new'`)).toContain(
        'RESTORE FROM ... IN can only by used against a single collection path (per-locality)',
      );
      expect(refused(`'2021/04/01-000000.00' IN 'nodelocal://1/old'`)).toContain(
        'file does not exist',
      );
      expect(refused(`LATEST IN 'nodelocal://1/elsewhere'`)).toContain(
        'path does not contain a completed latest backup',
      );
      const inner = INCREMENTAL.map((name) => `'nodelocal://1/old/${FULL}/${name}'`);
      expect(refused(inner.join(', '))).toContain('no backup covers time [0.000000000,0,');
      expect(refused([`'nodelocal://1/old/${FULL}'`, ...inner.reverse()].join(', '))).toContain(
        'or backups listed out of order (mismatched start time)',
      );
      expect(server.psql('defaultdb', ['SHOW DATABASES'])).not.toMatch(/^no,/m);
    });
  });
});
