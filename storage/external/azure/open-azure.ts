import type { RequestPolicyFactory } from '@azure/storage-blob';
import { SqlError } from '../../../base/errors';
import type { ExternalStorage } from '../external-storage';
import { ObjectStorage } from '../objects/object-storage';
import type { ExternalStorageOptions } from '../storage-options';
import { type Agents, makeAgents } from '../transport';
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
  const { BlobServiceClient, StorageSharedKeyCredential, newPipeline } = loadAzureSdk();
  const { credentials, account, environment } = azure;
  if (credentials.kind === 'key' && !/^[A-Za-z0-9+/]+={0,2}$/.test(credentials.key)) {
    throw new SqlError('invalidParameterValue', 'AZURE_ACCOUNT_KEY is not in base64');
  }
  const endpoint = azure.endpoint || `https://${account}.blob.${environment.storageSuffix}`;
  const customCa = options.customCa ?? '';
  const blobAgents = makeAgents(customCa, new URL(endpoint).host);
  const tokenAgents = makeAgents(customCa, new URL(environment.authority).host);
  const credential =
    credentials.kind === 'key'
      ? new StorageSharedKeyCredential(account, credentials.key)
      : new ClientSecretCredential(environment.authority, credentials, tokenAgents);
  const pipeline = newPipeline(credential, {
    // Our own attempts are the same for every provider, and go on where a body broke off.
    retryOptions: { maxTries: 1 },
  });
  pipeline.factories.unshift(throughAgents(blobAgents));
  const client = new BlobServiceClient(endpoint, pipeline).getContainerClient(azure.container);
  const driver = new AzureDriver(client, () => {
    blobAgents.destroy();
    tokenAgents.destroy();
  });
  return new ObjectStorage(driver, {
    redactedUrl: redactUri(uri),
    root: `azure://${azure.container}`,
    prefix: azure.prefix,
    signal: options.signal,
    patience: options.patience,
    timeoutMs: options.timeoutMs,
    known: options.knownObjects?.holder(uri),
  });
}

/** Has all requests made by our own agents, which know the proxy and the operator's CA. */
function throughAgents({ http, https }: Agents): RequestPolicyFactory {
  return {
    create: (next) => ({
      sendRequest: (request) => {
        request.agent = request.url.startsWith('https:') ? https : http;
        return next.sendRequest(request);
      },
    }),
  };
}
