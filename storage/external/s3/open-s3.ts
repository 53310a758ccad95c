import type * as Sdk from '@aws-sdk/client-s3';
import { SqlError } from '../../../base/errors';
import type { ExternalStorage } from '../external-storage';
import { ObjectStorage } from '../objects/object-storage';
import type { ExternalStorageOptions } from '../storage-options';
import { type Agents, makeAgents } from '../transport';
import { type LocationUri, redactUri } from '../uri';
import { assumeRoles } from './assume-roles';
import { S3Driver, s3Reason } from './s3-driver';
import { type S3Location, s3Location } from './s3-location';

/** The region that services with an endpoint of their own are told of. Source: CockroachDB. */
const ENDPOINT_REGION = 'default-region';

/** Where a bucket's region is asked for. */
const FIRST_REGION = 'us-east-1';

/** Loaded by the first use: it takes a while, and memory. */
function loadS3Sdk(): typeof Sdk {
  // It would print that its next versions need a later Node.js; docs/decisions/0006 knows.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  // Half the time of import(), which would look for the names in its one large file first; each thread loads it anew.
  return require('@aws-sdk/client-s3') as typeof Sdk;
}

/** @throws see `openStorage`; SqlError for a bucket whose region can't be found */
export async function openS3(
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  const s3 = s3Location(location);
  const sdk = loadS3Sdk();
  const agents = makeAgents(
    options.customCa ?? '',
    s3.endpoint === '' ? undefined : new URL(s3.endpoint).host,
  );
  try {
    const credentials = await credentialsOf(s3, agents);
    const config = clientConfig(s3, credentials, agents);
    const region = regionOf(sdk, s3, config, options.signal);
    const driver = new S3Driver(sdk, new sdk.S3Client({ ...config, region }), agents, s3);
    return new ObjectStorage(driver, {
      redactedUrl: redactUri(uri),
      root: `s3://${s3.bucket}`,
      prefix: s3.prefix,
      signal: options.signal,
      patience: options.patience,
      timeoutMs: options.timeoutMs,
      known: options.knownObjects?.holder(uri),
    });
  } catch (error) {
    agents.destroy();
    throw error;
  }
}

type Credentials = NonNullable<Sdk.S3ClientConfig['credentials']>;

async function credentialsOf(s3: S3Location, agents: Agents): Promise<Credentials | undefined> {
  if (s3.roles.length === 0) return s3.credentials;
  return await assumeRoles(s3.roles, s3.credentials, s3.region || FIRST_REGION, agents);
}

function clientConfig(
  { endpoint }: S3Location,
  credentials: Credentials | undefined,
  { http: httpAgent, https: httpsAgent }: Agents,
): Sdk.S3ClientConfig {
  return {
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === '' ? {} : { endpoint, forcePathStyle: true }),
    // Our own attempts are the same for every provider, and go on where a body broke off.
    maxAttempts: 1,
    requestHandler: { httpAgent, httpsAgent },
    // Emulators and older services store the checksum's trailer as part of the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: SILENT,
  };
}

/** The SDK's own logs could name what must not be shown. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };

/** A bucket's region is found out by the first request. */
function regionOf(
  sdk: typeof Sdk,
  s3: S3Location,
  config: Sdk.S3ClientConfig,
  signal: AbortSignal | undefined,
): string | (() => Promise<string>) {
  if (s3.region !== '') return s3.region;
  if (s3.endpoint !== '') return ENDPOINT_REGION;
  let found: Promise<string> | undefined;
  return () => {
    found ??= findRegion(
      sdk,
      new sdk.S3Client({ ...config, region: FIRST_REGION }),
      s3.bucket,
      signal,
    );
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
}

/** Any answer about a bucket tells its region, a refusal as well. */
export async function findRegion(
  sdk: typeof Sdk,
  client: Sdk.S3Client,
  bucket: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const command = new sdk.HeadBucketCommand({ Bucket: bucket });
    const options = signal === undefined ? {} : { abortSignal: signal };
    return (await client.send(command, options)).BucketRegion ?? FIRST_REGION;
  } catch (error) {
    const region = headerOf(error, 'x-amz-bucket-region');
    if (region !== undefined) return region;
    signal?.throwIfAborted();
    const { kind, message } = s3Reason(error);
    if (kind === 'missing' || kind === 'missingContainer') {
      const words = `could not find s3 bucket's region: s3 bucket "${bucket}" does not exist`;
      throw new SqlError('undefinedObject', words, { cause: error });
    }
    const code = kind === 'transient' ? 'connectionFailure' : 'ioError';
    throw new SqlError(code, `could not find s3 bucket's region: ${message}`, { cause: error });
  }
}

function headerOf(error: unknown, name: string): string | undefined {
  const { $response } = error as { $response?: { headers?: Record<string, string> } };
  return $response?.headers?.[name];
}
