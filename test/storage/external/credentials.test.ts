import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientSecretCredential } from '../../../storage/external/azure/client-secret-credential';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { makeAgents } from '../../../storage/external/transport';
import { temporaryDirectory } from '../../support/ootheca-process';
import { sqlState } from '../../support/sql-state';
import { type StandIn, startStandIn } from '../../support/storage-servers/stand-in';

/** Where credentials come from when the URL does not hold them: roles, the environment, files, the machine's metadata. */

const options: ExternalStorageOptions = {
  externalIoDir: undefined,
  nodeId: 1,
  patience: { attemptsMax: 2, backoffMs: 1, backoffMsMax: 1, silenceMs: 20_000 },
};

/** What a test sets in the environment is put back after it; the machine's own is not seen. */
const SEEN = /^(AWS_|GOOGLE_|AZURE_|HTTPS?_PROXY)/i;
let environment: NodeJS.ProcessEnv;
const standIns: StandIn[] = [];
const directory = temporaryDirectory();
beforeEach(() => {
  environment = { ...process.env };
  for (const name of Object.keys(process.env)) if (SEEN.test(name)) delete process.env[name];
  const none = join(directory.path, 'none');
  Object.assign(process.env, { AWS_CONFIG_FILE: none, AWS_SHARED_CREDENTIALS_FILE: none });
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  for (const each of standIns.splice(0)) await each.stop();
});
afterAll(() => directory.remove());

async function standIn(...answer: Parameters<typeof startStandIn>): Promise<StandIn> {
  const started = await startStandIn(...answer);
  standIns.push(started);
  return started;
}

/** Accepts every object. */
const s3 = (): Promise<StandIn> => standIn(() => ({ headers: { etag: '"x"' } }));

async function put(uri: string): Promise<void> {
  const storage = await openStorage(uri, options);
  try {
    await storage.write('f', Buffer.from('x'));
  } finally {
    await storage.close();
  }
}

const query = (params: Readonly<Record<string, string>>): string =>
  new URLSearchParams(params).toString();

/** `Credential=` of a request's signature. */
const keyOf = ({ seen }: StandIn, index = 0): string | undefined =>
  /Credential=(\w+)\//.exec(seen[index]?.headers.authorization ?? '')?.[1];

describe('s3: ASSUME_ROLE', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'BASE', AWS_SECRET_ACCESS_KEY: 'hush', AWS_REGION: 'r1' };
  const roleOf = (body: string): string | null => new URLSearchParams(body).get('RoleArn');

  /** The part of the query API of AWS's Security Token Service that is used here. */
  const sts = (refused?: string): Promise<StandIn> =>
    standIn(({ body }) => {
      const role = roleOf(body) ?? '';
      const id = role.replace(/.*\//, '').toUpperCase();
      if (role === refused) {
        const error = '<Type>Sender</Type><Code>AccessDenied</Code><Message>not you</Message>';
        return { status: 403, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
      }
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      const credentials = `<AccessKeyId>${id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token-${id}</SessionToken><Expiration>${expires}</Expiration>`;
      return {
        headers: { 'content-type': 'text/xml' },
        body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      };
    });

  test('a chain of roles, each with the credentials of the one before', async () => {
    const [tokens, objects] = [await sts(), await s3()];
    process.env['AWS_ENDPOINT_URL_STS'] = tokens.url;
    const roles = 'arn:aws:iam::1:role/first,arn:aws:iam::2:role/second;external_id=abc';
    await put(`s3://b/p?${query({ ...keys, AWS_ENDPOINT: objects.url, ASSUME_ROLE: roles })}`);
    expect(tokens.seen.map(({ body }) => roleOf(body))).toEqual([
      'arn:aws:iam::1:role/first',
      'arn:aws:iam::2:role/second',
    ]);
    expect(tokens.seen[1]?.body).toContain('ExternalId=abc');
    expect([keyOf(tokens, 0), keyOf(tokens, 1)]).toEqual(['BASE', 'FIRST']);
    expect(tokens.seen[1]?.headers['x-amz-security-token']).toBe('token-FIRST');
    expect(keyOf(objects)).toBe('SECOND');
    expect(objects.seen[0]?.headers['x-amz-security-token']).toBe('token-SECOND');
  });

  test('a role that is refused is named, the secret is not', async () => {
    const role = 'arn:aws:iam::1:role/first';
    const [tokens, objects] = [await sts(role), await s3()];
    process.env['AWS_ENDPOINT_URL_STS'] = tokens.url;
    const uri = `s3://b/p?${query({ ...keys, AWS_ENDPOINT: objects.url, ASSUME_ROLE: role })}`;
    await expect(put(uri)).rejects.toThrow(
      sqlState('28000', /^(?!.*hush)s3 storage: role arn:aws:iam::1:role\/first: .*not you/),
    );
    expect(objects.seen).toEqual([]);
  });
});

describe('s3: AUTH=implicit', () => {
  const uri = (endpoint: string): string =>
    `s3://b/p?${query({ AUTH: 'implicit', AWS_ENDPOINT: endpoint, AWS_REGION: 'r1' })}`;

  test('from the environment', async () => {
    const objects = await s3();
    const keys = { AWS_ACCESS_KEY_ID: 'ENVIRONMENT', AWS_SECRET_ACCESS_KEY: 's' };
    Object.assign(process.env, { ...keys, AWS_SESSION_TOKEN: 't' });
    await put(uri(objects.url));
    expect(keyOf(objects)).toBe('ENVIRONMENT');
    expect(objects.seen[0]?.headers['x-amz-security-token']).toBe('t');
  });

  test('from the shared files', async () => {
    const objects = await s3();
    const file = join(directory.path, 'credentials');
    const profile = '[backups]\naws_access_key_id = SHARED\naws_secret_access_key = s\n';
    writeFileSync(file, profile);
    Object.assign(process.env, { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'backups' });
    await put(uri(objects.url));
    expect(keyOf(objects)).toBe('SHARED');
  });

  test("from the machine's metadata", async () => {
    const objects = await s3();
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const metadata = await standIn(({ method, url }) => {
      if (method === 'PUT') return { body: 'metadata-token' };
      if (url.pathname.endsWith('/security-credentials/')) return { body: 'reader' };
      const keys = { AccessKeyId: 'MACHINE', SecretAccessKey: 's', Token: 'mt' };
      return { body: JSON.stringify({ Code: 'Success', ...keys, Expiration: expires }) };
    });
    process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = metadata.url;
    await put(uri(objects.url));
    expect(keyOf(objects)).toBe('MACHINE');
    expect(objects.seen[0]?.headers['x-amz-security-token']).toBe('mt');
  });

  test('there are none', async () => {
    const objects = await s3();
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    await expect(put(uri(objects.url))).rejects.toThrow(
      sqlState('28000', /s3 storage: s3:\/\/b\/p\/f: CredentialsProviderError/),
    );
  });
});

test('gs: an endpoint of the user is not shown what AUTH=implicit has', async () => {
  const file = join(directory.path, 'google.json');
  const user = { type: 'authorized_user', client_id: 'i', client_secret: 's', refresh_token: 'r' };
  writeFileSync(file, JSON.stringify(user));
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = file;
  const objects = await standIn(() => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'p/f', bucket: 'b', size: '1' }),
  }));
  await put(`gs://b/p?${query({ AUTH: 'implicit', GOOGLE_ENDPOINT: objects.url })}`);
  expect(objects.seen).toHaveLength(1);
  expect(objects.seen[0]?.headers.authorization).toBeUndefined();
});

describe('azure: client credentials', () => {
  const secret = { kind: 'client', tenant: 't/1', client: 'app', secret: 'hush' } as const;

  test('a token is asked for, and used until it expires', async () => {
    const authority = await standIn(() => ({
      body: JSON.stringify({ access_token: 'abc', expires_in: 3600 }),
    }));
    const credential = new ClientSecretCredential(authority.url, secret, makeAgents('', undefined));
    const { token, expiresOnTimestamp } = await credential.getToken('x');
    expect(token).toBe('abc');
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_000_000);
    expect(authority.seen[0]?.url.pathname).toBe('/t%2F1/oauth2/v2.0/token');
    expect(Object.fromEntries(new URLSearchParams(authority.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 'hush',
      scope: 'https://storage.azure.com/.default',
    });
  });

  test.each([
    [
      401,
      '{"error":"invalid_client","error_description":"hush"}',
      /AZURE_CLIENT_ID: invalid_client$/,
    ],
    [503, 'hush', /AZURE_CLIENT_ID: HTTP status 503$/],
    [200, '<html>hush</html>', /AZURE_CLIENT_ID: HTTP status 200$/],
  ])('an answer that is none: %d %s', async (status, body, message) => {
    const authority = await standIn(() => ({ status, body }));
    const credential = new ClientSecretCredential(authority.url, secret, makeAgents('', undefined));
    await expect(credential.getToken('x')).rejects.toThrow(message);
  });

  test('AUTH=implicit is refused', async () => {
    const uri = 'azure://c/p?AUTH=implicit&AZURE_ACCOUNT_NAME=a';
    await expect(openStorage(uri, options)).rejects.toThrow(
      sqlState('0A000', /AUTH=implicit of azure URLs/),
    );
  });
});
