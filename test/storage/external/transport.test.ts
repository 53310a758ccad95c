import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { sqlState } from '../../support/sql-state';

/** TLS with a certificate of the operator's own, and the way through a proxy. */

let directory: string;
let certificate: string;
let server: Server;
const options = (customCa: string): ExternalStorageOptions => ({
  externalIoDir: undefined,
  nodeId: 1,
  customCa,
  patience: { attemptsMax: 2, backoffMs: 1, backoffMsMax: 1, silenceMs: 5_000 },
});
const listening = async (each: Server): Promise<number> => {
  await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
  return (each.address() as AddressInfo).port;
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ootheca-tls-'));
  const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
  const names = 'subjectAltName=DNS:storage.test,IP:127.0.0.1';
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=x'];
  execFileSync('openssl', [...request, '-addext', names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  certificate = readFileSync(cert, 'utf8');
  server = createHttps({ key: readFileSync(key), cert: certificate }, (_, response) => {
    response.writeHead(200, { 'content-length': '2' }).end('ok');
  });
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

const readText = async (uri: string, customCa: string): Promise<string> => {
  const storage = await openStorage(uri, options(customCa));
  try {
    return Buffer.from(await storage.readAll('f', 10)).toString();
  } finally {
    await storage.close();
  }
};

test('cloudstorage.http.custom_ca is trusted, and nothing else', async () => {
  const port = await listening(server);
  expect(await readText(`https://127.0.0.1:${port}/x`, certificate)).toBe('ok');
  await expect(readText(`https://127.0.0.1:${port}/x`, '')).rejects.toThrow(
    sqlState('58030', /http storage: https:\/\/127\.0\.0\.1:\d+\/x\/f: .*certificate/),
  );
});

test('HTTPS_PROXY is the way to other hosts', async () => {
  const port = (server.address() as AddressInfo).port;
  const asked: string[] = [];
  const proxy = createHttp();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [socket, upstream]) each.on('error', () => upstream.destroy());
  });
  process.env['HTTPS_PROXY'] = `http://127.0.0.1:${await listening(proxy)}`;
  try {
    expect(await readText('https://storage.test/x', certificate)).toBe('ok');
    expect(new Set(asked)).toEqual(new Set(['storage.test:443']));
    asked.length = 0;
    expect(await readText(`https://127.0.0.1:${port}/x`, certificate)).toBe('ok');
    expect(asked).toEqual([]);
  } finally {
    delete process.env['HTTPS_PROXY'];
    proxy.closeAllConnections();
    proxy.close();
  }
});

describe('redirects', () => {
  const open = (port: number): string => `http://user:hush@127.0.0.1:${port}/x`;
  let target: ReturnType<typeof createHttp>;
  let seen: (string | undefined)[];
  beforeEach(() => {
    seen = [];
    target = createHttp((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'content-length': '2' }).end('ok');
    });
  });
  afterEach(() => {
    target.closeAllConnections();
    target.close();
  });

  async function through(location: (url: string) => string): Promise<string> {
    const first = createHttp((request, response) => {
      response.writeHead(302, { location: location(request.url ?? '') }).end();
    });
    try {
      return await readText(open(await listening(first)), '');
    } finally {
      first.closeAllConnections();
      first.close();
    }
  }

  test('are followed, without the credentials', async () => {
    const port = await listening(target);
    expect(await through((url) => `http://127.0.0.1:${port}${url}`)).toBe('ok');
    expect(seen).toEqual([undefined, undefined]);
  });

  test('in a circle end', async () => {
    const circle = /http:\/\/127\.0\.0\.1:\d+\/x\/f: redirects go round in a circle$/;
    await expect(through((url) => url)).rejects.toThrow(sqlState('58030', circle));
  });

  test('without end, end', async () => {
    const many = sqlState('58030', /more than 10 redirects/);
    await expect(through((url) => `${url}x`)).rejects.toThrow(many);
  });
});
