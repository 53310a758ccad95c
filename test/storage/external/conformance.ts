import type { ExternalStorage } from '../../../storage/external/external-storage';
import { sqlState } from '../../support/sql-state';

/** What a storage under test has to provide. */
export interface Subject {
  /** Puts a file where the storage will find it as `path`. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  open(): Promise<ExternalStorage>;
  /** A storage at a location that does not exist. */
  openMissing(): Promise<ExternalStorage>;
}

async function collect(paths: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const path of paths) found.push(path);
  return found;
}

const bytes = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (i * 31) & 255);

/** The promises of `ExternalStorage`; run on every implementation. */
export function describeExternalStorage(name: string, subject: () => Subject): void {
  describe(`${name} keeps the promises of ExternalStorage`, () => {
    test('reads spans of a file, in any order', async () => {
      await subject().put('a/b.sst', bytes(1000));
      const storage = await subject().open();
      const file = await storage.open('a/b.sst');
      expect(file.sizeBytes).toBe(1000);
      expect([...(await file.read(990, 1000))]).toEqual([...bytes(1000).subarray(990)]);
      expect([...(await file.read(0, 3))]).toEqual([0, 31, 62]);
      expect(await file.read(1000, 1000)).toHaveLength(0);
      const both = await Promise.all([file.read(1, 2), file.read(2, 3)]);
      expect(both.map((part) => part[0])).toEqual([31, 62]);
      await file.close();
      await storage.close();
    });

    test.each([
      [0, 11],
      [9, 11],
      [11, 12],
      [5, 4],
      [-1, 4],
      [0, 2 ** 60],
      [0.5, 1],
      [0, Number.NaN],
    ])('bytes [%d, %d) of a file of 10 are an error', async (start, end) => {
      await subject().put('ten', bytes(10));
      const storage = await subject().open();
      const file = await storage.open('ten');
      await expect(file.read(start, end)).rejects.toMatchObject({ name: 'CorruptionError' });
      await file.close();
      await storage.close();
    });

    test('reads whole files, up to a bound', async () => {
      await subject().put('LATEST', bytes(20));
      await subject().put('empty', bytes(0));
      const storage = await subject().open();
      expect([...(await storage.readAll('LATEST', 20))]).toEqual([...bytes(20)]);
      expect(await storage.readAll('empty', 0)).toHaveLength(0);
      await expect(storage.readAll('LATEST', 19)).rejects.toThrow(sqlState('54000', /LATEST/));
      await storage.close();
    });

    test('a missing file is 58P01', async () => {
      const storage = await subject().open();
      const missing = sqlState('58P01', /does(n't| not) exist/);
      await expect(storage.open('nosuch')).rejects.toThrow(missing);
      await expect(storage.readAll('no/such', 10)).rejects.toThrow(missing);
      await storage.close();
      const nowhere = await subject().openMissing();
      await expect(nowhere.open('x')).rejects.toThrow(missing);
      await nowhere.close();
    });

    test('lists paths below a prefix in bytewise order', async () => {
      const paths = ['a', 'a.b', 'a-/x', 'a0', 'b/c', 'b/c.d', 'b/c-e/f', 'b/é', 'b/z', 'b.c'];
      for (const path of paths) await subject().put(path, bytes(1));
      const storage = await subject().open();
      const sorted = [...paths].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(await collect(storage.list(''))).toEqual(sorted);
      expect(await collect(storage.list('b/'))).toEqual(sorted.filter((p) => p.startsWith('b/')));
      expect(await collect(storage.list('b'))).toEqual(sorted.filter((p) => p.startsWith('b')));
      expect(await collect(storage.list('b/c'))).toEqual(['b/c', 'b/c-e/f', 'b/c.d']);
      expect(await collect(storage.list('nosuch/'))).toEqual([]);
      await storage.close();
    });

    test('a location that does not exist lists as empty', async () => {
      const storage = await subject().openMissing();
      expect(await collect(storage.list(''))).toEqual([]);
      await storage.close();
    });
  });
}
