import type * as Sdk from '@aws-sdk/client-kms';
import { notSupported, SqlError } from '../../../base/errors';
import type { ExternalStorageOptions } from '../storage-options';
import { type Agents, makeAgents } from '../transport';
import { type LocationUri, locationParam } from '../uri';
import type { Kms } from './kms';
import { kmsFailure } from './kms-failure';

/** AWS KMS: `aws:///<key id or ARN>?REGION=…&AWS_ACCESS_KEY_ID=…`. */

const PARAMS: ReadonlySet<string> = new Set([
  'AUTH',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT',
  'REGION',
]);

/** Tries of one request, of which a service that does not answer takes all. */
const ATTEMPTS_MAX = 4;

/** Loaded by the first use: it takes a while, and memory. */
function loadSdk(): typeof Sdk {
  // It would print that its next versions need a later Node.js; docs/decisions/0006 knows.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return require('@aws-sdk/client-kms') as typeof Sdk;
}

export async function openAwsKms(
  location: LocationUri,
  options: ExternalStorageOptions,
): Promise<Kms> {
  const param = (name: string): string => locationParam(location, name);
  const unknown = location.params.find(([name]) => !PARAMS.has(name))?.[0];
  if (unknown !== undefined) throw notSupported(`parameter ${unknown} of an aws kms URI`);
  const credentials = credentialsOf(param, options);
  const endpoint = param('AWS_ENDPOINT');
  if (endpoint !== '' && options.httpDisabled === true) {
    throw invalid('custom endpoints disallowed for aws kms due to --external-io-disable-http flag');
  }
  const region = param('REGION');
  if (region === '') throw invalid('could not find the aws kms region');
  const masterKeyId = location.path.replace(/^\//, '');
  if (masterKeyId === '') throw invalid('the aws kms URI names no key: aws:///key');
  const host = endpoint !== '' && URL.canParse(endpoint) ? new URL(endpoint).host : undefined;
  const agents = makeAgents(options.customCa ?? '', host);
  const sdk = loadSdk();
  const client = new sdk.KMSClient({
    region,
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === '' ? {} : { endpoint }),
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: { httpAgent: agents.http, httpsAgent: agents.https },
  });
  return new AwsKms(sdk, client, agents, masterKeyId);
}

const invalid = (message: string): SqlError => new SqlError('invalidParameterValue', message);

/** undefined: the environment's. */
function credentialsOf(
  param: (name: string) => string,
  { implicitCredentialsDisabled }: ExternalStorageOptions,
): Sdk.KMSClientConfig['credentials'] {
  const auth = param('AUTH');
  if (auth === 'implicit') {
    if (implicitCredentialsDisabled !== true) return undefined;
    throw invalid(
      'implicit credentials disallowed for aws kms due to --external-io-disable-implicit-credentials flag',
    );
  }
  if (auth !== '' && auth !== 'specified') throw invalid(`unsupported value ${auth} for AUTH`);
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].find((name) => param(name) === '');
  if (missing !== undefined) {
    throw invalid(`AUTH is set to 'specified', but ${missing} is not set`);
  }
  // A plus sign that was not escaped has been read as a space; secrets have no spaces.
  const secret = (name: string): string => param(name).replaceAll(' ', '+');
  const sessionToken = secret('AWS_SESSION_TOKEN');
  return {
    accessKeyId: param('AWS_ACCESS_KEY_ID'),
    secretAccessKey: secret('AWS_SECRET_ACCESS_KEY'),
    ...(sessionToken === '' ? {} : { sessionToken }),
  };
}

class AwsKms implements Kms {
  readonly masterKeyId: string;
  private readonly sdk: typeof Sdk;
  private readonly client: Sdk.KMSClient;
  private readonly agents: Agents;

  constructor(sdk: typeof Sdk, client: Sdk.KMSClient, agents: Agents, masterKeyId: string) {
    this.sdk = sdk;
    this.client = client;
    this.agents = agents;
    this.masterKeyId = masterKeyId;
  }

  async encrypt(plain: Uint8Array): Promise<Uint8Array> {
    const command = new this.sdk.EncryptCommand({ KeyId: this.masterKeyId, Plaintext: plain });
    const { CiphertextBlob } = await this.client.send(command).catch(kmsFailure('aws', 'encrypt'));
    return CiphertextBlob ?? new Uint8Array();
  }

  async decrypt(encrypted: Uint8Array): Promise<Uint8Array> {
    const command = new this.sdk.DecryptCommand({
      KeyId: this.masterKeyId,
      CiphertextBlob: encrypted,
    });
    const { Plaintext } = await this.client.send(command).catch(kmsFailure('aws', 'decrypt'));
    return Plaintext ?? new Uint8Array();
  }

  close(): void {
    this.client.destroy();
    this.agents.destroy();
  }
}
