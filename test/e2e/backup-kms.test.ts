import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { EncryptionInfoSchema } from '../../backup/format/gen/backup_pb';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { FakeKms, unseal } from '../support/storage-servers/fake-kms';
import { validateLayer } from '../support/validate-backup';

/** BACKUP, RESTORE and SHOW BACKUP WITH kms, through the AWS SDK and a service of the test's own. */

const PLAIN = ['--no-align', '--tuples-only'];

describePsql('WITH kms', () => {
  const io = temporaryDirectory();
  let kms: FakeKms;
  let server: OothecaProcess;
  const uri = (key: string): string =>
    `aws:///${key}?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=geheim&REGION=r&AWS_ENDPOINT=${kms.endpoint}`;
  const psql = async (...statements: string[]): Promise<string> => {
    // The service is in this process: psql must not block it.
    const { spawn } = await import('node:child_process');
    const commands = statements.flatMap((statement) => ['-c', statement]);
    const child = spawn('psql', [
      '-X',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      ...PLAIN,
      server.url(),
      ...commands,
    ]);
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (out += chunk));
    await new Promise((resolve) => child.once('close', resolve));
    return out;
  };
  beforeAll(async () => {
    kms = await FakeKms.start();
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    await psql(
      'CREATE DATABASE d',
      'CREATE TABLE d.t (a INT PRIMARY KEY)',
      'INSERT INTO d.t VALUES (1), (2)',
    );
  });
  afterAll(async () => {
    await server?.stop();
    await kms?.stop();
    io.remove();
  });

  test('a chain that one of two services opens', async () => {
    const both = `('${uri('one')}', '${uri('two')}')`;
    expect(await psql(`BACKUP DATABASE d INTO 'nodelocal://1/c' WITH kms = ${both}`)).toContain(
      'succeeded',
    );
    await psql('INSERT INTO d.t VALUES (3)');
    const more = await psql(
      `BACKUP DATABASE d INTO LATEST IN 'nodelocal://1/c' WITH kms = '${uri('two')}'`,
    );
    expect(more).toContain('succeeded');
    const restored = await psql(
      `RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/c' WITH kms = '${uri('one')}', new_db_name = 'r'`,
      'SELECT a FROM r.t ORDER BY a',
    );
    expect(restored).toMatch(/succeeded.*\n1\n2\n3\n$/);
    const shown = await psql(`SHOW BACKUP LATEST IN 'nodelocal://1/c' WITH kms = '${uri('two')}'`);
    expect(shown.split('\n').filter((line) => line.includes('|t|'))).toHaveLength(2);

    const found = readdirSync(join(io.path, 'c'), { recursive: true }) as string[];
    const layers = found
      .filter((path) => path.endsWith('BACKUP_MANIFEST'))
      .map(dirname)
      .sort();
    const info = fromBinary(
      EncryptionInfoSchema,
      readFileSync(join(io.path, 'c', layers[0] ?? '', 'ENCRYPTION-INFO')),
    );
    const digest = createHash('sha256').update('two').digest();
    const entry = info.encryptedDataKeys.find((each) => digest.equals(each.key));
    const key = unseal('two', entry?.value ?? Buffer.alloc(0));
    expect(layers).toHaveLength(2);
    for (const layer of layers) await validateLayer(join(io.path, 'c', layer), { key });
  });

  test('secrets and the names of keys are shown nowhere', async () => {
    const jobs = await psql(
      'SELECT description, statement FROM [SHOW JOBS]',
      'SELECT convert_from(payload, $$utf8$$) FROM system.jobs',
    );
    expect(jobs).toContain('kms = ');
    expect(jobs).toContain('aws:///redacted?AWS_ACCESS_KEY_ID=id&AWS_ENDPOINT=');
    expect(jobs).toContain('"kmsKey":{"uri":"aws:///redacted?');
    expect(jobs).not.toMatch(/geheim|aws:\/\/\/(one|two)|"key":/);
  });

  test('what is refused', async () => {
    const into = `BACKUP DATABASE d INTO LATEST IN 'nodelocal://1/c'`;
    expect(await psql(`${into} WITH kms = '${uri('three')}'`)).toContain(
      'one of the provided URIs was not used when encrypting the base BACKUP: could not find an entry in the encryptedDataKeyMap',
    );
    expect(await psql(into)).toContain('file appears encrypted');
    expect(await psql(`${into} WITH kms = '${uri('one')}', encryption_passphrase = 'x'`)).toContain(
      'cannot have both encryption_passphrase and kms option set',
    );
    expect(await psql(`${into} WITH kms = 'azure-kms:///x'`)).toContain(
      'no factory method found for scheme azure-kms',
    );
    kms.refuses = true;
    const refused = await psql(`BACKUP DATABASE d TO 'nodelocal://1/x' WITH kms = '${uri('one')}'`);
    kms.refuses = false;
    expect(refused).toContain(
      'aws kms could not encrypt the data key: AccessDeniedException: not for you',
    );
    // Nothing was left behind that would be in the way.
    expect(
      await psql(`BACKUP DATABASE d TO 'nodelocal://1/x' WITH kms = '${uri('one')}'`),
    ).toContain('succeeded');
  });

  test('of whoever is no admin, with credentials of their own alone', async () => {
    await psql('CREATE USER u', 'GRANT SELECT ON d.t TO u', 'GRANT CONNECT ON DATABASE d TO u');
    const text = await psql(
      `SET ROLE u; BACKUP TABLE d.t INTO 's3://b/x?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b' WITH kms = '${uri('one')}'`,
    );
    expect(text).toContain(
      'only users with the admin role are allowed to BACKUP with the specified aws kms URI',
    );
  });
});
