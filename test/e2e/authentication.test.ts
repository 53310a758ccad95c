import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { hash } from 'bcrypt';
import { Client, type ClientConfig } from 'pg';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { fixturesDir, repoRoot } from '../support/shared';

/** A server with --certs-dir, through psql, node-postgres and ootheca sql. */

const main = join(repoRoot, 'dist', 'server', 'main.js');

describePsql('a secure server', () => {
  const directory = temporaryDirectory();
  const dir = join(directory.path, 'certs');
  const other = join(directory.path, 'other');
  let server: OothecaProcess;

  const ootheca = (...argv: string[]) =>
    spawnSync(process.execPath, [main, ...argv], { encoding: 'utf8', input: '' });

  beforeAll(async () => {
    for (const certs of [dir, other]) {
      ootheca('cert', 'create-ca', `--certs-dir=${certs}`);
      ootheca('cert', 'create-client', 'root', `--certs-dir=${certs}`);
    }
    ootheca('cert', 'create-node', 'localhost', '127.0.0.1', `--certs-dir=${dir}`);
    ootheca('cert', 'create-client', 'ann', `--certs-dir=${dir}`);
    const io = join(fixturesDir, 'backups');
    server = await OothecaProcess.start([
      '--store=type=mem',
      `--external-io-dir=${io}`,
      `--certs-dir=${dir}`,
    ]);
    const made = root(
      "CREATE USER craig WITH PASSWORD 'hatch'",
      'CREATE USER ann',
      "CREATE USER late WITH PASSWORD 'hatch' VALID UNTIL '2020-01-01'",
      "CREATE USER barred WITH PASSWORD 'hatch' NOLOGIN",
    );
    expect(made).not.toContain('ERROR');
  });
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  const certsOf = (user: string, certs = dir): string =>
    `sslrootcert=${dir}/ca.crt sslcert=${certs}/client.${user}.crt sslkey=${certs}/client.${user}.key`;

  function psql(about: string, password: string, ...statements: string[]): string {
    const where = `host=127.0.0.1 port=${server.port} dbname=defaultdb connect_timeout=20`;
    const commands = statements.flatMap((statement) => ['-c', statement]);
    const args = ['-X', '-w', '-At', `${where} ${about}`, ...commands];
    const env = { ...process.env, PGPASSWORD: password };
    const done = spawnSync('psql', args, { encoding: 'utf8', env });
    return `${done.stdout}${done.stderr}`.trim();
  }

  const root = (...statements: string[]): string =>
    psql(`user=root sslmode=verify-full ${certsOf('root')}`, '', ...statements);

  const login = (user: string, password: string, more = ''): string =>
    psql(
      `user=${user} sslmode=verify-full sslrootcert=${dir}/ca.crt ${more}`,
      password,
      'SELECT current_user',
    );

  test('certificates', () => {
    expect(root('SELECT current_user')).toBe('root');
    const ann = `user=ann sslmode=verify-full ${certsOf('ann')}`;
    expect(psql(ann, '', 'SELECT current_user')).toBe('ann');
    const asCraig = `user=craig sslmode=verify-full ${certsOf('ann')}`;
    expect(psql(asCraig, 'hatch', 'SELECT 1')).toContain(
      'FATAL:  requested user is craig, but certificate is for ann',
    );
    const forged = `user=root sslmode=verify-full ${certsOf('root', other)}`;
    expect(psql(forged, '', 'SELECT 1')).toContain("the client's certificate is not valid");
  });

  test.each([
    ['craig', 'hatch', 'craig'],
    ['CRAIG', 'hatch', 'craig'],
    ['craig', 'hatcH', 'FATAL:  password authentication failed for user craig'],
    ['nobody', 'hatch', 'FATAL:  password authentication failed for user nobody'],
    ['ann', 'hatch', 'FATAL:  password authentication failed for user ann'],
    ['root', 'hatch', 'FATAL:  password authentication failed for user root'],
    ['late', 'hatch', 'FATAL:  password is expired'],
    ['late', 'x', 'FATAL:  password authentication failed for user late'],
    ['barred', 'hatch', 'FATAL:  barred does not have login privilege'],
    ['barred', 'x', 'FATAL:  password authentication failed for user barred'],
  ])('%s with %s', (user, password, answer) => {
    expect(login(user, password)).toContain(answer);
  });

  test('channels are bound; TLS 1.2 is the least', () => {
    expect(login('craig', 'hatch', 'channel_binding=require')).toBe('craig');
    expect(login('craig', 'hatch', 'channel_binding=disable')).toBe('craig');
    expect(login('craig', 'hatch', 'ssl_max_protocol_version=TLSv1.2')).toBe('craig');
    expect(
      login('craig', 'hatch', 'ssl_min_protocol_version=TLSv1.1 ssl_max_protocol_version=TLSv1.1'),
    ).toContain('SSL error');
    expect(psql('user=craig sslmode=disable', 'hatch', 'SELECT 1')).toContain(
      'node is running secure mode, SSL connection required',
    );
  });

  test('users of a cluster of CockroachDB log in with their old passwords', async () => {
    const input = Buffer.concat([Buffer.from('old'), createHash('sha256').digest()]);
    const bcrypt = (await hash(input, 10)).replace('$2b$', '$2a$');
    // As the rows are that RESTORE system.users … WITH into_db = 'newdb' gives.
    const done = root(
      'CREATE DATABASE newdb',
      'CREATE TABLE newdb.users (username STRING PRIMARY KEY, "hashedPassword" BYTES, "isRole" BOOL NOT NULL)',
      `INSERT INTO newdb.users VALUES ('root', '', false), ('admin', '', true), ('dora', '${bcrypt}', false)`,
      'INSERT INTO system.users SELECT * FROM newdb.users',
      'DROP TABLE newdb.users',
    );
    expect(done).not.toContain('ERROR');
    expect(login('dora', 'old')).toBe('dora');
    expect(login('dora', 'new')).toContain('password authentication failed for user dora');
    // In the clear it is never sent.
    expect(psql('user=dora sslmode=disable', 'old', 'SELECT 1')).toContain(
      'SSL connection required',
    );
  });

  test('rules of hosts', () => {
    const set = (rules: string): string =>
      root(`SET CLUSTER SETTING server.host_based_authentication.configuration = '${rules}'`);
    expect(set('host all craig all nonsense')).toContain('unknown auth method "nonsense"');
    expect(set('host all craig 127.0.0.0/8 reject\nhost all all all cert')).toBe(
      'SET CLUSTER SETTING',
    );
    expect(login('craig', 'hatch')).toContain('authentication rejected by configuration');
    expect(login('dora', 'old')).toContain('no TLS peer certificates provided');
    expect(root('SELECT 1')).toBe('1');
    expect(set('')).toBe('SET CLUSTER SETTING');
    expect(login('craig', 'hatch')).toBe('craig');
  });

  test('a changed password counts at once', () => {
    root("ALTER USER craig WITH PASSWORD 'other'");
    expect(login('craig', 'hatch')).toContain('password authentication failed');
    expect(login('craig', 'other')).toBe('craig');
    root('ALTER USER craig WITH PASSWORD NULL');
    expect(login('craig', 'other')).toContain('password authentication failed');
    root("ALTER USER craig WITH PASSWORD 'hatch'");
  });

  test('passwords have a least length', () => {
    const name = 'server.user_login.min_password_length';
    expect(root(`SET CLUSTER SETTING ${name} = 8`, 'SELECT 1')).toContain('1');
    expect(root("CREATE USER short WITH PASSWORD 'sévén77'")).toContain('password too short');
    expect(root("BEGIN; CREATE USER short WITH PASSWORD 'seven77'; COMMIT")).toContain('too short');
    expect(root("CREATE USER long WITH PASSWORD 'eight888'", 'DROP USER long')).not.toContain(
      'short',
    );
    root(`RESET CLUSTER SETTING ${name}`);
  });

  test('SIGHUP: renewed certificates are read, broken ones are not used', async () => {
    const node = join(dir, 'node.crt');
    const before = readFileSync(node);
    const told = async (sentence: string): Promise<void> => {
      process.kill(server.pid, 'SIGHUP');
      while (!server.stderr.includes(sentence)) await new Promise((done) => setTimeout(done, 20));
    };
    writeFileSync(node, 'no certificate');
    await told('the certificates stay what they were');
    expect(login('craig', 'hatch', 'channel_binding=require')).toBe('craig');
    writeFileSync(node, before);
    ootheca('cert', 'create-node', '127.0.0.1', '--overwrite', `--certs-dir=${dir}`);
    await told('certificates were read again');
    const { fingerprint256 } = new X509Certificate(readFileSync(node));
    expect(await servedFingerprint()).toBe(fingerprint256);
    expect(login('craig', 'hatch', 'channel_binding=require')).toBe('craig');
  });

  /** Of the certificate that a client sees. */
  async function servedFingerprint(): Promise<string> {
    const ssl = { ca: readFileSync(join(dir, 'ca.crt')) };
    const about = { host: '127.0.0.1', port: server.port, database: 'defaultdb', ssl };
    const client = new Client({ ...about, user: 'craig', password: 'hatch' });
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: TLSSocket } }).connection;
    const { fingerprint256 } = stream.getPeerCertificate();
    await client.end();
    return fingerprint256;
  }

  test('node-postgres', async () => {
    const ca = readFileSync(join(dir, 'ca.crt'));
    const key = readFileSync(join(dir, 'client.ann.key'));
    const cert = readFileSync(join(dir, 'client.ann.crt'));
    const connected = async (config: ClientConfig): Promise<unknown> => {
      const about = { host: '127.0.0.1', port: server.port, database: 'defaultdb', ssl: { ca } };
      const client = new Client({ ...about, ...config });
      await client.connect();
      try {
        const wide = await client.query("SELECT repeat('x', 100000) FROM generate_series(1, 50)");
        expect(wide.rows).toHaveLength(50);
        const { rows } = await client.query('SELECT current_user AS u, $1::INT + 1 AS n', [1]);
        return rows[0];
      } finally {
        await client.end();
      }
    };
    expect(await connected({ user: 'craig', password: 'hatch' })).toEqual({ u: 'craig', n: '2' });
    const bound = { user: 'craig', password: 'hatch', enableChannelBinding: true };
    expect(await connected(bound)).toEqual({ u: 'craig', n: '2' });
    expect(await connected({ user: 'ann', ssl: { ca, key, cert } })).toEqual({ u: 'ann', n: '2' });
    await expect(connected({ user: 'craig', password: 'x' })).rejects.toMatchObject({
      code: '28P01',
    });
  });

  test('a password in a parameter, which no text of a statement shows', async () => {
    const ssl = {
      ca: readFileSync(join(dir, 'ca.crt')),
      key: readFileSync(join(dir, 'client.root.key')),
      cert: readFileSync(join(dir, 'client.root.crt')),
    };
    const about = { host: '127.0.0.1', port: server.port, database: 'defaultdb' };
    const client = new Client({ ...about, user: 'root', ssl });
    await client.connect();
    try {
      await client.query('CREATE USER para WITH PASSWORD $1', ['in a parameter']);
      expect(login('para', 'in a parameter')).toBe('para');
      await client.query('BEGIN');
      await client.query('ALTER USER para WITH PASSWORD $1', ['in a block']);
      await client.query('COMMIT');
      expect(login('para', 'in a block')).toBe('para');
      const deletion = client.query('DELETE FROM system.users WHERE username = $1', ['para']);
      await expect(deletion).rejects.toMatchObject({ code: '0A000' });
      expect(login('para', 'in a block')).toBe('para');
    } finally {
      await client.end();
    }
  });

  test('ootheca sql', () => {
    const sql = (...argv: string[]): string => {
      const { stdout, stderr } = ootheca('sql', ...argv, '-e', 'SELECT current_user');
      return `${stdout}${stderr}`;
    };
    const at = `127.0.0.1:${server.port}`;
    expect(sql(`--certs-dir=${dir}`, `--host=${at}`)).toBe('current_user\nroot\n');
    expect(sql(`--certs-dir=${dir}`, `--host=${at}`, '--user=ann')).toBe('current_user\nann\n');
    expect(sql(`--certs-dir=${other}`, `--host=${at}`)).toContain('no TLS connection: ');
    expect(sql(`--certs-dir=${dir}`, `--host=${at}`, '--user=craig')).toContain(
      'the server asks for a password',
    );
    const url = `--url=postgresql://craig:hatch@${at}/defaultdb`;
    expect(sql(url)).toBe('current_user\ncraig\n');
    expect(sql(`${url}?sslmode=verify-full&sslrootcert=${dir}/ca.crt`)).toBe(
      'current_user\ncraig\n',
    );
    expect(sql(`--url=postgresql://dora:old@${at}/defaultdb?sslmode=require`)).toBe(
      'current_user\ndora\n',
    );
    expect(sql(`${url}?sslmode=disable`)).toContain('SSL connection required');
  });

  test('no password is told to the log', () => {
    expect(server.stderr).toContain('login refused');
    expect(server.stderr).not.toMatch(/hatch|hatcH|\bold\b|SCRAM-SHA-256\$|\$2a\$/);
  });
});

test('what --certs-dir needs is said in a sentence', () => {
  const directory = temporaryDirectory();
  const start = () => {
    const argv = [main, 'start', '--store=type=mem', '--listen-addr=127.0.0.1:0'];
    const flag = `--certs-dir=${directory.path}`;
    return spawnSync(process.execPath, [...argv, flag], { encoding: 'utf8', timeout: 30_000 });
  };
  try {
    expect(start()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('there is no ca.crt'),
    });
    const make = (...argv: string[]) =>
      spawnSync(process.execPath, [main, 'cert', ...argv, `--certs-dir=${directory.path}`]);
    make('create-ca');
    expect(start().stderr).toContain('there is no node.crt');
    make('create-node', 'localhost');
    chmodSync(join(directory.path, 'node.key'), 0o640);
    expect(start().stderr).toContain('node.key has permissions -rw-r-----, exceeds -rwx------');
  } finally {
    directory.remove();
  }
});
