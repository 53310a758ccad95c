import { SqlError } from '../../../base/errors';
import { type LocationUri, locationParam, refuseUnknownParams } from '../uri';

/** What an `s3://` URL says. Source: CockroachDB, cloud/amazon/s3_storage.go. */
export interface S3Location {
  readonly bucket: string;
  readonly prefix: string;
  /** Undefined: what the server's environment has. */
  readonly credentials: S3Credentials | undefined;
  /** Of an S3-compatible service, with its scheme; empty: Amazon's. */
  readonly endpoint: string;
  /** Empty: to be found out. */
  readonly region: string;
  readonly encryption: { readonly mode: 'AES256' | 'aws:kms'; readonly kmsId: string } | undefined;
  readonly storageClass: string;
  /** Roles to take on, one after the other. */
  readonly roles: readonly AssumedRole[];
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AssumedRole {
  readonly arn: string;
  readonly externalId: string | undefined;
}

const PARAMS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT',
  'AWS_REGION',
  'AUTH',
  'AWS_SERVER_ENC_MODE',
  'AWS_SERVER_KMS_ID',
  'S3_STORAGE_CLASS',
  'ASSUME_ROLE',
];

/** @throws SqlError invalidParameterValue (22023) */
export function s3Location(location: LocationUri): S3Location {
  const param = (name: string): string => locationParam(location, name);
  const credentials = credentialsOf(param);
  refuseUnknownParams(location, 'S3', PARAMS);
  if (location.host === '') {
    throw new SqlError('invalidParameterValue', 's3 URI has no bucket: s3://bucket/path');
  }
  return {
    bucket: location.host,
    prefix: location.path,
    credentials,
    endpoint: withScheme(param('AWS_ENDPOINT')),
    region: param('AWS_REGION'),
    encryption: encryptionOf(param),
    storageClass: param('S3_STORAGE_CLASS'),
    roles: rolesOf(param('ASSUME_ROLE')),
  };
}

function credentialsOf(param: (name: string) => string): S3Credentials | undefined {
  const auth = param('AUTH');
  if (auth === 'implicit') return undefined;
  if (auth !== '' && auth !== 'specified') {
    throw new SqlError('invalidParameterValue', `unsupported value ${auth} for AUTH`);
  }
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].find((name) => param(name) === '');
  if (missing !== undefined) {
    throw new SqlError(
      'invalidParameterValue',
      `AUTH is set to 'specified', but ${missing} is not set`,
    );
  }
  const sessionToken = param('AWS_SESSION_TOKEN');
  return {
    accessKeyId: param('AWS_ACCESS_KEY_ID'),
    // A plus sign that was not escaped has been read as a space; secrets have no spaces.
    secretAccessKey: param('AWS_SECRET_ACCESS_KEY').replaceAll(' ', '+'),
    ...(sessionToken === '' ? {} : { sessionToken: sessionToken.replaceAll(' ', '+') }),
  };
}

function withScheme(endpoint: string): string {
  if (endpoint === '') return '';
  const full = /^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`;
  if (URL.canParse(full)) return full;
  throw new SqlError('invalidParameterValue', 'AWS_ENDPOINT is not a URL');
}

function encryptionOf(param: (name: string) => string): S3Location['encryption'] {
  const mode = param('AWS_SERVER_ENC_MODE');
  const kmsId = param('AWS_SERVER_KMS_ID');
  switch (mode) {
    case '':
      if (kmsId === '') return undefined;
      throw new SqlError(
        'invalidParameterValue',
        'AWS_SERVER_KMS_ID is set, but AWS_SERVER_ENC_MODE is not',
      );
    case 'AES256':
      return { mode, kmsId };
    case 'aws:kms':
      if (kmsId !== '') return { mode, kmsId };
      throw new SqlError(
        'invalidParameterValue',
        'AWS_SERVER_KMS_ID param must be set when using aws:kms server side encryption mode.',
      );
    default:
      throw new SqlError(
        'invalidParameterValue',
        `unsupported server encryption mode ${mode}. Supported values are \`aws:kms\` and \`AES256\`.`,
      );
  }
}

/** `arn[;external_id=…][,arn…]`. Source: CockroachDB's documentation of ASSUME_ROLE. */
function rolesOf(text: string): AssumedRole[] {
  if (text === '') return [];
  return text.split(',').map((part) => {
    const [arn = '', ...options] = part.split(';');
    let externalId: string | undefined;
    for (const option of options) {
      if (!option.startsWith('external_id=')) {
        throw new SqlError('invalidParameterValue', `unsupported option of ASSUME_ROLE: ${option}`);
      }
      externalId = option.slice('external_id='.length);
    }
    if (arn === '') throw new SqlError('invalidParameterValue', 'ASSUME_ROLE names no role');
    return { arn, externalId };
  });
}
