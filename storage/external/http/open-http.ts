import { SqlError } from '../../../base/errors';
import type { ExternalStorage } from '../external-storage';
import { ObjectStorage } from '../objects/object-storage';
import type { ExternalStorageOptions } from '../storage-options';
import { makeAgents } from '../transport';
import { type LocationUri, redactUri } from '../uri';
import { HttpDriver } from './http-driver';

/** @throws see `openStorage` */
export async function openHttp(
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  if (options.httpDisabled === true) {
    throw new SqlError('objectNotInPrerequisiteState', 'external http access disabled');
  }
  if (location.host === '' || !URL.canParse(uri)) {
    throw new SqlError('invalidParameterValue', 'http URI has no host: http://host/path');
  }
  const base = new URL(uri);
  base.hash = '';
  // All other parameters are the server's.
  base.searchParams.delete('COCKROACH_LOCALITY');
  const agents = makeAgents(options.customCa ?? '', base.host);
  return new ObjectStorage(new HttpDriver(base, agents), {
    redactedUrl: redactUri(uri),
    root: `${base.protocol}//${base.host}`,
    prefix: location.path,
    signal: options.signal,
    patience: options.patience,
    timeoutMs: options.timeoutMs,
    known: options.knownObjects?.holder(uri),
  });
}
