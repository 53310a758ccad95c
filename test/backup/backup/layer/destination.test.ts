import { setTimeout as sleep } from 'node:timers/promises';
import { takeDirectory } from '../../../../backup/backup/layer/destination';
import { notSupported } from '../../../../base/errors';
import { MemoryStorage } from '../../../support/memory-storage';
import { sqlState } from '../../../support/sql-state';

const URI = 'nodelocal://1/x';
const id = (n: number): string => String(n).padStart(32, '0');

/** Requests that take their time, each another one. */
class SlowStorage extends MemoryStorage {
  private readonly delayMs: () => number;

  constructor(files: Map<string, Uint8Array>, delayMs: () => number) {
    super(files);
    Object.assign(this, { files });
    this.delayMs = delayMs;
  }

  override async open(path: string) {
    await sleep(this.delayMs());
    return await super.open(path);
  }

  override async *list(prefix: string) {
    await sleep(this.delayMs());
    yield* super.list(prefix);
  }

  override async write(path: string, bytes: Uint8Array) {
    await sleep(this.delayMs());
    await super.write(path, bytes);
  }

  override async delete(path: string) {
    await sleep(this.delayMs());
    await super.delete(path);
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  'of servers that want one directory at once at most one gets it: %d',
  async (seed) => {
    let state = seed;
    const delayMs = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state % 6;
    };
    const files = new Map<string, Uint8Array>();
    const attempts = await Promise.allSettled(
      Array.from({ length: 3 }, async (_, i) => {
        await sleep(delayMs());
        await takeDirectory(new SlowStorage(files, delayMs), URI, 'd', id(i));
        return i;
      }),
    );
    const winners = attempts.filter(({ status }) => status === 'fulfilled');
    expect(winners.length).toBeLessThanOrEqual(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected')
        expect(String(attempt.reason)).toMatch(
          /nodelocal:\/\/1\/x\/d already contains a BACKUP-(LOCK-\d+|CHECKPOINT) file/,
        );
    }
    const taken =
      winners.length === 0 ? [] : ['d/BACKUP-CHECKPOINT', 'd/BACKUP-CHECKPOINT-CHECKSUM'];
    expect([...files.keys()].sort()).toEqual(taken);
  },
);

test.each(['BACKUP_MANIFEST', 'BACKUP', 'BACKUP-CHECKPOINT', `BACKUP-LOCK-${id(7)}`])(
  'a directory with a %s is not free',
  async (name) => {
    const storage = new MemoryStorage([[name, Buffer.from('x')]]);
    await expect(takeDirectory(storage, URI, '', id(1))).rejects.toThrow(
      sqlState('58P02', new RegExp(`^${URI} already contains a ${name} file`)),
    );
    expect([...storage.files.keys()]).toEqual([name]);
  },
);

test('where files can not be listed, those that are there are looked for', async () => {
  class Unlisted extends MemoryStorage {
    // biome-ignore lint/correctness/useYield: it throws, as http does
    override async *list(): AsyncGenerator<string> {
      throw notSupported('listing');
    }
  }
  const storage = new Unlisted();
  await takeDirectory(storage, URI, '', id(1));
  await expect(takeDirectory(storage, URI, '', id(2))).rejects.toThrow('BACKUP-CHECKPOINT');
});
