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

  async create(path: string) {
    return {
      name: path,
      write: async () => undefined,
      finish: () => this.write(path),
      abort: async () => undefined,
    };
  }
}

/** Keeps what it is given, or fails at the second piece of a file. */
class PieceStorage {
  readonly written: Uint8Array[] = [];
  aborted = 0;
  private readonly fails: boolean;

  constructor(fails: boolean) {
    this.fails = fails;
  }

  async create() {
    return {
      write: async (bytes: Uint8Array): Promise<void> => {
        if (this.fails && this.written.length > 0) throw new Error('disk full');
        this.written.push(bytes);
      },
      finish: async () => undefined,
      abort: async () => void this.aborted++,
    };
  }
}

function open(): { storage: SlowStorage; files: DataFiles } {
  const storage = new SlowStorage();
  return { storage, files: filesIn(storage) };
}

function filesIn(storage: object): DataFiles {
  const payload = { directory: 'd' } as BackupPayload;
  const { signal } = new AbortController();
  const counter = new Int32Array(1);
  const options = { jobId: 1000n, payload, signal, counter };
  return new DataFiles(storage as ExternalStorage, '', options);
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

const MIB = 1 << 20;

test('a large file is written in some pieces, none of which is held any longer', async () => {
  const pieces = Array.from({ length: 11 }, (_, i) => Buffer.alloc(MIB, i));
  pieces.push(Buffer.alloc(5 * MIB, 11));
  const storage = new PieceStorage(false);
  const files = filesIn(storage);
  const expected = Buffer.concat(pieces);
  const file = { ...fileOf(0), pieces };
  await files.turn([file]);
  await files.take();
  expect(storage.written.map(({ length }) => length / MIB)).toEqual([4, 4, 3, 5]);
  expect(Buffer.compare(Buffer.concat(storage.written), expected)).toBe(0);
  expect(pieces).toEqual([]);
  expect(storage.aborted).toBe(0);
});

test('of a large file that can not be written whole nothing is left', async () => {
  const storage = new PieceStorage(true);
  const files = filesIn(storage);
  await files.turn([{ ...fileOf(0), pieces: [Buffer.alloc(5 * MIB), Buffer.alloc(5 * MIB)] }]);
  await expect(files.take()).rejects.toThrow('disk full');
  expect(storage.aborted).toBe(1);
});
