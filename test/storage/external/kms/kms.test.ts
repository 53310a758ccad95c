import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kmsAccess, openKms } from '../../../../storage/external/kms/kms';
import { FakeKms } from '../../../support/storage-servers/fake-kms';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const OPTIONS = { externalIoDir: undefined, nodeId: 1 };
const AWS = 'AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=geheim&REGION=eu-west-1';
const KEY = 'arn:aws:kms:eu-west-1:1:key/2';

describe('AWS', () => {
  let fake: FakeKms;
  beforeAll(async () => {
    fake = await FakeKms.start();
  });
  afterAll(() => fake.stop());

  test('encrypts and decrypts by the key that the path names', async () => {
    const kms = await openKms(`aws:///${KEY}?${AWS}&AWS_ENDPOINT=${fake.endpoint}`, OPTIONS);
    expect(kms.masterKeyId).toBe(KEY);
    const sealed = await kms.encrypt(Buffer.from('a data key'));
    expect(Buffer.from(sealed).toString()).not.toContain('a data key');
    expect(Buffer.from(await kms.decrypt(sealed)).toString()).toBe('a data key');
    expect(fake.asked).toEqual([`Encrypt ${KEY}`, `Decrypt ${KEY}`]);
    kms.close();
  });

  test('tells what the service says, and no secret', async () => {
    const kms = await openKms(`aws:///k?${AWS}&AWS_ENDPOINT=${fake.endpoint}`, OPTIONS);
    fake.refuses = true;
    const failed = await kms.encrypt(Buffer.from('x')).catch((error: Error) => error.message);
    fake.refuses = false;
    kms.close();
    expect(failed).toBe(
      'aws kms could not encrypt the data key: AccessDeniedException: not for you',
    );
  });

  test.each([
    [
      `aws:///k?AUTH=specified&REGION=r`,
      `AUTH is set to 'specified', but AWS_ACCESS_KEY_ID is not set`,
    ],
    ['aws:///k?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b', 'could not find the aws kms region'],
    [`aws:///k?${AWS}&AUTH=x`, 'unsupported value x for AUTH'],
    [`aws:///?${AWS}`, 'names no key'],
    [`aws:///k?${AWS}&OTHER=x`, 'parameter OTHER of an aws kms URI'],
    ['azure-kms:///k', 'no factory method found for scheme azure-kms'],
    ['gs:///k?AUTH=specified', `AUTH is set to 'specified', but CREDENTIALS is not set`],
  ])('%s is refused', async (uri, message) => {
    await expect(openKms(uri, OPTIONS)).rejects.toThrow(message);
  });

  test('the flags of external storage count', async () => {
    await expect(
      openKms('aws:///k?AUTH=implicit&REGION=r', { ...OPTIONS, implicitCredentialsDisabled: true }),
    ).rejects.toThrow('implicit credentials disallowed for aws kms');
    await expect(
      openKms(`aws:///k?${AWS}&AWS_ENDPOINT=http://127.0.0.1:1`, {
        ...OPTIONS,
        httpDisabled: true,
      }),
    ).rejects.toThrow('custom endpoints disallowed for aws kms');
  });
});

test('Google Cloud KMS is asked over REST', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const body = { ciphertext: base64('sealed'), plaintext: base64('key') };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const name = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';
  try {
    const uri = `gs:///${name}?AUTH=specified&BEARER_TOKEN=token&GOOGLE_ENDPOINT=${endpoint}`;
    const kms = await openKms(uri, OPTIONS);
    expect(kms.masterKeyId).toBe(name);
    expect(Buffer.from(await kms.encrypt(Buffer.from('key'))).toString()).toBe('sealed');
    expect(Buffer.from(await kms.decrypt(Buffer.from('sealed'))).toString()).toBe('key');
    kms.close();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(asked).toEqual([
    `POST /v1/${name}:encrypt Bearer token`,
    `POST /v1/${name}:decrypt Bearer token`,
  ]);
});

test('who may use which', () => {
  expect(kmsAccess(`aws:///k?${AWS}`)).toEqual({ provider: 'aws', explicit: true });
  expect(kmsAccess('aws:///k?AUTH=implicit').explicit).toBe(false);
  expect(kmsAccess(`aws:///k?${AWS}&AWS_ENDPOINT=http://x`).explicit).toBe(false);
  expect(kmsAccess('gs:///k').explicit).toBe(false);
  expect(kmsAccess('gs:///k?AUTH=specified').explicit).toBe(true);
});
