import { SqlError } from '../../base/errors';
import type * as Azure from './azure/open-azure';
import { connectedUri, EXTERNAL_SCHEME } from './external-connection';
import type { ExternalStorage } from './external-storage';
import type * as Gs from './gs/open-gs';
import type * as Http from './http/open-http';
import { openNodelocal } from './nodelocal';
import { openNull } from './null-storage';
import type * as S3 from './s3/open-s3';
import type { ExternalStorageOptions } from './storage-options';
import { type LocationUri, locationParam, parseLocation } from './uri';
import type * as Userfile from './userfile/open-userfile';

type Opener = (
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
) => Promise<ExternalStorage>;

/**
 * How a scheme's URLs are opened, and what the privilege check calls them. What only one scheme needs is loaded by its first use:
 * every thread that reads a backup starts with this file. By `require`: the first `import()` of a thread takes 10 ms more.
 */
interface Scheme {
  readonly provider: string;
  readonly open: Opener;
  /** Whether the URL itself carries what is needed to get in; if not, only admins may use it. */
  readonly isExplicit?: (location: LocationUri) => boolean;
  /** Whether it is reached over the network, with a client that is slow to load. */
  readonly isObjects?: true;
}

const isImplicit = (location: LocationUri): boolean =>
  locationParam(location, 'AUTH') === 'implicit';

const isWithout = (location: LocationUri, name: string): boolean =>
  locationParam(location, name) === '';

/** What they lead to is reached by this server, not by the user. */
const ENDPOINTS = ['AWS_ENDPOINT', 'GOOGLE_ENDPOINT', 'AZURE_ENDPOINT'];

const azure: Scheme = {
  provider: 'azure',
  isObjects: true,
  open: async (...at) => await (require('./azure/open-azure.js') as typeof Azure).openAzure(...at),
  isExplicit: (location) => !isImplicit(location) && isWithout(location, 'AZURE_ENDPOINT'),
};

const http: Scheme = {
  provider: 'http',
  isObjects: true,
  open: async (...at) => await (require('./http/open-http.js') as typeof Http).openHttp(...at),
};

const SCHEMES: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ['nodelocal', { provider: 'nodelocal', open: openNodelocal }],
  [
    's3',
    {
      provider: 's3',
      isObjects: true,
      open: async (...at) => await (require('./s3/open-s3.js') as typeof S3).openS3(...at),
      isExplicit: (location) => !isImplicit(location) && isWithout(location, 'AWS_ENDPOINT'),
    },
  ],
  [
    'gs',
    {
      provider: 'gs',
      isObjects: true,
      open: async (...at) => await (require('./gs/open-gs.js') as typeof Gs).openGs(...at),
      isExplicit: (location) =>
        locationParam(location, 'AUTH') === 'specified' && isWithout(location, 'GOOGLE_ENDPOINT'),
    },
  ],
  ['azure', azure],
  ['azure-blob', azure],
  ['azure-storage', azure],
  ['http', http],
  ['https', http],
  ['null', { provider: 'null', open: openNull, isExplicit: () => true }],
  [
    'userfile',
    {
      provider: 'userfile',
      open: async (...at) =>
        await (require('./userfile/open-userfile.js') as typeof Userfile).openUserfile(...at),
      isExplicit: () => true,
    },
  ],
]);

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
  if (location.scheme === EXTERNAL_SCHEME) {
    return await openStorage(connectedUri(location, options), options);
  }
  const scheme = SCHEMES.get(location.scheme);
  if (scheme === undefined) {
    throw new SqlError(
      'invalidParameterValue',
      `unsupported storage scheme: "${location.scheme}" - refer to docs to find supported storage schemes`,
    );
  }
  if (options.implicitCredentialsDisabled === true && isImplicit(location)) {
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `implicit credentials disallowed for ${scheme.provider} due to --external-io-implicit-credentials flag`,
    );
  }
  if (options.httpDisabled === true && ENDPOINTS.some((name) => !isWithout(location, name))) {
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `custom endpoints disallowed for ${scheme.provider} due to --external-io-disable-http flag`,
    );
  }
  if (scheme.isObjects && options.objectThread === true) {
    return await (await import('./object-thread/threaded-storage.js')).openThreaded(uri, options);
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
