import { SqlError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import type { ExternalWriter } from '../external-storage';
import type { ObjectDriver, ObjectUpload } from './object-driver';
import type { Run } from './object-storage';

/** Holds one part in memory. A file that fits into one is put by a single request. */
export class ObjectWriter implements ExternalWriter {
  readonly name: string;
  private readonly driver: ObjectDriver;
  private readonly key: string;
  /** For a request that sends so many bytes. */
  private readonly runFor: (byteCount: number) => Run;
  private pieces: Buffer[] = [];
  private heldBytes = 0;
  private upload: ObjectUpload | undefined;
  private partIndex = 0;
  private done = false;

  constructor(driver: ObjectDriver, key: string, name: string, runFor: (byteCount: number) => Run) {
    this.driver = driver;
    this.key = key;
    this.name = name;
    this.runFor = runFor;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (this.driver.startUpload !== undefined && this.heldBytes + rest.length > PART_BYTES) {
      const taken = rest.subarray(0, PART_BYTES - this.heldBytes);
      this.hold(taken);
      rest = rest.subarray(taken.length);
      await this.sendPart(false);
    }
    this.hold(rest);
    if (this.heldBytes > limits.unpartedUploadBytesMax) {
      throw new SqlError(
        'programLimitExceeded',
        `${this.name}: ${this.driver.provider} storage takes files of at most ${limits.unpartedUploadBytesMax} bytes`,
      );
    }
  }

  async finish(): Promise<void> {
    if (this.upload === undefined) {
      const bytes = this.takeHeld();
      const run = this.runFor(bytes.length);
      await run((attempt) => this.driver.put(this.key, bytes, attempt.signal));
    } else {
      const { upload } = this;
      await this.sendPart(true);
      await this.runFor(0)((attempt) => upload.complete(attempt.signal));
    }
    this.done = true;
  }

  async abort(): Promise<void> {
    if (this.done) return;
    this.done = true;
    this.takeHeld();
    // Also when everything else has been told to end. What remains of an upload is no object.
    await this.upload?.abort(AbortSignal.timeout(ABORT_MS)).catch(() => undefined);
  }

  private hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.push(Buffer.from(bytes));
    this.heldBytes += bytes.length;
  }

  private takeHeld(): Buffer {
    const bytes = Buffer.concat(this.pieces, this.heldBytes);
    this.pieces = [];
    this.heldBytes = 0;
    return bytes;
  }

  private async sendPart(last: boolean): Promise<void> {
    const { driver, key } = this;
    const upload =
      this.upload ??
      (await this.runFor(0)(async (attempt) => await driver.startUpload?.(key, attempt.signal)));
    if (upload === undefined) return;
    this.upload = upload;
    const bytes = this.takeHeld();
    const index = this.partIndex++;
    await this.runFor(bytes.length)((attempt) => upload.part(index, bytes, last, attempt.signal));
  }
}

/** Of 10,000 parts, which is what S3 takes: an object of 80 GB. */
const PART_BYTES = limits.uploadPartBytes;

const ABORT_MS = 10_000;
