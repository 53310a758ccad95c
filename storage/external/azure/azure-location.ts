import { notSupported, SqlError } from '../../../base/errors';
import { type LocationUri, locationParam, refuseUnknownParams } from '../uri';

/** What an `azure://` URL says. Source: CockroachDB, cloud/azure/azure_storage.go. */
export interface AzureLocation {
  readonly container: string;
  readonly prefix: string;
  readonly account: string;
  readonly credentials:
    | { readonly kind: 'key'; readonly key: string }
    | {
        readonly kind: 'client';
        readonly tenant: string;
        readonly client: string;
        readonly secret: string;
      };
  readonly environment: AzureEnvironment;
  /** Of an emulator, the account's name included; empty: the environment's. */
  readonly endpoint: string;
}

export interface AzureEnvironment {
  readonly storageSuffix: string;
  /** Who gives out tokens. */
  readonly authority: string;
}

/** By their names in AZURE_ENVIRONMENT. Source: Azure/go-autorest, azure/environments.go. */
const ENVIRONMENTS: Readonly<Record<string, AzureEnvironment>> = {
  AzurePublicCloud: {
    storageSuffix: 'core.windows.net',
    authority: 'https://login.microsoftonline.com',
  },
  AzureUSGovernmentCloud: {
    storageSuffix: 'core.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
  },
  AzureChinaCloud: {
    storageSuffix: 'core.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
  },
  AzureGermanCloud: {
    storageSuffix: 'core.cloudapi.de',
    authority: 'https://login.microsoftonline.de',
  },
};

const PARAMS = [
  'AUTH',
  'AZURE_ACCOUNT_NAME',
  'AZURE_ACCOUNT_KEY',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_TENANT_ID',
  'AZURE_ENVIRONMENT',
  'AZURE_ENDPOINT',
];

/** @throws SqlError invalidParameterValue (22023) */
export function azureLocation(location: LocationUri): AzureLocation {
  const param = (name: string): string => locationParam(location, name);
  const credentials = credentialsOf(param);
  refuseUnknownParams(location, 'azure', PARAMS);
  if (location.host === '') {
    throw new SqlError(
      'invalidParameterValue',
      'azure URI has no container: azure://container/path',
    );
  }
  const name = param('AZURE_ENVIRONMENT') || 'AzurePublicCloud';
  const environment = ENVIRONMENTS[name];
  if (environment === undefined) {
    throw new SqlError('invalidParameterValue', `azure environment "${name}" is not known`, {
      hint: `There are: ${Object.keys(ENVIRONMENTS).join(', ')}.`,
    });
  }
  const endpoint = param('AZURE_ENDPOINT').replace(/\/+$/, '');
  if (endpoint !== '' && !/^https?:\/\/[^/]/i.test(endpoint)) {
    throw new SqlError('invalidParameterValue', 'AZURE_ENDPOINT is not a URL');
  }
  return {
    container: location.host,
    prefix: location.path,
    account: param('AZURE_ACCOUNT_NAME'),
    credentials,
    environment,
    endpoint,
  };
}

function credentialsOf(param: (name: string) => string): AzureLocation['credentials'] {
  const missing = (names: readonly string[]): void => {
    const first = names.find((name) => param(name) === '');
    if (first === undefined) return;
    throw new SqlError('invalidParameterValue', `azure uri missing "${first}" parameter`);
  };
  const auth = param('AUTH');
  if (auth === 'implicit') {
    throw notSupported(
      'AUTH=implicit of azure URLs',
      'Give AZURE_ACCOUNT_KEY, or AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID.',
    );
  }
  if (auth !== '' && auth !== 'specified') {
    throw new SqlError('invalidParameterValue', `unsupported value ${auth} for AUTH`);
  }
  missing(['AZURE_ACCOUNT_NAME']);
  if (param('AZURE_CLIENT_ID') !== '' && param('AZURE_ACCOUNT_KEY') === '') {
    missing(['AZURE_CLIENT_SECRET', 'AZURE_TENANT_ID']);
    return {
      kind: 'client',
      tenant: param('AZURE_TENANT_ID'),
      client: param('AZURE_CLIENT_ID'),
      secret: param('AZURE_CLIENT_SECRET'),
    };
  }
  missing(['AZURE_ACCOUNT_KEY']);
  // A plus sign that was not escaped has been read as a space.
  return { kind: 'key', key: param('AZURE_ACCOUNT_KEY').replaceAll(' ', '+') };
}
