import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { encryptBackup } from '../support/encrypt-backup';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { partitionBackup } from '../support/partition-backup';
import { describeShared, fixturesDir, sharedDir } from '../support/shared';

/** Backups that are not simply there: encrypted, spread over localities, of another time. */

const PLAIN = ['--no-align', '--tuples-only'];
const DIRECTORY = '2026/11/22-171336.11';
const LOCALITY = 'region=us-east1';

describePsql('where backups are and how they are stored', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  const bank = join(fixturesDir, 'backups', 'bank');
  const refused = (statement: string): string => {
    try {
      server.psql('defaultdb', [statement], ['-v', 'VERBOSITY=verbose']);
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };
  const restoresAll = (restore: string): void => {
    expect(server.psql('defaultdb', [restore])).toMatch(/,succeeded,1,3252,6250,\d+\n$/);
    expect(server.psql('bank', ['SELECT count(*), sum(amount) FROM transfers'], PLAIN)).toBe(
      '3000|144525.00\n',
    );
    server.psql('defaultdb', ['DROP DATABASE bank CASCADE']);
  };

  beforeAll(async () => {
    for (const name of ['v1', 'v2', 'local', 'east', 'plain']) {
      cpSync(bank, join(io.path, name), { recursive: true });
    }
    encryptBackup([join(io.path, 'v1', DIRECTORY)], 'one');
    encryptBackup([join(io.path, 'v2', DIRECTORY)], `it's`, 1);
    partitionBackup(join(io.path, 'local', DIRECTORY), join(io.path, 'other', DIRECTORY), LOCALITY);
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  describe('encryption_passphrase', () => {
    const from = `FROM LATEST IN 'nodelocal://1/v1'`;

    test('the right one restores and shows; it is told nowhere', () => {
      restoresAll(`RESTORE DATABASE bank ${from} WITH encryption_passphrase = 'one'`);
      restoresAll(
        `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/v2' WITH OPTIONS (encryption_passphrase = 'it''s')`,
      );
      const shown = server.psql('defaultdb', [
        `SHOW BACKUP LATEST IN 'nodelocal://1/v1' WITH encryption_passphrase = 'one'`,
      ]);
      expect(shown).toContain(
        'bank,public,transfers,table,full,\\N,2026-11-22 17:13:36.11248,515495',
      );
      const jobs = server.psql('defaultdb', [`SELECT description FROM [SHOW JOBS]`], PLAIN);
      expect(jobs).toContain("WITH encryption_passphrase = '*****'");
      expect(jobs).not.toMatch(/'one'|it''s/);
    });

    test('a wrong one, none, and one for a backup that is not encrypted', () => {
      const wrong =
        /28P01: failed to decrypt — maybe incorrect key: cipher: message authentication failed/;
      expect(refused(`RESTORE DATABASE bank ${from} WITH encryption_passphrase = 'two'`)).toMatch(
        wrong,
      );
      expect(refused(`RESTORE DATABASE bank ${from}`)).toContain(
        'file appears encrypted -- try specifying one of "encryption_passphrase" or "kms"',
      );
      expect(refused(`SHOW BACKUP LATEST IN 'nodelocal://1/v1'`)).toContain(
        'file appears encrypted',
      );
      const plain = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/plain' WITH encryption_passphrase = 'x'`;
      expect(refused(plain)).toContain('could not find or read encryption information: ');
      const both = `RESTORE DATABASE bank ${from} WITH encryption_passphrase = 'x', kms = 'aws:///k?REGION=r'`;
      expect(refused(both)).toContain('cannot have both encryption_passphrase and kms option set');
    });
  });

  describe('localities', () => {
    const uri = (name: string, locality: string): string =>
      `'nodelocal://1/${name}?COCKROACH_LOCALITY=${encodeURIComponent(locality)}'`;
    const uris = `(${uri('local', 'default')}, ${uri('other', LOCALITY)})`;

    test('a location for each: in a collection, and as full paths', () => {
      restoresAll(`RESTORE DATABASE bank FROM LATEST IN ${uris}`);
      restoresAll(`RESTORE DATABASE bank FROM '${DIRECTORY}' IN ${uris}`);
      const paths = uris.replaceAll('?', `/${DIRECTORY}?`);
      restoresAll(`RESTORE DATABASE bank FROM ${paths}`);
    });

    test('a locality without a location is named, before anything is made', () => {
      const part = 'expected manifest BACKUP_PART_1_region=us-east1 not found in backup locations';
      expect(refused(`RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/local'`)).toContain(part);
      const wrong = `(${uri('local', 'default')}, ${uri('plain', LOCALITY)})`;
      expect(refused(`RESTORE DATABASE bank FROM LATEST IN ${wrong}`)).toContain(part);
      expect(server.psql('defaultdb', ['SHOW DATABASES'])).not.toContain('bank');
      expect(refused(`RESTORE DATABASE bank FROM LATEST IN ${uri('plain', LOCALITY)}`)).toContain(
        'COCKROACH_LOCALITY region=us-east1 is invalid for a single BACKUP location',
      );
    });
  });

  describe('AS OF SYSTEM TIME', () => {
    const restore = (time: string): string =>
      `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/plain' AS OF SYSTEM TIME ${time}`;

    test('the end of a backup, in every way to write it', () => {
      for (const time of [
        `'2026-11-22 17:13:36.11248042'`,
        `'2026-11-22 18:13:36.11248042+01:00'`,
        `'2026-11-22 17:13:36.11248042 +0000 UTC'`,
        '1795367616112480420',
        `'1795367616112480420.0000000000'`,
      ]) {
        restoresAll(restore(time));
      }
    });

    test('another time is refused, with the nearest one', () => {
      expect(refused(restore(`'2026-11-22 16:13:36'`))).toContain(
        "22023: invalid RESTORE timestamp: restoring to arbitrary time requires that BACKUP for requested time be created with 'revision_history' option. nearest backup time is 2026-11-22 17:13:36.11248042 +0000 UTC",
      );
      expect(refused(restore('follower_read_timestamp()'))).toContain('invalid RESTORE timestamp');
      expect(refused(restore(`'soon'`))).toContain('neither timestamp, decimal, nor interval');
      expect(refused(restore('now()'))).toContain('only constant expressions');
    });
  });

  test('incremental_location is looked into for the layers; only with a collection', () => {
    restoresAll(
      `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/plain' WITH incremental_location = 'nodelocal://1/inc'`,
    );
    expect(
      refused(
        `RESTORE DATABASE bank FROM 'nodelocal://1/plain/${DIRECTORY}' WITH incremental_location = 'nodelocal://1/inc'`,
      ),
    ).toContain('incremental_location option only works with collection-based backups');
  });
});

describeShared('an encrypted incremental chain', () => {
  describePsql('of a cluster', () => {
    test('the key of the full backup opens every layer', async () => {
      const io = temporaryDirectory();
      const chain = join(sharedDir, 'backups/upstream/incremental-chain-v20.2.7');
      for (const layer of ['0', '1']) {
        cpSync(join(chain, layer), join(io.path, layer), { recursive: true });
      }
      encryptBackup([join(io.path, '0'), join(io.path, '1')], 'chain');
      const server = await OothecaProcess.start([
        '--store=type=mem',
        `--external-io-dir=${io.path}`,
      ]);
      try {
        const restore = `RESTORE DATABASE data FROM 'nodelocal://1/0', 'nodelocal://1/1' WITH encryption_passphrase = 'chain'`;
        server.psql('defaultdb', [restore]);
        expect(server.psql('data', ['SELECT count(*) FROM bank'], PLAIN)).toBe('9\n');
      } finally {
        await server.stop();
        io.remove();
      }
    });
  });
});
