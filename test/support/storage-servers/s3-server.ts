import { join } from 'node:path';
import { temporaryDirectory } from '../ootheca-process';
import { repoRoot } from '../shared';
import { query, type StorageServer, startProgram, stopProgram } from './storage-server';

/** The only account that s3rver knows. */
export const S3_KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } as const;

/** s3rver, from npm. */
export async function startS3(): Promise<StorageServer> {
  const directory = temporaryDirectory();
  const program = join(repoRoot, 'node_modules', 's3rver', 'bin', 's3rver.js');
  const { child, found } = await startProgram(
    process.execPath,
    [
      '--no-deprecation',
      program,
      '-d',
      directory.path,
      '-a',
      '127.0.0.1',
      '-p',
      '0',
      '--configure-bucket',
      'bucket',
    ],
    /listening on 127\.0\.0\.1:(\d+)/,
  );
  const address = `127.0.0.1:${found}`;
  const uri = (bucket: string, path: string, through = address, params = {}): string =>
    `s3://${bucket}/${path}?${query({ ...S3_KEYS, AWS_ENDPOINT: `http://${through}`, ...params })}`;
  return {
    address,
    uri: (path, through, params) => uri('bucket', path, through, params),
    missingBucketUri: (path) => uri('nosuch', path),
    async stop() {
      await stopProgram(child);
      directory.remove();
    },
  };
}
