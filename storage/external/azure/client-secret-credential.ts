import { sendRequest } from '../http/send-request';
import type { Agents } from '../transport';
import type { AzureLocation } from './azure-location';

/** Tokens for a registered application. Source: Microsoft identity platform, "client credentials flow". */

interface AccessToken {
  readonly token: string;
  readonly expiresOnTimestamp: number;
}

type ClientSecret = Extract<AzureLocation['credentials'], { kind: 'client' }>;

const SCOPE = 'https://storage.azure.com/.default';

/** What the authority does not accept; its answer is not repeated, as it may name what was sent. */
export class TokenRefused extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, code: string) {
    super(`no token for AZURE_CLIENT_ID: ${code}`);
    this.statusCode = statusCode;
  }
}

export class ClientSecretCredential {
  private readonly url: URL;
  private readonly body: Buffer;
  private readonly agents: Agents;

  constructor(authority: string, { tenant, client, secret }: ClientSecret, agents: Agents) {
    this.url = new URL(`${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`);
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: secret,
      scope: SCOPE,
    });
    this.body = Buffer.from(form.toString());
    this.agents = agents;
  }

  /** The SDK keeps it until it is about to expire. */
  async getToken(
    _scopes: string | string[],
    { abortSignal }: { readonly abortSignal?: unknown } = {},
  ): Promise<AccessToken> {
    const signal = abortSignal instanceof AbortSignal ? abortSignal : AbortSignal.timeout(30_000);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = { method: 'POST', url: this.url, headers, body: this.body };
    const answer = await sendRequest(request, this.agents, signal);
    let text = '';
    for await (const piece of answer.setEncoding('utf8')) {
      text += piece as string;
      if (text.length > TOKEN_BYTES_MAX) throw new Error('the token is too long');
    }
    const told = parsed(text);
    const { statusCode = 0 } = answer;
    if (statusCode >= 500) throw new TokenRefused(statusCode, `HTTP status ${statusCode}`);
    if (statusCode !== 200 || typeof told['access_token'] !== 'string') {
      throw new TokenRefused(401, String(told['error'] ?? `HTTP status ${statusCode}`));
    }
    const seconds = Number(told['expires_in'] ?? 0);
    return { token: told['access_token'], expiresOnTimestamp: Date.now() + seconds * 1000 };
  }
}

const TOKEN_BYTES_MAX = 1 << 20;

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
