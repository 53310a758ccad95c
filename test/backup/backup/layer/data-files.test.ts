import { create } from '@bufbuild/protobuf';
import { DataFiles } from '../../../../backup/backup/layer/data-files';
import type { FinishedFile } from '../../../../backup/backup/layer/span-writer';
import type { BackupPayload } from '../../../../backup/backup/payload';
import { RowCountSchema } from '../../../../backup/format/gen/backup_pb';
import type { ExternalStorage } from '../../../../storage/external/external-storage';

/** Says when each file is written. */
class SlowStorage {
  readonly waiting: { path: string; resolve: () => void; reject: (error: Error) => void }[] = [];

  write(path: string): Promise<void> {
    return new Promise((resolve, reject) => this.waiting.push({ path, resolve, reject }));
  }
}

function open(): { storage: SlowStorage; files: DataFiles } {
  const storage = new SlowStorage();
  const payload = { directory: 'd' } as BackupPayload;
  const { signal } = new AbortController();
  const counter = new Int32Array(1);
  const options = { jobId: 1000n, payload, signal, counter };
  return { storage, files: new DataFiles(storage as unknown as ExternalStorage, '', options) };
}

const fileOf = (bytes: number): FinishedFile => ({
  pieces: [Buffer.alloc(bytes)],
  span: { start: Buffer.of(1), end: Buffer.of(2) },
  counts: create(RowCountSchema),
});

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
};

test.each([
  ['small ones, eight at a time', 10, 8],
  ['large ones, 16 MiB at a time', 6 << 20, 2],
  ['one that is larger than that, alone', 20 << 20, 1],
])('files are written beside each other: %s', async (_name, bytes, most) => {
  const { storage, files } = open();
  const turn = files.turn(Array.from({ length: 10 }, () => fileOf(bytes)));
  const written = files.take();
  expect(await isSettled(turn)).toBe(false);
  expect(storage.waiting).toHaveLength(most);
  storage.waiting[most - 1]?.resolve();
  expect(await isSettled(turn)).toBe(false);
  expect(storage.waiting).toHaveLength(most + 1);
  for (let i = 0; i < 10; i++) {
    storage.waiting[i]?.resolve();
    await isSettled(written);
  }
  await turn;
  const all = [...(await written), ...(await files.take())].map(({ path }) => path);
  expect(all).toEqual(Array.from({ length: 10 }, (_, i) => `${1000 + i}.sst`));
});

test('who takes files waits for them, and learns of one that failed; so does who has more of them', async () => {
  const { storage, files } = open();
  await files.turn([fileOf(1), fileOf(1)]);
  const written = files.take();
  storage.waiting[0]?.resolve();
  expect(await isSettled(written)).toBe(false);
  storage.waiting[1]?.reject(new Error('disk full'));
  await expect(written).rejects.toThrow('disk full');
  const more = files.turn(Array.from({ length: 9 }, () => fileOf(1)));
  await expect(more).rejects.toThrow('disk full');
});
