import type { IncomingMessage } from 'node:http';
import { limits } from '../../../base/limits';
import { rangeHeader, totalOfContentRange, unknownBody } from '../objects/content-range';
import {
  type ErrorReason,
  kindOfStatus,
  type ObjectBody,
  type ObjectDriver,
  type ObjectRange,
  type ObjectStat,
  type UnknownBody,
  type UnknownRange,
} from '../objects/object-driver';
import type { Agents } from '../transport';
import { sendRequest } from './send-request';

/** Files of a HTTP server: GET, PUT, DELETE. A server without ranges works, and sends whole files. */
export class HttpDriver implements ObjectDriver {
  readonly provider = 'http';
  readonly container: string;
  private readonly base: URL;
  private readonly agents: Agents;
  private readonly authorization: string | undefined;

  /** @param base the location's URL with user, password and parameters */
  constructor(base: URL, agents: Agents) {
    this.base = new URL(base);
    this.agents = agents;
    this.container = `server "${base.host}"`;
    if (base.username !== '') {
      const user = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
      this.authorization = `Basic ${Buffer.from(user).toString('base64')}`;
    }
    this.base.username = '';
    this.base.password = '';
  }

  async stat(key: string, signal: AbortSignal): Promise<ObjectStat> {
    const answer = await this.send('HEAD', key, {}, undefined, signal);
    answer.resume();
    const length = answer.headers['content-length'];
    // Servers that refuse HEAD, and those that compress on the way, tell the size with a range.
    const told = answer.statusCode === 200 && length !== undefined;
    if (!told || answer.headers['content-encoding'] !== undefined) {
      if (!REFUSES_HEAD.has(answer.statusCode ?? 0)) checkStatus(answer);
      return await this.statByRange(key, signal);
    }
    return { sizeBytes: Number(length), version: strongTag(answer) };
  }

  async read(key: string, range: ObjectRange, signal: AbortSignal): Promise<ObjectBody> {
    const headers = {
      range: `bytes=${range.start}-${range.end - 1}`,
      ...(range.version === '' ? {} : { 'if-match': range.version }),
    };
    const stream = await this.get(key, headers, signal);
    const { 'content-range': contentRange, 'content-length': length } = stream.headers;
    if (stream.statusCode === 206 && contentRange !== undefined) {
      return { stream, ...totalOfContentRange(contentRange) };
    }
    return { stream, offset: 0, sizeBytes: length === undefined ? undefined : Number(length) };
  }

  async readUnknown(
    key: string,
    which: UnknownRange,
    signal: AbortSignal,
  ): Promise<UnknownBody | undefined> {
    const range = rangeHeader(which);
    return unknownAnswer(await this.get(key, range === undefined ? {} : { range }, signal));
  }

  async put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const answer = await this.send('PUT', key, {}, bytes, signal);
    answer.resume();
    checkStatus(answer);
  }

  async delete(key: string, signal: AbortSignal): Promise<void> {
    const answer = await this.send('DELETE', key, {}, undefined, signal);
    answer.resume();
    checkStatus(answer);
  }

  reasonOf(error: unknown): ErrorReason {
    if (error instanceof HttpError) return { kind: error.kind, message: error.message };
    const { message = '', code = '' } = error as { message?: string; code?: unknown };
    const told = `${message || String(code)}`.replace(/\s+/g, ' ').slice(0, 500);
    return { kind: PERMANENT.test(String(code)) ? 'permanent' : 'transient', message: told };
  }

  close(): void {
    this.agents.destroy();
  }

  private async statByRange(key: string, signal: AbortSignal): Promise<ObjectStat> {
    const answer = await this.get(key, { range: 'bytes=0-0' }, signal);
    answer.destroy();
    const { 'content-range': contentRange, 'content-length': length } = answer.headers;
    if (answer.statusCode === 206 && contentRange !== undefined) {
      const { sizeBytes } = totalOfContentRange(contentRange);
      if (sizeBytes !== undefined) return { sizeBytes, version: strongTag(answer) };
    }
    if (answer.statusCode === 200 && length !== undefined) {
      return { sizeBytes: Number(length), version: strongTag(answer) };
    }
    throw new HttpError('permanent', 'the server does not tell how large the file is');
  }

  private async get(
    key: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const all = { ...headers, 'accept-encoding': 'identity' };
    const answer = await this.send('GET', key, all, undefined, signal);
    try {
      // An empty file has no first byte.
      if (answer.statusCode !== 416) checkStatus(answer);
      else if (answer.headers['content-range'] !== 'bytes */0') checkStatus(answer);
    } catch (error) {
      answer.destroy();
      throw error;
    }
    return answer;
  }

  /** Follows redirects. What lets us in is for the location's own server only. */
  private async send(
    method: string,
    key: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    let url = this.urlOf(key);
    const seen = new Set<string>();
    while (true) {
      const own = url.origin === this.base.origin && this.authorization !== undefined;
      const sent = own ? { ...headers, authorization: this.authorization ?? '' } : headers;
      const answer = await sendRequest({ method, url, headers: sent, body }, this.agents, signal);
      const { location } = answer.headers;
      if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) return answer;
      answer.resume();
      seen.add(url.href);
      url = redirected(url, location);
      if (seen.has(url.href)) throw new HttpError('permanent', 'redirects go round in a circle');
      if (seen.size > limits.redirectsMax) {
        throw new HttpError('permanent', `more than ${limits.redirectsMax} redirects`);
      }
    }
  }

  private urlOf(key: string): URL {
    const url = new URL(this.base);
    url.pathname = `/${key.split('/').map(encodeURIComponent).join('/')}`;
    return url;
  }
}

const REFUSES_HEAD: ReadonlySet<number> = new Set([200, 403, 405, 501]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What no further attempt changes: certificates, protocols. */
const PERMANENT =
  /^(ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_INVALID|HPE_|ERR_SSL|EPROTO)/;

class HttpError extends Error {
  readonly kind: ErrorReason['kind'];

  constructor(kind: ErrorReason['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

function checkStatus({ statusCode = 0, statusMessage = '' }: IncomingMessage): void {
  if (statusCode >= 200 && statusCode < 300) return;
  throw new HttpError(
    kindOfStatus(statusCode),
    `HTTP status ${statusCode} ${statusMessage}`.trim(),
  );
}

function unknownAnswer(stream: IncomingMessage): UnknownBody | undefined {
  const { headers, statusCode } = stream;
  const isWhole = statusCode === 200 && headers['content-encoding'] === undefined;
  const length = headers['content-length'];
  const size = isWhole && length !== undefined ? Number(length) : undefined;
  const range = statusCode === 206 ? headers['content-range'] : undefined;
  return unknownBody(stream, range, size, strongTag(stream));
}

/** A weak tag is not good for ranges. */
function strongTag({ headers }: IncomingMessage): string {
  const { etag = '' } = headers;
  return etag.startsWith('"') ? etag : '';
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new HttpError('permanent', 'a redirect leads nowhere');
  const to = new URL(location, from);
  const allowed =
    to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
  if (allowed) return to;
  throw new HttpError('permanent', `a redirect leads from ${from.protocol} to ${to.protocol}`);
}
