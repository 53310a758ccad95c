import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Agents } from '../transport';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/**
 * One request. Settles when the answer's headers are there; its body is to be read, resumed or destroyed.
 * @throws the signal's reason, errors of the network
 */
export function sendRequest(
  { method, url, headers, body }: HttpRequest,
  agents: Agents,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const request = (secure ? requestHttps : requestHttp)(
      url,
      {
        method,
        headers: { ...headers, ...length },
        agent: secure ? agents.https : agents.http,
        signal,
      },
      resolve,
    );
    request.on('error', reject);
    request.end(body);
  });
}
