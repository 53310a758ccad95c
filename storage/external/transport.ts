import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from 'node:https';
import { rootCertificates } from 'node:tls';
import type * as ProxyAgent from 'https-proxy-agent';

/** How connections to providers are made: through the proxy that the environment names, trusting the operator's CA. */

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  destroy(): void;
}

/** Sockets to one host at a time; more requests wait. */
const SOCKETS_MAX = 16;

/**
 * @param customCa PEM, trusted beside the usual authorities; empty: none
 * @param host of the server, for NO_PROXY; undefined: it is not known yet
 * Source: the variables are those of Go's http.ProxyFromEnvironment, which CockroachDB follows.
 */
export function makeAgents(
  customCa: string,
  host: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Agents {
  const tls = customCa === '' ? {} : { ca: [...rootCertificates, customCa] };
  const options = { keepAlive: true, maxSockets: SOCKETS_MAX, ...tls };
  const proxy = proxyUrl(environment, host);
  const http = new HttpAgent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const https = proxy === undefined ? new HttpsAgent(options) : tunnel(proxy, options, tls);
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

function tunnel(proxy: string, options: HttpsAgentOptions, tls: HttpsAgentOptions): HttpsAgent {
  const { HttpsProxyAgent } = require('https-proxy-agent') as typeof ProxyAgent;
  const agent = new HttpsProxyAgent(proxy, options);
  // Those given above are for the connection to the proxy only.
  Object.assign(agent.options, tls);
  // It makes TLS sockets too; its type does not say so.
  return agent as unknown as HttpsAgent;
}

/** The proxy of https requests to a host, if any. */
function proxyUrl(environment: NodeJS.ProcessEnv, host: string | undefined): string | undefined {
  const value = environment['HTTPS_PROXY'] || environment['https_proxy'] || '';
  if (value === '' || (host !== undefined && isExempt(environment, host))) return undefined;
  return value.includes('://') ? value : `http://${value}`;
}

/** NO_PROXY: names, and domains with everything below them; `*` is every host. */
function isExempt(environment: NodeJS.ProcessEnv, host: string): boolean {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  if (name === 'localhost' || /^127\./.test(name) || name === '[::1]') return true;
  const list = environment['NO_PROXY'] || environment['no_proxy'] || '';
  return list.split(',').some((entry) => {
    const suffix = entry
      .trim()
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\*?\./, '');
    return suffix === '*' || (suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`)));
  });
}
