import { join } from 'node:path';
import { asyncPsql } from '../support/async-psql';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';
import { startAzure } from '../support/storage-servers/azure-server';
import { startGs } from '../support/storage-servers/gs-server';
import { hasNginx, startNginx } from '../support/storage-servers/nginx-server';
import { startS3 } from '../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../support/storage-servers/storage-server';
import { uploadDirectory } from '../support/storage-servers/upload-directory';
import { expectedTpccHashes, tpccHashes } from '../support/tpcc-hashes';

/**
 * BACKUP of 600,000 rows to each scheme, and RESTORE from there. It takes half a minute a scheme, so only S3 is always tried; all
 * of them with `TPCC_STORAGES=all`.
 */

const LOCAL = {
  nodelocal: (path: string) => `nodelocal://1/${path}`,
  userfile: (path: string) => `userfile:///${path}`,
};

const SERVERS: Readonly<Record<string, () => Promise<StorageServer>>> = {
  s3: startS3,
  gs: startGs,
  azure: startAzure,
  ...(hasNginx ? { http: startNginx } : {}),
};

const everyScheme = ['s3', 'gs', 'azure', 'http', 'userfile', 'nodelocal'];
const tried = (scheme: string): boolean =>
  scheme === 's3' || process.env['TPCC_STORAGES'] === 'all';

describeShared('BACKUP of tpcc-1', () => {
  describePsql('to each scheme', () => {
    const directory = temporaryDirectory();
    let server: OothecaProcess;
    beforeAll(async () => {
      const collection = join(sharedDir, 'backups', 'generated', 'tpcc-1');
      const flags = [`--store=${join(directory.path, 's')}`, `--external-io-dir=${directory.path}`];
      server = await OothecaProcess.start(flags);
      const s3 = await startS3();
      await uploadDirectory(collection, s3.uri('tpcc'));
      const from = `'${s3.uri('tpcc')}'`;
      await asyncPsql(server, 'defaultdb', [`RESTORE DATABASE tpcc FROM LATEST IN ${from}`]);
      await s3.stop();
    }, 10 * SERVER_START_MS);
    afterAll(async () => {
      await server?.stop();
      directory.remove();
    });

    for (const scheme of everyScheme) {
      const isThere = scheme in SERVERS || scheme in LOCAL;
      const run = tried(scheme) && isThere ? test : test.skip;
      run(
        scheme,
        async () => {
          const storage = await SERVERS[scheme]?.();
          try {
            const local = LOCAL[scheme as keyof typeof LOCAL];
            const into = `'${storage?.uri('b') ?? local('b')}'`;
            const again = `again_${scheme}`;
            await asyncPsql(server, 'defaultdb', [`BACKUP DATABASE tpcc INTO ${into}`]);
            if (scheme !== 'http') {
              const shown = await asyncPsql(server, 'defaultdb', [`SHOW BACKUPS IN ${into}`]);
              expect(shown).toMatch(/^path\n2\d{3}\/[^\n]+\n$/);
            }
            await asyncPsql(server, 'defaultdb', [
              `RESTORE DATABASE tpcc FROM LATEST IN ${into} WITH new_db_name = '${again}'`,
            ]);
            expect(await tpccHashes(server, again)).toEqual(expectedTpccHashes());
            await asyncPsql(server, 'defaultdb', [`DROP DATABASE ${again} CASCADE`]);
          } finally {
            await storage?.stop();
          }
        },
        10 * SERVER_START_MS,
      );
    }
  });
});
