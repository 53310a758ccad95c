import { SqlError } from '../../../base/errors';
import type { ExternalStorage } from '../external-storage';
import { ObjectStorage } from '../objects/object-storage';
import type { ExternalStorageOptions } from '../storage-options';
import { makeAgents } from '../transport';
import { type LocationUri, redactUri } from '../uri';
import { AzureDriver, loadAzureSdk } from './azure-driver';
import { azureLocation } from './azure-location';
import { ClientSecretCredential } from './client-secret-credential';

/** @throws see `openStorage` */
export async function openAzure(
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  const azure = azureLocation(location);
  const { BlobServiceClient, StorageSharedKeyCredential } = await loadAzureSdk();
  const { credentials, account, environment } = azure;
  const agents = makeAgents('', new URL(environment.authority).host);
  if (credentials.kind === 'key' && !/^[A-Za-z0-9+/]+={0,2}$/.test(credentials.key)) {
    throw new SqlError('invalidParameterValue', 'AZURE_ACCOUNT_KEY is not in base64');
  }
  const credential =
    credentials.kind === 'key'
      ? new StorageSharedKeyCredential(account, credentials.key)
      : new ClientSecretCredential(environment.authority, credentials, agents);
  const endpoint = azure.endpoint || `https://${account}.blob.${environment.storageSuffix}`;
  const client = new BlobServiceClient(endpoint, credential, {
    // Our own attempts are the same for every provider, and go on where a body broke off.
    retryOptions: { maxTries: 1 },
  });
  const driver = new AzureDriver(client.getContainerClient(azure.container), agents);
  return new ObjectStorage(driver, {
    redactedUrl: redactUri(uri),
    root: `azure://${azure.container}`,
    prefix: azure.prefix,
    signal: options.signal,
    patience: options.patience,
    known: options.knownObjects?.holder(uri),
  });
}
