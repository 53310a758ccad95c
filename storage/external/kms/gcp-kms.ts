import type { AuthClient } from 'google-auth-library';
import { notSupported, SqlError } from '../../../base/errors';
import type { ExternalStorageOptions } from '../storage-options';
import { type LocationUri, locationParam } from '../uri';
import type { Kms } from './kms';
import { kmsFailure } from './kms-failure';

/** Google Cloud KMS: `gs:///projects/…/locations/…/keyRings/…/cryptoKeys/…?AUTH=specified&CREDENTIALS=…`. */

const PARAMS: ReadonlySet<string> = new Set([
  'AUTH',
  'CREDENTIALS',
  'GOOGLE_ENDPOINT',
  // Of later versions.
  'BEARER_TOKEN',
]);
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const SERVICE = 'https://cloudkms.googleapis.com';

/** What is asked of the service. Source: Cloud KMS API, v1. */
type Ask = (
  method: 'encrypt' | 'decrypt',
  body: Record<string, string>,
) => Promise<Record<string, string>>;

export async function openGcpKms(
  location: LocationUri,
  options: ExternalStorageOptions,
): Promise<Kms> {
  const param = (name: string): string => locationParam(location, name);
  const unknown = location.params.find(([name]) => !PARAMS.has(name))?.[0];
  if (unknown !== undefined) throw notSupported(`parameter ${unknown} of a gs kms URI`);
  const masterKeyId = location.path.replace(/^\//, '');
  if (masterKeyId === '') throw invalid('the gs kms URI names no key: gs:///projects/…');
  const credentials = credentialsOf(param, options);
  const endpoint = param('GOOGLE_ENDPOINT');
  if (endpoint !== '' && options.httpDisabled === true) {
    throw invalid('custom endpoints disallowed for gs kms due to --external-io-disable-http flag');
  }
  const client = await clientOf(credentials, param('BEARER_TOKEN'));
  const url = `${endpoint === '' ? SERVICE : endpoint}/v1/${encodeURI(masterKeyId)}`;
  const ask: Ask = async (method, body) => {
    const request = { url: `${url}:${method}`, method: 'POST' as const, data: body };
    return (await client.request<Record<string, string>>(request)).data;
  };
  return new GcpKms(masterKeyId, ask);
}

const invalid = (message: string): SqlError => new SqlError('invalidParameterValue', message);

/** @param credentials undefined: the environment's @param token instead of them; empty: none */
async function clientOf(
  credentials: Record<string, string> | undefined,
  token: string,
): Promise<AuthClient> {
  const { GoogleAuth, OAuth2Client } = await import('google-auth-library');
  if (token !== '') {
    const client = new OAuth2Client();
    client.setCredentials({ access_token: token });
    return client;
  }
  const given = credentials === undefined ? {} : { credentials };
  return await new GoogleAuth({ scopes: SCOPE, ...given }).getClient();
}

/** undefined: the environment's, or none. */
function credentialsOf(
  param: (name: string) => string,
  { implicitCredentialsDisabled }: ExternalStorageOptions,
): Record<string, string> | undefined {
  switch (param('AUTH')) {
    case 'implicit':
      if (implicitCredentialsDisabled !== true) return undefined;
      throw invalid(
        'implicit credentials disallowed for gcs due to --external-io-implicit-credentials flag',
      );
    case '':
    case 'specified':
      break;
    default:
      throw invalid(`unsupported value ${param('AUTH')} for AUTH`);
  }
  if (param('BEARER_TOKEN') !== '') return undefined;
  if (param('CREDENTIALS') === '') {
    throw invalid(`AUTH is set to 'specified', but CREDENTIALS is not set`);
  }
  try {
    const json = Buffer.from(param('CREDENTIALS').replaceAll(' ', '+'), 'base64').toString();
    return JSON.parse(json) as Record<string, string>;
  } catch {
    throw invalid('CREDENTIALS is not the base64 of a JSON key');
  }
}

class GcpKms implements Kms {
  readonly masterKeyId: string;
  private readonly ask: Ask;

  constructor(masterKeyId: string, ask: Ask) {
    this.masterKeyId = masterKeyId;
    this.ask = ask;
  }

  async encrypt(plain: Uint8Array): Promise<Uint8Array> {
    const body = { plaintext: Buffer.from(plain).toString('base64') };
    const { ciphertext = '' } = await this.ask('encrypt', body).catch(kmsFailure('gs', 'encrypt'));
    return Buffer.from(ciphertext, 'base64');
  }

  async decrypt(encrypted: Uint8Array): Promise<Uint8Array> {
    const body = { ciphertext: Buffer.from(encrypted).toString('base64') };
    const { plaintext = '' } = await this.ask('decrypt', body).catch(kmsFailure('gs', 'decrypt'));
    return Buffer.from(plaintext, 'base64');
  }

  close(): void {}
}
