import type { IncomingMessage } from 'node:http';
import type * as Sdk from '@google-cloud/storage';
import { crc32c } from '../../../base/checksum';
import { sendRequest } from '../http/send-request';
import { rangeHeader, totalOfContentRange, unknownBody } from '../objects/content-range';
import {
  type ErrorReason,
  kindOfStatus,
  type ListPage,
  type ListRequest,
  type ObjectBody,
  type ObjectDriver,
  type ObjectRange,
  type ObjectStat,
  type ObjectUpload,
  type UnknownBody,
  type UnknownRange,
} from '../objects/object-driver';
import type { Agents } from '../transport';

/** Loaded by the first use: it takes a while, and memory; by import() twice the time. */
export const loadGsSdk = () => require('@google-cloud/storage') as typeof Sdk;

/** What lets a request for a URL in. */
export type GsAuthorization = (url: string) => Promise<Readonly<Record<string, string>>>;

/** Objects of a Google Cloud Storage bucket. */
export class GsDriver implements ObjectDriver {
  readonly provider = 'gs';
  readonly container: string;
  private readonly bucket: Sdk.Bucket;
  private readonly agents: Agents;
  private readonly authorization: GsAuthorization;

  /**
   * @param bucket of a client that does not try again by itself
   * @param agents for bodies: the client does not tell when a connection breaks off in one, nor how large the object is
   */
  constructor(bucket: Sdk.Bucket, agents: Agents, authorization: GsAuthorization) {
    this.bucket = bucket;
    this.agents = agents;
    this.authorization = authorization;
    this.container = `bucket "${bucket.name}"`;
  }

  async stat(key: string): Promise<ObjectStat> {
    const [{ size, generation }] = await this.bucket.file(key).getMetadata();
    const sizeBytes = Number(size);
    if (!Number.isSafeInteger(sizeBytes)) throw new Error('the answer has no size');
    return { sizeBytes, version: String(generation ?? '') };
  }

  async read(key: string, range: ObjectRange, signal: AbortSignal): Promise<ObjectBody> {
    const { start, end, version } = range;
    const stream = await this.get(key, `bytes=${start}-${end - 1}`, version, signal);
    const { 'content-range': contentRange } = stream.headers;
    return contentRange === undefined
      ? { stream, offset: 0, sizeBytes: lengthOf(stream) }
      : { stream, ...totalOfContentRange(contentRange) };
  }

  async readUnknown(
    key: string,
    which: UnknownRange,
    signal: AbortSignal,
  ): Promise<UnknownBody | undefined> {
    const stream = await this.get(key, rangeHeader(which), '', signal);
    const { 'content-range': contentRange, 'x-goog-generation': generation } = stream.headers;
    return unknownBody(stream, contentRange, lengthOf(stream), String(generation ?? ''));
  }

  /** Source: Google Cloud Storage JSON API, Objects: get, with `alt=media`. */
  private async get(
    key: string,
    range: string | undefined,
    generation: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { storage, name, userProject = '' } = this.bucket;
    const path = `b/${encodeURIComponent(name)}/o/${encodeURIComponent(key)}`;
    const url = new URL(`${storage.baseUrl}/${path}?alt=media`);
    if (generation !== '') url.searchParams.set('generation', generation);
    if (userProject !== '') url.searchParams.set('userProject', userProject);
    const headers = {
      ...(await this.authorization(url.href)),
      // As it is stored: what is stored compressed is not unpacked on the way.
      'accept-encoding': 'gzip',
      ...(range === undefined ? {} : { range }),
    };
    const answer = await sendRequest({ method: 'GET', url, headers }, this.agents, signal);
    const { statusCode = 0 } = answer;
    if (statusCode === 200 || statusCode === 206) return answer;
    throw new GsError(statusCode, await textOf(answer));
  }

  readonly listPage = async ({ prefix, delimiter, token }: ListRequest): Promise<ListPage> => {
    const [files, , response] = await this.bucket.getFiles({
      prefix,
      autoPaginate: false,
      ...(delimiter === '' ? {} : { delimiter }),
      ...(token === undefined ? {} : { pageToken: token }),
    });
    const page = (response ?? {}) as { prefixes?: string[]; nextPageToken?: string };
    return {
      keys: files.map(({ name }) => name),
      prefixes: page.prefixes ?? [],
      token: page.nextPageToken,
    };
  };

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32c(bytes));
    await this.bucket.file(key).save(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      resumable: false,
      // The service compares it: nothing damaged on the way is stored.
      validation: false,
      metadata: { crc32c: checksum.toString('base64') },
    });
  }

  readonly startUpload = async (key: string): Promise<ObjectUpload> => {
    const [session] = await this.bucket.file(key).createResumableUpload();
    return new GsUpload(session, this.agents);
  };

  async delete(key: string): Promise<void> {
    await this.bucket.file(key).delete();
  }

  reasonOf(error: unknown): ErrorReason {
    return gsReason(error);
  }

  close(): void {
    this.agents.destroy();
  }
}

/** A resumable upload. Source: Google Cloud Storage, "Resumable uploads". */
class GsUpload implements ObjectUpload {
  private readonly session: string;
  private readonly agents: Agents;
  private partStart = 0;
  /** Bytes that the service has, as it said last. */
  private stored = 0;

  constructor(session: string, agents: Agents) {
    this.session = session;
    this.agents = agents;
  }

  async part(_index: number, bytes: Uint8Array, last: boolean, signal: AbortSignal): Promise<void> {
    const end = this.partStart + bytes.length;
    while (this.stored < end) {
      const before = this.stored;
      const rest = bytes.subarray(before - this.partStart);
      const range = `bytes ${before}-${end - 1}/${last ? end : '*'}`;
      const { status, headers } = await this.send('PUT', rest, { 'content-range': range }, signal);
      if (last && status < 300) this.stored = end;
      else if (status === INCOMPLETE) this.stored = storedBytes(headers['range']);
      else throw new GsError(status);
      if (this.stored <= before) throw new Error('the upload does not get further');
    }
    this.partStart = end;
  }

  /** The last part did it. */
  async complete(): Promise<void> {}

  async abort(signal: AbortSignal): Promise<void> {
    await this.send('DELETE', undefined, {}, signal);
  }

  private async send(
    method: string,
    body: Uint8Array | undefined,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) {
    const url = new URL(this.session);
    const answer = await sendRequest({ method, url, headers, body }, this.agents, signal);
    answer.resume();
    return { status: answer.statusCode ?? 0, headers: answer.headers };
  }
}

const INCOMPLETE = 308;

const storedBytes = (range: string | undefined): number =>
  Number(/^bytes=0-(\d+)$/.exec(range ?? '')?.[1] ?? -1) + 1;

/** As the client's own errors are. */
class GsError extends Error {
  readonly code: number;

  constructor(status: number, body = '') {
    super(body || `HTTP status ${status}`);
    this.code = status;
  }
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** Of a body that says what is wrong. */
const ERROR_BYTES_MAX = 64 << 10;

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size > ERROR_BYTES_MAX) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** What the token endpoint says of a key or a token that it does not accept. */
const UNAUTHENTICATED =
  /invalid_grant|invalid_client|unauthorized_client|Could not load the default/;

function gsReason(error: unknown): ErrorReason {
  const {
    code,
    status,
    message = '',
  } = error as {
    code?: unknown;
    status?: unknown;
    message?: string;
  };
  const told = toldReason(message);
  if (UNAUTHENTICATED.test(message)) return { kind: 'unauthenticated', message: told };
  const http = [code, status].map(Number).find((each) => each >= 300 && each < 600);
  const kind = kindOfStatus(http);
  const isBucket = kind === 'missing' && /bucket does not exist/i.test(message);
  return { kind: isBucket ? 'missingContainer' : kind, message: told || `HTTP status ${http}` };
}

/** Of a body in JSON the sentence for people. */
function toldReason(message: string): string {
  let told = message;
  try {
    const body = JSON.parse(message) as { error?: { message?: string } };
    told = body.error?.message ?? message;
  } catch {
    // It is a sentence already.
  }
  return told.replace(/\s+/g, ' ').slice(0, 500);
}
