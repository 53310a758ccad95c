import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandInRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface StandInAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface StandIn {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly seen: readonly StandInRequest[];
  stop(): Promise<void>;
}

/** A small server in place of a service that can't be run here, in the test's own process; it keeps what it was asked. */
export async function startStandIn(
  answer: (request: StandInRequest) => StandInAnswer,
): Promise<StandIn> {
  const seen: StandInRequest[] = [];
  const respond = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const piece of incoming.setEncoding('latin1')) body += piece as string;
    const { method = '', headers } = incoming;
    const request = { method, headers, body, url: new URL(incoming.url ?? '/', 'http://stand.in') };
    seen.push(request);
    const told = answer(request);
    response.writeHead(told.status ?? 200, { ...told.headers }).end(told.body ?? '');
  };
  const server = createServer((incoming, response) => {
    respond(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
