import { SqlError } from '../../../base/errors';
import { UnderWay } from '../../../base/under-way';
import {
  type ExternalStorage,
  type ExternalWriter,
  isListingUnsupported,
} from '../../../storage/external/external-storage';
import { encryptBytes } from '../../encryption';
import { joinPath } from '../../format/layout';
import type { Encrypt } from '../../format/manifest-writer';
import type { WrittenFile } from '../parts/part';
import type { BackupPayload } from '../payload';
import type { FinishedFile } from './span-writer';

/** The data files of a layer. */

export interface DataFilesOptions {
  readonly jobId: bigint;
  readonly payload: BackupPayload;
  readonly signal: AbortSignal;
  /** How many files have a name; all threads of a job count here. */
  readonly counter: Int32Array;
}

/** Data files of one job have numbers that follow its own, which no other file has: the last bits of ids name nodes. */
const FILES_MAX = 1 << 15;
/** Files that are written at a time, by a thread. */
const WRITING_MAX = 8;
/** Of them all, unless one alone is larger. */
const WRITING_BYTES_MAX = 16 << 20;
/** Larger ones are not held twice, but written piece by piece. */
const WHOLE_BYTES_MAX = 8 << 20;
const SOME_BYTES = 4 << 20;
const DATA_FILE = /^([0-9]{1,19})\.sst$/;

/** Writes data files of a layer. */
export class DataFiles {
  private written: WrittenFile[] = [];
  /** Of those in `written`. */
  private writes: Promise<void>[] = [];
  private readonly underWay = new UnderWay();
  private writingBytes = 0;
  private readonly storage: ExternalStorage;
  /** Of the storage; empty: the default one. */
  private readonly locality: string;
  private readonly options: DataFilesOptions;
  private readonly encrypt: Encrypt | undefined;

  constructor(storage: ExternalStorage, locality: string, options: DataFilesOptions) {
    this.storage = storage;
    this.locality = locality;
    this.options = options;
    this.encrypt = encryption(options.payload);
  }

  /** Begins to write what is finished; more is made meanwhile. A storage takes its time over each file, however small. */
  async turn(finished: FinishedFile[]): Promise<void> {
    for (let file = finished.shift(); file !== undefined; file = finished.shift()) {
      const bytes = file.pieces.reduce((sum, piece) => sum + piece.length, 0);
      while (!this.hasRoomFor(bytes)) await this.underWay.less();
      this.begin(file, bytes);
    }
    await nextTurn();
    this.options.signal.throwIfAborted();
  }

  private hasRoomFor(bytes: number): boolean {
    const { count } = this.underWay;
    if (count === 0) return true;
    return count < WRITING_MAX && this.writingBytes + bytes <= WRITING_BYTES_MAX;
  }

  private begin(file: FinishedFile, bytes: number): void {
    this.writingBytes += bytes;
    const write = this.write(file, bytes).then(() => {
      this.writingBytes -= bytes;
    });
    this.underWay.add(write);
    this.writes.push(write);
  }

  private async write({ pieces, span, counts }: FinishedFile, bytes: number): Promise<void> {
    const { counter, jobId, payload } = this.options;
    const number = Atomics.add(counter, 0, 1);
    if (number >= FILES_MAX) throw tooManyFiles();
    const path = `${jobId + BigInt(number)}.sst`;
    const { dataSize, rows, indexEntries } = counts;
    const plainCounts = { dataSize, rows, indexEntries };
    this.written.push({ path, span, counts: plainCounts, locality: this.locality });
    const { storage, encrypt } = this;
    const full = joinPath(payload.directory, path);
    if (encrypt !== undefined) await storage.write(full, encrypt(takeSome(pieces, bytes)));
    else if (bytes <= WHOLE_BYTES_MAX) await storage.write(full, takeSome(pieces, bytes));
    else await writePieces(await storage.create(full), pieces);
  }

  /** Files since this was called last. @returns when they are written */
  take(): Promise<WrittenFile[]> {
    const { written, writes } = this;
    this.written = [];
    this.writes = [];
    const all = Promise.all(writes).then(() => written);
    // Nobody may come to await it when another part has failed.
    all.catch(() => undefined);
    return all;
  }

  /** Removes what an earlier run of the job has left, but for the files that are kept; new ones get later numbers. */
  async beginAfter(kept: readonly WrittenFile[]): Promise<void> {
    const { counter, jobId, payload } = this.options;
    const numbers = kept.map(({ path }) => Number(BigInt(path.replace('.sst', '')) - jobId));
    Atomics.store(counter, 0, 1 + numbers.reduce((a, b) => Math.max(a, b), -1));
    const names = new Set(kept.map(({ path }) => path));
    await deleteDataFiles(this.storage, payload.directory, jobId, names);
  }
}

/** The first pieces as one, up to `bytesMax` or the first one's length. They are not held any longer. */
function takeSome(pieces: Uint8Array[], bytesMax: number): Buffer {
  let count = 0;
  for (let bytes = 0; count < pieces.length; count++) {
    bytes += pieces[count]?.length ?? 0;
    if (count > 0 && bytes > bytesMax) break;
  }
  return Buffer.concat(pieces.splice(0, count));
}

async function writePieces(writer: ExternalWriter, pieces: Uint8Array[]): Promise<void> {
  try {
    while (pieces.length > 0) await writer.write(takeSome(pieces, SOME_BYTES));
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function tooManyFiles(): SqlError {
  return new SqlError('programLimitExceeded', `a backup has at most ${FILES_MAX} data files here`);
}

/** Lets messages in: a request to stop is one. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function deleteDataFiles(
  storage: ExternalStorage,
  directory: string,
  jobId: bigint,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  const prefix = directory === '' ? '' : joinPath(directory, '');
  const found: string[] = [];
  try {
    for await (const path of storage.list(prefix, '/')) {
      const name = path.slice(prefix.length);
      const number = BigInt(DATA_FILE.exec(name)?.[1] ?? -1);
      if (kept.has(name)) continue;
      if (number >= jobId && number < jobId + BigInt(FILES_MAX)) found.push(path);
    }
  } catch (error) {
    // What can't be seen stays; no manifest will name it.
    if (!isListingUnsupported(error)) throw error;
  }
  for (const path of found) await storage.delete(path);
}

export function encryption({ key }: BackupPayload): Encrypt | undefined {
  if (key === undefined) return undefined;
  const bytes = Buffer.from(key, 'base64');
  return (plain) => encryptBytes(plain, bytes);
}
