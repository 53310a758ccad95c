import { notSupported, SqlError } from '../../base/errors';
import type { ExternalStorage } from './external-storage';
import { openNodelocal } from './nodelocal';
import { type LocationUri, locationParam, parseLocation, redactUri } from './uri';

export interface ExternalStorageOptions {
  /** Where `nodelocal` URLs lead; undefined when the server was started without it. */
  readonly externalIoDir: string | undefined;
  /** This node's id in `nodelocal` URLs, beside `self`. */
  readonly nodeId: number;
}

type Opener = (
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
) => Promise<ExternalStorage>;

/** Schemes, and what the privilege check calls them. A row whose `open` is undefined is known but not built yet. */
interface Scheme {
  readonly provider: string;
  readonly open?: Opener;
  /** What is wrong with the parameters, in CockroachDB's words; undefined when they are right. */
  readonly parameterError?: (location: LocationUri) => string | undefined;
  /** Whether the URL itself carries what is needed to get in; if not, only admins may use it. */
  readonly isExplicit?: (location: LocationUri) => boolean;
}

const s3: Scheme = {
  provider: 's3',
  parameterError: s3ParameterError,
  isExplicit: (location) =>
    locationParam(location, 'AUTH') !== 'implicit' &&
    locationParam(location, 'AWS_ENDPOINT') === '',
};

const azure: Scheme = {
  provider: 'azure',
  parameterError: (location) => {
    const missing = ['AZURE_ACCOUNT_NAME', 'AZURE_ACCOUNT_KEY'].find(
      (name) => locationParam(location, name) === '',
    );
    return missing === undefined ? undefined : `azure uri missing "${missing}" parameter`;
  },
  isExplicit: () => true,
};

const SCHEMES: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['nodelocal', { provider: 'nodelocal', open: openNodelocal }],
  ['s3', s3],
  [
    'gs',
    {
      provider: 'gs',
      parameterError: (location) =>
        locationParam(location, 'AUTH') !== 'implicit' &&
        locationParam(location, 'CREDENTIALS') === ''
          ? 'CREDENTIALS must be set unless "AUTH" is "implicit"'
          : undefined,
      isExplicit: (location) => locationParam(location, 'AUTH') === 'specified',
    },
  ],
  ['azure', azure],
  ['azure-blob', azure],
  ['azure-storage', azure],
  ['http', { provider: 'http' }],
  ['https', { provider: 'http' }],
  ['userfile', { provider: 'userfile', isExplicit: () => true }],
  ['null', { provider: 'null', isExplicit: () => true }],
]);

function s3ParameterError(location: LocationUri): string | undefined {
  const auth = locationParam(location, 'AUTH');
  if (auth === 'implicit') return undefined;
  if (auth !== '' && auth !== 'specified') return `unsupported value ${auth} for AUTH`;
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].find(
    (name) => locationParam(location, name) === '',
  );
  return missing === undefined
    ? undefined
    : `AUTH is set to 'specified', but ${missing} is not set`;
}

/**
 * Opens the storage that a URL names. Nothing is read yet: a location that does not exist shows at the first file.
 * Callers put what they were doing before the message, e.g. `failed to open backup storage location: …`.
 * @throws SqlError invalidParameterValue (22023): the URL is wrong; featureNotSupported (0A000): a scheme that this version
 *   knows but cannot open; undefinedObject (42704): another node; objectNotInPrerequisiteState (55000): no external-io-dir
 */
export async function openStorage(
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  const location = parseLocation(uri);
  const scheme = SCHEMES.get(location.scheme);
  if (scheme === undefined) {
    throw new SqlError(
      'invalidParameterValue',
      `unsupported storage scheme: "${location.scheme}" - refer to docs to find supported storage schemes`,
    );
  }
  const wrong = scheme.parameterError?.(location);
  if (wrong !== undefined) throw new SqlError('invalidParameterValue', wrong);
  if (scheme.open === undefined) {
    const works = [...SCHEMES].filter(([, row]) => row.open !== undefined).map(([name]) => name);
    throw notSupported(
      `storage scheme "${location.scheme}" (${redactUri(uri)})`,
      `This version opens: ${works.join(', ')}. Copy the backup into the external-io-dir.`,
    );
  }
  return await scheme.open(location, uri, options);
}

/**
 * Who may use a URL: `explicit` ones carry their own credentials, all others reach what this server can reach and are for
 * admins. Source: CockroachDB, AccessIsWithExplicitAuth.
 * @returns the provider's name, as messages have it
 */
export function accessOf(uri: string): { readonly provider: string; readonly explicit: boolean } {
  const location = parseLocation(uri);
  const scheme = SCHEMES.get(location.scheme);
  return {
    provider: scheme?.provider ?? location.scheme,
    explicit: scheme?.isExplicit?.(location) ?? false,
  };
}
