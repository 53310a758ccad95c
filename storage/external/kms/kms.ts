import { SqlError } from '../../../base/errors';
import type { ExternalStorageOptions } from '../storage-options';
import { type LocationUri, parseLocation } from '../uri';

/** A key management service: it has a master key, which never leaves it, and encrypts the keys of data with that. */
export interface Kms {
  /** What the URL calls the master key; backups keep the SHA-256 of it. */
  readonly masterKeyId: string;
  /** @throws SqlError */
  encrypt(plain: Uint8Array): Promise<Uint8Array>;
  /** @throws SqlError */
  decrypt(encrypted: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

/** @throws SqlError invalidParameterValue (22023) */
export type OpenKms = (uri: string, options: ExternalStorageOptions) => Promise<Kms>;

type OpenScheme = (location: LocationUri, options: ExternalStorageOptions) => Promise<Kms>;

const openAws: OpenScheme = async (...given) =>
  await (await import('./aws-kms.js')).openAwsKms(...given);
const openGcp: OpenScheme = async (...given) =>
  await (await import('./gcp-kms.js')).openGcpKms(...given);

/** The second names are those of later versions. */
const SCHEMES: ReadonlyMap<string, OpenScheme> = new Map([
  ['aws', openAws],
  ['aws-kms', openAws],
  ['gs', openGcp],
  ['gcp-kms', openGcp],
]);

export const openKms: OpenKms = async (uri, options) => {
  const location = parseLocation(uri);
  const open = SCHEMES.get(location.scheme);
  if (open !== undefined) return await open(location, options);
  throw new SqlError(
    'invalidParameterValue',
    `no factory method found for scheme ${location.scheme}`,
  );
};

const PROVIDERS: Readonly<Record<string, string>> = {
  aws: 'aws',
  'aws-kms': 'aws',
  gs: 'gs',
  'gcp-kms': 'gs',
};

/** Whose credentials a KMS is asked with: those of the URL, or this server's own. */
export function kmsAccess(uri: string): { readonly provider: string; readonly explicit: boolean } {
  const { scheme, params } = parseLocation(uri);
  const param = (name: string) => params.find(([key]) => key === name)?.[1] ?? '';
  const auth = param('AUTH');
  const provider = PROVIDERS[scheme] ?? scheme;
  const explicit =
    auth !== 'implicit' && param('AWS_ENDPOINT') === '' && param('GOOGLE_ENDPOINT') === '';
  return { provider, explicit: provider === 'gs' ? explicit && auth === 'specified' : explicit };
}
