import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { sqlState } from '../../support/sql-state';
import { GS_TOKEN, startGs } from '../../support/storage-servers/gs-server';
import { S3_KEYS, startS3 } from '../../support/storage-servers/s3-server';
import { startStandIn } from '../../support/storage-servers/stand-in';
import { SERVER_START_MS } from '../../support/storage-servers/storage-server';

/** What is particular to one provider. */

const options: ExternalStorageOptions = {
  externalIoDir: undefined,
  nodeId: 1,
  patience: { attemptsMax: 2, backoffMs: 1, backoffMsMax: 1, silenceMs: 20_000 },
};

/** A server that notes what it is asked and answers everything alike. */
async function recorder(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Run,
): Promise<void> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

type Run = (url: string, seen: readonly IncomingMessage[]) => Promise<unknown>;

const s3 = (endpoint: string, params: Readonly<Record<string, string>> = {}): string =>
  `s3://bucket/p?${new URLSearchParams({ ...S3_KEYS, AWS_ENDPOINT: endpoint, ...params })}`;

test('s3: objects are stored as the URL says', async () => {
  await recorder(200, { etag: '"x"' }, async (url, seen) => {
    const params = {
      AWS_SERVER_ENC_MODE: 'aws:kms',
      AWS_SERVER_KMS_ID: 'key',
      S3_STORAGE_CLASS: 'GLACIER',
      AWS_SESSION_TOKEN: 'token',
      AWS_REGION: 'eu-west-9',
    };
    const storage = await openStorage(s3(url, params), options);
    await storage.write('f', Buffer.from('x'));
    await storage.close();
    expect(seen[0]?.url).toBe('/bucket/p/f?x-id=PutObject');
    expect(seen[0]?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key',
      'x-amz-storage-class': 'GLACIER',
      'x-amz-security-token': 'token',
      authorization: expect.stringContaining('/eu-west-9/s3/'),
    });
  });
});

test('s3: AES256 needs no key, and goes with a file in parts too', async () => {
  const answer =
    '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>';
  const server = await startStandIn(({ url }) => ({
    headers: { etag: '"x"' },
    body: url.searchParams.has('uploads') ? answer : '<CompleteMultipartUploadResult/>',
  }));
  try {
    const storage = await openStorage(s3(server.url, { AWS_SERVER_ENC_MODE: 'AES256' }), options);
    await storage.write('f', Buffer.from('x'));
    const writer = await storage.create('g');
    await writer.write(Buffer.alloc((8 << 20) + 1));
    await writer.finish();
    await storage.close();
    const encrypted = server.seen.filter(
      ({ headers }) => headers['x-amz-server-side-encryption'] === 'AES256',
    );
    expect(encrypted.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'PUT /bucket/p/f',
      'POST /bucket/p/g',
    ]);
  } finally {
    await server.stop();
  }
});

test('s3: the region of a bucket is found out', async () => {
  await recorder(301, { 'x-amz-bucket-region': 'ap-south-7' }, async (url, seen) => {
    // As an operator would lead the SDK elsewhere.
    process.env['AWS_ENDPOINT_URL_S3'] = url;
    try {
      const keys = new URLSearchParams(S3_KEYS);
      const storage = await openStorage(`s3://bucket/p?${keys}`, options);
      await expect(storage.open('f')).rejects.toThrow();
      await storage.close();
    } finally {
      delete process.env['AWS_ENDPOINT_URL_S3'];
    }
    expect(seen[0]?.headers.authorization).toContain('/us-east-1/s3/');
    expect(seen[1]?.headers.authorization).toContain('/ap-south-7/s3/');
  });
});

test(
  's3: a wrong key is told of without it',
  async () => {
    const server = await startS3();
    try {
      const wrong = { AWS_ACCESS_KEY_ID: 'NOBODY', AWS_SECRET_ACCESS_KEY: 'hush' };
      const storage = await openStorage(server.uri('x', server.address, wrong), options);
      await expect(storage.write('f', Buffer.from('x'))).rejects.toThrow(
        sqlState('28000', /^(?!.*hush)s3 storage: s3:\/\/bucket\/x\/f: InvalidAccessKeyId: /),
      );
      await storage.close();
    } finally {
      await server.stop();
    }
  },
  SERVER_START_MS,
);

test('gs: a token, or a wrong one', async () => {
  const server = await startGs();
  const uri = (token: string): string =>
    `gs://bucket/p?AUTH=specified&BEARER_TOKEN=${token}&GOOGLE_ENDPOINT=http://${server.address}`;
  try {
    const storage = await openStorage(uri(GS_TOKEN), options);
    await storage.write('f', Buffer.from('x'));
    expect(server.objects.has('p/f')).toBe(true);
    await storage.close();
    const other = await openStorage(uri('hush'), options);
    const refused = sqlState('28000', /^(?!.*hush)gs storage: gs:\/\/bucket\/p\/f: /);
    await expect(other.open('f')).rejects.toThrow(refused);
    await other.close();
  } finally {
    await server.stop();
  }
});

test('gs: files above a part are uploaded in parts', async () => {
  const server = await startGs();
  try {
    const storage = await openStorage(server.uri('p'), options);
    const large = Buffer.alloc((8 << 20) + 1000, 7);
    const writer = await storage.create('large');
    await writer.write(large);
    await writer.finish();
    expect(Buffer.compare(await storage.readAll('large', 1 << 30), large)).toBe(0);
    await storage.close();
  } finally {
    await server.stop();
  }
});

test(
  's3: a file in parts',
  async () => {
    const server = await startS3();
    try {
      const storage = await openStorage(server.uri('p'), options);
      const large = Buffer.alloc((16 << 20) + 1000, 7);
      const writer = await storage.create('large');
      for (let at = 0; at < large.length; at += 1 << 20) {
        await writer.write(large.subarray(at, at + (1 << 20)));
      }
      await writer.finish();
      expect(Buffer.compare(await storage.readAll('large', 1 << 30), large)).toBe(0);
      const given = await storage.create('given-up');
      await given.write(large);
      await given.abort();
      const names: string[] = [];
      for await (const path of storage.list('')) names.push(path);
      expect(names).toEqual(['large']);
      await storage.close();
    } finally {
      await server.stop();
    }
  },
  SERVER_START_MS,
);
