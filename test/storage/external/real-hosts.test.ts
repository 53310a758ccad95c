import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../support/ootheca-process';
import { repoRoot } from '../../support/shared';

/**
 * The providers' own hosts, as each SDK reaches them through HTTPS_PROXY: the proxy of these tests leads them all to one server, whose
 * certificate a child process trusts. What is asked for credentials, and what they are used for, is seen there.
 */

const run = promisify(execFile);
const directory = temporaryDirectory();

interface Seen {
  readonly host: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

let service: HttpsServer;
let proxy: Server;
let seen: Seen[] = [];
let connected: string[] = [];
let certificate: string;

const HOSTS = [
  'storage.googleapis.com',
  'sts.googleapis.com',
  'iamcredentials.googleapis.com',
  'oauth2.googleapis.com',
  'acct.blob.core.windows.net',
  'acct.blob.core.usgovcloudapi.net',
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'bucket.s3.eu-west-9.amazonaws.com',
  'bucket.s3.us-east-1.amazonaws.com',
  'bucket.s3.amazonaws.com',
  'files.test',
];

const inOneHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

/** By host and path, with what each kind of answer needs. */
function answerTo({ host, path }: Seen): { headers: Record<string, string>; body: string } {
  const json = (value: unknown) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
  if (host.startsWith('login.')) return json({ access_token: 'azure-token', expires_in: 3600 });
  if (host.startsWith('oauth2.')) return json({ access_token: 'user-token', expires_in: 3600 });
  if (host.startsWith('iamcredentials.')) {
    const role = decodeURIComponent(path).replace(/.*serviceAccounts\/(.*):.*/, '$1');
    return json({ accessToken: `token-of-${role}`, expireTime: inOneHour() });
  }
  if (host.startsWith('storage.')) return json({ name: 'p/f', bucket: 'bucket', size: '1' });
  return { headers: { etag: '"x"', 'x-amz-bucket-region': 'eu-west-9' }, body: '' };
}

beforeAll(async () => {
  const [key, cert] = [join(directory.path, 'key'), join(directory.path, 'cert')];
  const names = `subjectAltName=${HOSTS.map((host) => `DNS:${host}`).join(',')}`;
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=x'];
  execFileSync('openssl', [...request, '-addext', names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  certificate = cert;
  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  service = createHttps(tls, async (incoming, response) => {
    let body = '';
    for await (const piece of incoming.setEncoding('latin1')) body += piece as string;
    const { host = '', authorization = '' } = incoming.headers;
    const one = { host, path: incoming.url ?? '', authorization, body };
    seen.push(one);
    const answer = answerTo(one);
    response.writeHead(host.includes('.blob.') ? 201 : 200, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  proxy = createHttp().on('connect', (incoming, socket: Socket) => {
    connected.push(incoming.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [socket, upstream]) each.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const each of [service, proxy as ReturnType<typeof createHttp>]) {
    each.closeAllConnections();
    each.close();
  }
  directory.remove();
});
beforeEach(() => {
  seen = [];
  connected = [];
});

const CHILD = `
const { openStorage } = require(${JSON.stringify(join(repoRoot, 'dist/storage/external/open-storage.js'))});
const patience = { attemptsMax: 1, backoffMs: 1, backoffMsMax: 1, silenceMs: 60000 };
(async () => {
  const customCa = process.env.TEST_CA ?? '';
  const storage = await openStorage(process.argv[1], { externalIoDir: undefined, nodeId: 1, patience, customCa });
  await storage.write('f', Buffer.from('x'));
  await storage.close();
})().catch((error) => { console.error(error.sqlstate, error.message); process.exit(1); });
`;

/** Writes one file in a process of its own, which has nothing of this one's environment. */
async function put(uri: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const { port } = proxy.address() as AddressInfo;
  const env = {
    HTTPS_PROXY: `http://127.0.0.1:${port}`,
    NODE_EXTRA_CA_CERTS: certificate,
    ...more,
  };
  await run(process.execPath, ['-e', CHILD, uri], { env });
}

const query = (params: Readonly<Record<string, string>>): string =>
  new URLSearchParams(params).toString();

const S3 = { AWS_ACCESS_KEY_ID: 'ID', AWS_SECRET_ACCESS_KEY: 'hush' };
const AZURE = { AZURE_ACCOUNT_NAME: 'acct', AZURE_ACCOUNT_KEY: 'aHVzaA==' };

test('s3: the host of the region that was found', async () => {
  await put(`s3://bucket/p?${query(S3)}`);
  expect(connected[0]).toMatch(/^bucket\.s3\.(us-east-1\.)?amazonaws\.com:443$/);
  expect(connected.at(-1)).toBe('bucket.s3.eu-west-9.amazonaws.com:443');
  expect(seen.at(-1)?.authorization).toContain('/eu-west-9/s3/');
});

test('azure: a key; the host of AZURE_ENVIRONMENT', async () => {
  await put(`azure://c/p?${query({ ...AZURE, AZURE_ENVIRONMENT: 'AzureUSGovernmentCloud' })}`);
  expect(connected).toEqual(['acct.blob.core.usgovcloudapi.net:443']);
  expect(seen[0]?.authorization).toMatch(/^SharedKey acct:/);
});

test('azure: client credentials', async () => {
  const client = { AZURE_CLIENT_ID: 'app', AZURE_CLIENT_SECRET: 'hush', AZURE_TENANT_ID: 'tenant' };
  await put(`azure://c/p?${query({ AZURE_ACCOUNT_NAME: 'acct', ...client })}`);
  expect(seen.map(({ host, path }) => [host, path])).toEqual([
    ['login.microsoftonline.com', '/tenant/oauth2/v2.0/token'],
    ['acct.blob.core.windows.net', '/c/p/f'],
  ]);
  expect(seen[0]?.body).toContain('client_secret=hush');
  expect(seen[1]?.authorization).toBe('Bearer azure-token');
});

test('gs: AUTH=implicit reads GOOGLE_APPLICATION_CREDENTIALS', async () => {
  const file = join(directory.path, 'google.json');
  const user = { type: 'authorized_user', client_id: 'i', client_secret: 's', refresh_token: 'r' };
  writeFileSync(file, JSON.stringify(user));
  await put('gs://bucket/p?AUTH=implicit', { GOOGLE_APPLICATION_CREDENTIALS: file });
  // The library also looks for a machine of Google's.
  expect(connected.filter((each) => each.endsWith(':443'))).toEqual([
    'oauth2.googleapis.com:443',
    'storage.googleapis.com:443',
  ]);
  expect(seen[1]?.authorization).toBe('Bearer user-token');
});

describe('gs: ASSUME_ROLE', () => {
  const roles = 'first@p.iam.gserviceaccount.com,last@p.iam.gserviceaccount.com';

  test('the last account, through the one before, with a token', async () => {
    await put(
      `gs://bucket/p?${query({ AUTH: 'specified', BEARER_TOKEN: 't', ASSUME_ROLE: roles })}`,
    );
    const [asked, used] = seen;
    expect(asked?.host).toBe('iamcredentials.googleapis.com');
    expect(asked?.authorization).toBe('Bearer t');
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      delegates: ['projects/-/serviceAccounts/first@p.iam.gserviceaccount.com'],
      scope: ['https://www.googleapis.com/auth/devstorage.read_write'],
    });
    expect(used?.authorization).toBe('Bearer token-of-last@p.iam.gserviceaccount.com');
  });

  test('with what AUTH=implicit has', async () => {
    const file = join(directory.path, 'google.json');
    const user = {
      type: 'authorized_user',
      client_id: 'i',
      client_secret: 's',
      refresh_token: 'r',
    };
    writeFileSync(file, JSON.stringify(user));
    const uri = `gs://bucket/p?${query({ AUTH: 'implicit', ASSUME_ROLE: 'one@p' })}`;
    await put(uri, { GOOGLE_APPLICATION_CREDENTIALS: file });
    expect(seen.find(({ host }) => host.startsWith('iam'))?.authorization).toBe(
      'Bearer user-token',
    );
    expect(seen.at(-1)?.authorization).toBe('Bearer token-of-one@p');
  });
});

describe('NO_PROXY: the host is asked itself', () => {
  test.each([
    [
      `s3://bucket/p?${query({ ...S3, AWS_REGION: 'eu-west-9', AWS_ENDPOINT: 'https://files.test' })}`,
      'files.test',
    ],
    [`azure://c/p?${query({ ...AZURE, AZURE_ENDPOINT: 'https://files.test' })}`, 'files.test'],
    ['gs://bucket/p?AUTH=specified&BEARER_TOKEN=t', 'storage.googleapis.com'],
    ['https://files.test/p', 'files.test'],
  ])('%s', async (uri, host) => {
    // There is no such host here, or no way to it.
    await expect(put(uri, { NO_PROXY: host })).rejects.toThrow(/08006/);
    expect(connected).toEqual([]);
  });
});

describe('cloudstorage.http.custom_ca', () => {
  test.each([
    `s3://bucket/p?${query({ ...S3, AWS_REGION: 'eu-west-9' })}`,
    `azure://c/p?${query(AZURE)}`,
    'gs://bucket/p?AUTH=specified&BEARER_TOKEN=t',
    'https://files.test/p',
  ])('%s', async (uri) => {
    const untrusted = { NODE_EXTRA_CA_CERTS: '' };
    await expect(put(uri, untrusted)).rejects.toThrow(/certificate/);
    expect(seen).toEqual([]);
    await put(uri, { ...untrusted, TEST_CA: readFileSync(certificate, 'utf8') });
    expect(seen).toHaveLength(1);
  });
});
