import { type ExternalStorage, fileExists } from '../../../storage/external/external-storage';
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

/**
 * The promises of `ExternalStorage`; run on every implementation.
 * @param lists whether it can list its files; if not it has to say so
 */
export function describeExternalStorage(name: string, subject: () => Subject, lists = true): void {
  const listing = lists ? test : test.skip;
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

    listing('lists paths below a prefix in bytewise order', async () => {
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

    listing('a listing with a delimiter tells once of what is below it', async () => {
      const paths = ['x/A', 'x/data/1.sst', 'x/data/2.sst', 'x/y/data/3.sst', 'x/y/z', 'data/4'];
      for (const path of paths) await subject().put(path, bytes(1));
      const storage = await subject().open();
      expect(await collect(storage.list('', 'data/'))).toEqual([
        'data/',
        'x/A',
        'x/data/',
        'x/y/data/',
        'x/y/z',
      ]);
      expect(await collect(storage.list('x/', '/'))).toEqual(['x/A', 'x/data/', 'x/y/']);
      expect(await collect(storage.list('x/d', '/'))).toEqual(['x/data/']);
      expect(await collect(storage.list('x/data/', 'data/'))).toEqual([
        'x/data/1.sst',
        'x/data/2.sst',
      ]);
      await storage.close();
    });

    test('writes a file whole, over what is there', async () => {
      const storage = await subject().open();
      const written = bytes(100_000);
      await storage.write('new/deep/file', written);
      expect(Buffer.compare(await storage.readAll('new/deep/file', 200_000), written)).toBe(0);
      await storage.write('new/deep/file', bytes(3));
      expect([...(await storage.readAll('new/deep/file', 10))]).toEqual([...bytes(3)]);
      await storage.write('empty', bytes(0));
      expect(await storage.readAll('empty', 10)).toHaveLength(0);
      await storage.close();
    });

    test('a file that is written in pieces is there once it is finished', async () => {
      const storage = await subject().open();
      const writer = await storage.create('w/pieces');
      const piece = bytes(1000);
      await writer.write(piece);
      piece.fill(0); // it is ours again
      await writer.write(bytes(0));
      expect(await fileExists(storage, 'w/pieces')).toBe(false);
      await writer.write(bytes(7));
      await writer.finish();
      await writer.abort();
      const whole = Buffer.concat([bytes(1000), bytes(7)]);
      expect(Buffer.compare(await storage.readAll('w/pieces', 2000), whole)).toBe(0);
      if (lists) expect(await collect(storage.list('w/'))).toEqual(['w/pieces']);
      const nothing = await storage.create('w/nothing');
      await nothing.finish();
      expect(await storage.readAll('w/nothing', 10)).toHaveLength(0);
      await storage.close();
    });

    test('nothing remains of a file that was given up', async () => {
      const storage = await subject().open();
      await storage.write('g/old', bytes(5));
      for (const path of ['g/old', 'g/new']) {
        const writer = await storage.create(path);
        await writer.write(bytes(1000));
        await writer.abort();
      }
      if (lists) expect(await collect(storage.list('g/'))).toEqual(['g/old']);
      expect(await fileExists(storage, 'g/new')).toBe(false);
      expect(await storage.readAll('g/old', 10)).toHaveLength(5);
      await storage.close();
    });

    test('deletes files, also what is not there', async () => {
      const storage = await subject().open();
      await storage.write('d/x', bytes(1));
      await storage.delete('d/x');
      expect(await fileExists(storage, 'd/x')).toBe(false);
      await storage.delete('d/x');
      await storage.delete('d/never/there');
      await storage.close();
    });

    listing('a location that does not exist lists as empty', async () => {
      const storage = await subject().openMissing();
      expect(await collect(storage.list(''))).toEqual([]);
      await storage.close();
    });
  });
}
