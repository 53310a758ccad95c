import { crc32c } from '../../../base/checksum';
import { sendRequest } from '../http/send-request';
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
} from '../objects/object-driver';
import type { Agents } from '../transport';

/** Loaded by the first use: it takes a while, and memory. */
export const loadGsSdk = () => import('@google-cloud/storage');

type Bucket = InstanceType<Awaited<ReturnType<typeof loadGsSdk>>['Bucket']>;

/** Objects of a Google Cloud Storage bucket. */
export class GsDriver implements ObjectDriver {
  readonly provider = 'gs';
  readonly container: string;
  private readonly bucket: Bucket;
  private readonly agents: Agents;

  /** @param bucket of a client that does not try again by itself @param agents for upload sessions */
  constructor(bucket: Bucket, agents: Agents) {
    this.bucket = bucket;
    this.agents = agents;
    this.container = `bucket "${bucket.name}"`;
  }

  async stat(key: string): Promise<ObjectStat> {
    const [{ size, generation }] = await this.bucket.file(key).getMetadata();
    const sizeBytes = Number(size);
    if (!Number.isSafeInteger(sizeBytes)) throw new Error('the answer has no size');
    return { sizeBytes, version: String(generation ?? '') };
  }

  async read(key: string, { start, end, version }: ObjectRange): Promise<ObjectBody> {
    const file = this.bucket.file(key, version === '' ? {} : { generation: version });
    // Inclusive; there are no checksums of ranges.
    const options = { start, end: end - 1, validation: false, decompress: false };
    return { stream: file.createReadStream(options), offset: start, sizeBytes: undefined };
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
      else throw new UploadError(status);
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

class UploadError extends Error {
  readonly code: number;

  constructor(status: number) {
    super(`HTTP status ${status}`);
    this.code = status;
  }
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
