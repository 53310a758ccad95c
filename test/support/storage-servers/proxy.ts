import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one answer on its way. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** The connection is closed instead of an answer. */
  | { readonly kind: 'reset' }
  /** Nothing comes. */
  | { readonly kind: 'hang' }
  /** The connection is closed after some bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The connections on both sides are closed once some bytes of the request's body were passed on. */
  | { readonly kind: 'cutUpload'; readonly afterBytes: number }
  /** Some bytes of the body come, then nothing. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** The body ends after some bytes, and the headers say so. */
  | { readonly kind: 'short'; readonly bytes: number }
  /** Other headers than the server's. */
  | { readonly kind: 'headers'; readonly headers: Record<string, string> };

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** Also as Azure's client writes it. */
  readonly range: string | undefined;
}

export interface FaultProxy {
  readonly address: string;
  /** Of bodies, as they were sent to the client. */
  readonly sentBytes: number;
  readonly requests: readonly SeenRequest[];
  /** Asked for each request. */
  fault: (request: SeenRequest, index: number) => Fault | undefined;
  /** Called when nothing more comes of an answer: what can be received of it is on its way. */
  silent: () => void;
  reset(): void;
  stop(): Promise<void>;
}

function cutUpload(incoming: IncomingMessage, upstream: ClientRequest, afterBytes: number): void {
  let left = afterBytes;
  const cut = (): void => {
    upstream.destroy();
    incoming.socket.destroy();
  };
  incoming.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    upstream.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) setImmediate(cut);
  });
  incoming.on('end', cut);
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** A HTTP proxy in front of one server: it leaves requests as they are, counts, and disturbs. */
export async function startProxy(target: string): Promise<FaultProxy> {
  const { hostname: host, port } = new URL(`http://${target}`);
  let sentBytes = 0;
  let requests: SeenRequest[] = [];

  const proxy: FaultProxy = {
    address: '',
    fault: () => undefined,
    silent: () => undefined,
    get sentBytes() {
      return sentBytes;
    },
    get requests() {
      return requests;
    },
    reset() {
      sentBytes = 0;
      requests = [];
      proxy.fault = () => undefined;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  const forward = (incoming: IncomingMessage, response: ServerResponse, fault?: Fault): void => {
    const { method, url, headers } = incoming;
    // The header Host stays as it is: signatures hold it.
    const upstream = request({ host, port, method, path: url, headers, agent: false }, (answer) => {
      const named = fault?.kind === 'headers' ? fault.headers : {};
      const length = fault?.kind === 'short' ? { 'content-length': String(fault.bytes) } : {};
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...named, ...length });
      let left = Number.POSITIVE_INFINITY;
      if (fault?.kind === 'cut' || fault?.kind === 'stall') left = fault.afterBytes;
      if (fault?.kind === 'short') left = fault.bytes;
      answer.on('data', (chunk: Buffer) => {
        const piece = chunk.subarray(0, left);
        left -= piece.length;
        sentBytes += piece.length;
        if (piece.length > 0) response.write(piece);
        if (left > 0) return;
        answer.removeAllListeners('data').removeAllListeners('end').resume();
        if (fault?.kind === 'cut') setImmediate(() => response.destroy());
        if (fault?.kind === 'short') response.end();
        if (fault?.kind === 'stall') setImmediate(() => proxy.silent());
      });
      answer.on('end', () => response.end());
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    if (fault?.kind === 'cutUpload') cutUpload(incoming, upstream, fault.afterBytes);
    else incoming.pipe(upstream);
  };

  const server = createServer((incoming, response) => {
    const seen = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      range: incoming.headers.range ?? headerText(incoming.headers['x-ms-range']),
    };
    const fault = proxy.fault(seen, requests.length);
    requests.push(seen);
    if (fault?.kind === 'reset') incoming.socket.destroy();
    else if (fault?.kind === 'hang') incoming.resume().once('end', () => proxy.silent());
    else if (fault?.kind === 'status') {
      incoming.resume();
      response.writeHead(fault.status, fault.headers ?? {}).end();
    } else forward(incoming, response, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
}
