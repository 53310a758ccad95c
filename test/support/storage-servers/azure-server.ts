import { join } from 'node:path';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { temporaryDirectory } from '../ootheca-process';
import { repoRoot } from '../shared';
import { query, type StorageServer, startProgram, stopProgram } from './storage-server';

const ACCOUNT = 'devstoreaccount1';

/** The key that is written in Azurite's manual; it opens nothing else. */
const KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Azurite, from npm. */
export async function startAzure(): Promise<StorageServer> {
  const directory = temporaryDirectory();
  const program = join(repoRoot, 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');
  const flags = ['--blobPort', '0', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const { child, found } = await startProgram(
    process.execPath,
    ['--no-deprecation', program, ...flags, '--location', directory.path],
    /listen(?:s|ing) (?:on|at) http:\/\/127\.0\.0\.1:(\d+)/,
  );
  const address = `127.0.0.1:${found}`;
  const client = new BlobServiceClient(
    `http://${address}/${ACCOUNT}`,
    new StorageSharedKeyCredential(ACCOUNT, KEY),
  );
  await client.createContainer('container');
  const uri = (container: string, path: string, through = address, params = {}): string => {
    const endpoint = { AZURE_ENDPOINT: `http://${through}/${ACCOUNT}` };
    const keys = { AZURE_ACCOUNT_NAME: ACCOUNT, AZURE_ACCOUNT_KEY: KEY };
    return `azure://${container}/${path}?${query({ ...keys, ...endpoint, ...params })}`;
  };
  return {
    address,
    uri: (path, through, params) => uri('container', path, through, params),
    missingBucketUri: (path) => uri('nosuch', path),
    async stop() {
      await stopProgram(child);
      directory.remove();
    },
  };
}
