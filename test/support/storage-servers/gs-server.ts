import { createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32c } from '../../../base/checksum';
import { query, type StorageServer } from './storage-server';

/** What a service account's key file holds. Made anew for every run. */
function serviceAccount() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const json = {
    type: 'service_account',
    project_id: 'project',
    private_key_id: 'id',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'reader@project.iam.gserviceaccount.com',
    client_id: '1',
  };
  return { credentials: Buffer.from(JSON.stringify(json)).toString('base64'), publicKey };
}

export const GS_TOKEN = 'ya29.test-token';

/** Objects of a page, when nobody asks for fewer. The service itself sends 1,000. */
const PAGE_SIZE = 1000;

interface StoredObject {
  readonly bytes: Buffer;
  readonly generation: number;
}

interface UploadSession {
  readonly name: string;
  readonly pieces: Buffer[];
  size: number;
}

/** The part of Google Cloud Storage's JSON API that is used here. It checks tokens and checksums. Source: its reference. */
class GsServer {
  readonly objects = new Map<string, StoredObject>();
  private readonly publicKey: ReturnType<typeof serviceAccount>['publicKey'];
  private readonly sessions = new Map<string, UploadSession>();
  private generation = 1;

  constructor(publicKey: ReturnType<typeof serviceAccount>['publicKey']) {
    this.publicKey = publicKey;
  }

  put(name: string, bytes: Buffer): StoredObject {
    const stored = { bytes, generation: ++this.generation };
    this.objects.set(name, stored);
    return stored;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const session = url.searchParams.get('upload_id');
    // A session's URL is its own credential.
    if (session !== null) return this.continueUpload(session, request, body, response);
    if (!this.accepts(request.headers.authorization)) {
      return refuse(response, 401, 'Invalid Credentials');
    }
    const match = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname);
    if (match === null) return refuse(response, 404, 'Not Found');
    const [, isUpload, bucket, encoded] = match;
    if (bucket !== 'bucket') return refuse(response, 404, 'The specified bucket does not exist.');
    if (isUpload !== undefined) return this.upload(url, request, body, response);
    if (encoded === undefined) return this.list(url, response);
    const name = decodeURIComponent(encoded);
    const found = this.objects.get(name);
    const wanted = url.searchParams.get('generation');
    if (found === undefined || (wanted !== null && wanted !== String(found.generation))) {
      return refuse(response, 404, `No such object: bucket/${name}`);
    }
    if (request.method === 'DELETE') {
      this.objects.delete(name);
      response.writeHead(204).end();
    } else if (url.searchParams.get('alt') === 'media') {
      sendMedia(request, response, found);
    } else sendJson(response, resource(name, found));
  }

  private accepts(authorization = ''): boolean {
    const token = authorization.replace(/^Bearer /, '');
    if (token === GS_TOKEN) return true;
    const [head, claims, signature] = token.split('.');
    if (head === undefined || claims === undefined || signature === undefined) return false;
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    return verify.verify(this.publicKey, Buffer.from(signature, 'base64url'));
  }

  private list(url: URL, response: ServerResponse): undefined {
    const { searchParams } = url;
    const prefix = searchParams.get('prefix') ?? '';
    const delimiter = searchParams.get('delimiter') ?? '';
    const after = Buffer.from(searchParams.get('pageToken') ?? '', 'base64').toString();
    const size = Number(searchParams.get('maxResults') ?? PAGE_SIZE);
    const told = new Map<string, StoredObject | undefined>();
    for (const [name, object] of this.objects) {
      if (!name.startsWith(prefix)) continue;
      const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
      if (at < 0) told.set(name, object);
      else told.set(name.slice(0, at + delimiter.length), undefined);
    }
    const order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const names = [...told.keys()].sort(order).filter((name) => order(name, after) > 0);
    const page = names.slice(0, size);
    const last = page.at(-1);
    const items = page.flatMap((name) => {
      const object = told.get(name);
      return object === undefined ? [] : [resource(name, object)];
    });
    sendJson(response, {
      kind: 'storage#objects',
      items,
      prefixes: page.filter((name) => told.get(name) === undefined),
      ...(names.length > page.length && last !== undefined
        ? { nextPageToken: Buffer.from(last).toString('base64') }
        : {}),
    });
  }

  private upload(
    url: URL,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): undefined {
    const name = url.searchParams.get('name') ?? '';
    if (url.searchParams.get('uploadType') === 'resumable') {
      const id = String(this.sessions.size + 1);
      this.sessions.set(id, { name, pieces: [], size: 0 });
      const location = `${url.origin}/upload/storage/v1/b/bucket/o?upload_id=${id}`;
      response.writeHead(200, { location }).end();
      return;
    }
    const { metadata, media } = multipart(request.headers['content-type'] ?? '', body);
    const claimed = metadata['crc32c'];
    if (claimed !== undefined && claimed !== checksum(media)) {
      return refuse(response, 400, 'Provided CRC32C does not match');
    }
    const named = String(metadata['name'] ?? name);
    sendJson(response, resource(named, this.put(named, media)));
  }

  private continueUpload(
    id: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): undefined {
    const session = this.sessions.get(id);
    if (session === undefined) return refuse(response, 404, 'no such upload');
    if (request.method === 'DELETE') {
      this.sessions.delete(id);
      response.writeHead(499).end();
      return;
    }
    const range = request.headers['content-range'] ?? '';
    const [, start = '', , total = ''] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
    // What is there already is ignored, as the service does.
    const fresh = body.subarray(session.size - Number(start));
    session.pieces.push(fresh);
    session.size += fresh.length;
    if (total === '*') {
      if (session.size % (256 << 10) !== 0)
        return refuse(response, 400, 'not a multiple of 256 KiB');
      response.writeHead(308, { range: `bytes=0-${session.size - 1}` }).end();
      return;
    }
    sendJson(
      response,
      resource(session.name, this.put(session.name, Buffer.concat(session.pieces))),
    );
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function checksum(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32c(bytes));
  return sum.toString('base64');
}

const resource = (name: string, { bytes, generation }: StoredObject) => ({
  kind: 'storage#object',
  bucket: 'bucket',
  name,
  size: String(bytes.length),
  generation: String(generation),
  crc32c: checksum(bytes),
});

function multipart(
  type: string,
  body: Buffer,
): { metadata: Record<string, unknown>; media: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1] ?? '';
  const mark = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let at = body.indexOf(mark);
  while (at >= 0) {
    const next = body.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = body.subarray(at + mark.length, next);
    const headersEnd = part.indexOf('\r\n\r\n');
    parts.push(part.subarray(headersEnd + 4, part.length - 2));
    at = next;
  }
  const [metadata, media] = parts;
  return {
    metadata: JSON.parse(metadata?.toString() ?? '{}') as Record<string, unknown>,
    media: Buffer.from(media ?? ''),
  };
}

function sendMedia(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, generation }: StoredObject,
): void {
  const told = { 'x-goog-generation': String(generation) };
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null) {
    response.writeHead(200, { ...told, 'content-length': bytes.length }).end(bytes);
    return;
  }
  const [, first = '', last = ''] = range;
  const start = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes.length : Math.min(Number(last) + 1, bytes.length);
  if (start >= end) {
    refuse(response, 416, 'Requested range not satisfiable');
    return;
  }
  const part = bytes.subarray(start, end);
  response.writeHead(206, {
    ...told,
    'content-length': part.length,
    'content-range': `bytes ${start}-${end - 1}/${bytes.length}`,
  });
  response.end(part);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, code: number, message: string): undefined {
  const error = { code, message, errors: [{ message, reason: 'test' }] };
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}

/** In the test's own process. */
export async function startGs(): Promise<
  StorageServer & { readonly objects: ReadonlyMap<string, StoredObject> }
> {
  const { credentials, publicKey } = serviceAccount();
  const gs = new GsServer(publicKey);
  const server = createServer((request, response) => {
    gs.answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const uri = (bucket: string, path: string, through = address, params = {}): string => {
    const keys = { AUTH: 'specified', CREDENTIALS: credentials };
    const endpoint = { GOOGLE_ENDPOINT: `http://${through}` };
    return `gs://${bucket}/${path}?${query({ ...keys, ...endpoint, ...params })}`;
  };
  return {
    address,
    objects: gs.objects,
    uri: (path, through, params) => uri('bucket', path, through, params),
    missingBucketUri: (path) => uri('nosuch', path),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
