import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WireType } from '@bufbuild/protobuf/wire';
import { editBackup, type ManifestEditor } from '../support/edit-backup';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';
import { expectedTpccHashes, tpccHashes } from '../support/tpcc-hashes';
import { validateLayer } from '../support/validate-backup';

/**
 * What CockroachDB backed up, restored, backed up and restored elsewhere: rows, definitions and SHOW BACKUP are as they were. The full cluster
 * is in backup-cluster.test.ts.
 */

const layerIn = (collection: string): string =>
  join(collection, readFileSync(join(collection, 'LATEST'), 'utf8'));

const PLAIN = ['--no-align', '--tuples-only'];
/** Indexes whose entries are for whoever restores them: docs/compatibility.md. */
const BUILT_LATER = /INDEX (k_misc_g_idx|k_str_c_idx) /;
const DATABASES: Readonly<Record<string, string>> = {
  alltypes: 'alltypes',
  bank: 'bank',
  'bank-tables': 'bank',
  movr: 'movr',
  'tpcc-1': 'tpcc',
};

describeShared('real backups', () => {
  describePsql('there and back', () => {
    const io = temporaryDirectory();
    let server: OothecaProcess;
    const psql = (database: string, ...statements: string[]): string =>
      server.psql(database, statements, PLAIN);
    beforeAll(async () => {
      cpSync(join(sharedDir, 'backups', 'generated'), join(io.path, 'real'), { recursive: true });
      mkdirSync(join(io.path, 'own'));
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    });
    afterAll(async () => {
      await server?.stop();
      io.remove();
    });

    /** Definitions, and rows unless they are compared otherwise. */
    const shown = (database: string, withRows: boolean): string => {
      const list = `SELECT quote_ident(schema_name) || '.' || quote_ident(table_name) FROM [SHOW TABLES]`;
      const names = psql(database, list).trimEnd().split('\n').sort();
      const lines = names.flatMap((name) => [
        `SHOW CREATE TABLE ${name}`,
        ...(withRows ? [`SELECT * FROM ${name}`] : []),
      ]);
      return psql(database, ...lines)
        .split('\n')
        .sort()
        .join('\n');
    };

    /** Sizes have the ids of tables in them, and the entries of indexes that are built later are not there. */
    const contents = (collection: string, database: string): string =>
      psql(
        'defaultdb',
        `SELECT parent_schema_name, object_name, object_type, backup_type, rows, is_full_cluster, create_statement
           FROM [SHOW BACKUP SCHEMAS LATEST IN 'nodelocal://1/${collection}'] ORDER BY 1, 2, 3`,
      )
        .replaceAll(`${database}.`, '')
        .split('\n')
        .filter((line) => !BUILT_LATER.test(line))
        .join('\n');

    test.each(Object.entries(DATABASES))(
      '%s',
      async (name, database) => {
        psql(
          'defaultdb',
          ...[database, 'again'].map((each) => `DROP DATABASE IF EXISTS ${each} CASCADE`),
        );
        const isTables = name === 'bank-tables';
        const what = isTables
          ? 'TABLE bank.customers, bank.accounts, bank.transfers'
          : `DATABASE ${database}`;
        psql('defaultdb', ...(isTables ? ['CREATE DATABASE bank'] : []));
        psql(
          'defaultdb',
          `RESTORE ${what} FROM LATEST IN 'nodelocal://1/real/${name}'`,
          `BACKUP DATABASE ${database} INTO 'nodelocal://1/own/${name}'`,
          `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/own/${name}' WITH new_db_name = 'again'`,
        );
        await validateLayer(layerIn(join(io.path, 'own', name)));
        const isLarge = name === 'tpcc-1';
        const before = shown(database, !isLarge).replaceAll(`${database}.`, 'again.');
        expect(before.length).toBeGreaterThan(500);
        expect(shown('again', !isLarge)).toBe(before);
        if (isLarge) expect(await tpccHashes(server, 'again')).toEqual(expectedTpccHashes());
        if (!isTables) {
          expect(contents(`own/${name}`, database)).toBe(contents(`real/${name}`, database));
        }
      },
      900_000,
    );

    test('fields of later releases are written as they were read', () => {
      const from = join(io.path, 'later');
      cpSync(join(sharedDir, 'backups', 'generated', 'bank'), from, { recursive: true });
      const added = [{ no: 900, wireType: WireType.Varint, data: Uint8Array.of(5) }];
      const parts = ({ database, table }: ManifestEditor) => {
        const accounts = table('accounts');
        const [column] = accounts.columns;
        return [database('bank'), accounts, column, column?.type, accounts.primaryIndex];
      };
      editBackup(layerIn(from), (editor) => {
        for (const part of parts(editor)) Object.assign(part ?? {}, { $unknown: added });
      });
      psql(
        'defaultdb',
        'DROP DATABASE IF EXISTS bank CASCADE',
        `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/later'`,
        `BACKUP DATABASE bank INTO 'nodelocal://1/own/later'`,
      );
      let found = 0;
      editBackup(layerIn(join(io.path, 'own', 'later')), (editor) => {
        for (const part of parts(editor)) {
          expect(part?.$unknown).toEqual(added);
          found++;
        }
      });
      expect(found).toBe(5);
    });
  });
});
