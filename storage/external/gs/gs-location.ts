import { SqlError } from '../../../base/errors';
import { type LocationUri, locationParam, refuseUnknownParams } from '../uri';

/** What a `gs://` URL says. Source: CockroachDB, cloud/gcp/gcs_storage.go. */
export interface GsLocation {
  readonly bucket: string;
  readonly prefix: string;
  readonly credentials:
    | { readonly kind: 'implicit' }
    /** A key file's JSON. */
    | { readonly kind: 'key'; readonly json: Readonly<Record<string, unknown>> }
    | { readonly kind: 'token'; readonly token: string };
  /** Service accounts to act as: the last one, through those before it. */
  readonly roles: readonly string[];
  /** The project that pays for requests; empty: the bucket's. */
  readonly billingProject: string;
  /** Of an emulator; empty: Google's. */
  readonly endpoint: string;
}

const PARAMS = [
  'AUTH',
  'CREDENTIALS',
  'BEARER_TOKEN',
  'GOOGLE_BILLING_PROJECT',
  'GOOGLE_ENDPOINT',
  'ASSUME_ROLE',
];

/** @throws SqlError invalidParameterValue (22023) */
export function gsLocation(location: LocationUri): GsLocation {
  const param = (name: string): string => locationParam(location, name);
  const credentials = credentialsOf(param);
  refuseUnknownParams(location, 'GS', PARAMS);
  if (location.host === '') {
    throw new SqlError('invalidParameterValue', 'gs URI has no bucket: gs://bucket/path');
  }
  const endpoint = param('GOOGLE_ENDPOINT');
  if (endpoint !== '' && !/^https?:\/\/[^/]/i.test(endpoint)) {
    throw new SqlError('invalidParameterValue', 'GOOGLE_ENDPOINT is not a URL');
  }
  return {
    bucket: location.host,
    prefix: location.path,
    credentials,
    roles: rolesOf(param('ASSUME_ROLE')),
    billingProject: param('GOOGLE_BILLING_PROJECT'),
    endpoint,
  };
}

function credentialsOf(param: (name: string) => string): GsLocation['credentials'] {
  if (param('AUTH') === 'implicit') return { kind: 'implicit' };
  const token = param('BEARER_TOKEN');
  if (token !== '') return { kind: 'token', token };
  const credentials = param('CREDENTIALS');
  if (credentials === '') {
    throw new SqlError(
      'invalidParameterValue',
      'CREDENTIALS must be set unless "AUTH" is "implicit"',
    );
  }
  return { kind: 'key', json: keyJson(credentials) };
}

/** `account[,account…]`. Source: CockroachDB's documentation of ASSUME_ROLE. */
function rolesOf(text: string): string[] {
  if (text === '') return [];
  const roles = text.split(',').map((role) => role.trim());
  if (!roles.includes('')) return roles;
  throw new SqlError('invalidParameterValue', 'ASSUME_ROLE names no role');
}

/** The message does not repeat what is wrong: it is a secret. */
function keyJson(base64: string): Readonly<Record<string, unknown>> {
  try {
    // A plus sign that was not escaped has been read as a space.
    const text = Buffer.from(base64.replaceAll(' ', '+'), 'base64').toString('utf8');
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {
    // Told of below.
  }
  throw new SqlError(
    'invalidParameterValue',
    'decoding value of CREDENTIALS: it is not the JSON of a key in base64',
  );
}
