import { endObjectThread } from '../../../storage/external/object-thread/object-thread-host';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { startAzure } from '../../support/storage-servers/azure-server';
import { startGs } from '../../support/storage-servers/gs-server';
import { hasNginx, startNginx } from '../../support/storage-servers/nginx-server';
import { startS3 } from '../../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../../support/storage-servers/storage-server';
import { describeExternalStorage } from './conformance';

const options: ExternalStorageOptions = {
  externalIoDir: undefined,
  nodeId: 1,
  patience: { attemptsMax: 3, backoffMs: 1, backoffMsMax: 5, silenceMs: 10_000 },
};

function describeServer(
  scheme: string,
  start: () => Promise<StorageServer>,
  lists = true,
  objectThread = false,
): void {
  describe(objectThread ? `${scheme}, in the thread of object storages` : scheme, () => {
    let server: StorageServer;
    let run = 0;
    beforeAll(async () => {
      server = await start();
    }, SERVER_START_MS);
    afterAll(async () => {
      await endObjectThread();
      await server?.stop();
    });
    beforeEach(() => {
      run++;
    });

    const open = (path: string) => openStorage(server.uri(path), { ...options, objectThread });

    describeExternalStorage(
      scheme,
      () => ({
        put: async (path, bytes) => {
          const storage = await open(`c/${run}`);
          await storage.write(path, bytes);
          await storage.close();
        },
        open: () => open(`c/${run}`),
        openMissing: () => open('nosuch'),
      }),
      lists,
    );
  });
}

describeServer('s3', startS3);
describeServer('s3', startS3, true, true);
describeServer('gs', startGs);
describeServer('azure', startAzure);
if (hasNginx) describeServer('http', startNginx, false);
else describe.skip('http (needs nginx)', () => test('is skipped', () => undefined));
