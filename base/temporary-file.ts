import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file that nobody else sees, and that goes when it is closed or the process ends. Reading and writing block. */
export class TemporaryFile {
  private readonly fd: number;
  private bytes = 0;

  /** @throws the operating system's error */
  constructor(directory: string) {
    const path = join(directory, `ootheca-${randomUUID()}.tmp`);
    this.fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
  }

  get size(): number {
    return this.bytes;
  }

  /** @throws the operating system's error: ENOSPC, EIO */
  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.fd, bytes, at, bytes.length - at, this.bytes + at);
    }
    this.bytes += bytes.length;
  }

  /** Fills `into`. @throws the operating system's error; RangeError: there are not so many bytes */
  read(into: Uint8Array, position: number): void {
    for (let at = 0; at < into.length; ) {
      const count = readSync(this.fd, into, at, into.length - at, position + at);
      if (count === 0) throw new RangeError(`a temporary file has no byte ${position + at}`);
      at += count;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
