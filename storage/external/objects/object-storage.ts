import { posix } from 'node:path';
import { CorruptionError, SqlError, type SqlStateName } from '../../../base/errors';
import { limits } from '../../../base/limits';
import {
  cutAtDelimiter,
  type ExternalFile,
  type ExternalStorage,
  type ExternalWriter,
  type KnownOfFile,
} from '../external-storage';
import { type Attempt, type AttemptsOptions, attempts, PATIENCE, type Patience } from './attempts';
import type { KnownObject, KnownObjectsHolder } from './known-objects';
import type { ErrorReason, ListPage, ObjectDriver } from './object-driver';
import { learnOf, ObjectFile, readWholeObject } from './object-file';
import { ObjectWriter } from './object-writer';

export interface ObjectStorageOptions {
  readonly redactedUrl: string;
  /** `s3://bucket`: what names of files begin with, without secrets. */
  readonly root: string;
  /** Of the keys, as in the URL; a slash in front is dropped. */
  readonly prefix: string;
  /** Ends everything that is under way, with its reason. */
  readonly signal: AbortSignal | undefined;
  readonly patience: Patience | undefined;
  /** Of each operation with all its attempts; 0 or undefined: without end. */
  readonly timeoutMs: number | undefined;
  /** Undefined: nothing is kept of objects. */
  readonly known: KnownObjectsHolder | undefined;
}

/** Files as objects of a bucket, a container, or a HTTP server. */
export class ObjectStorage implements ExternalStorage {
  readonly redactedUrl: string;
  private readonly driver: ObjectDriver;
  private readonly root: string;
  /** Without slashes at its ends. */
  private readonly prefix: string;
  private readonly signal: AbortSignal | undefined;
  private readonly patience: Patience;
  private readonly timeoutMs: number;
  private readonly known: KnownObjectsHolder | undefined;

  constructor(driver: ObjectDriver, options: ObjectStorageOptions) {
    this.driver = driver;
    this.redactedUrl = options.redactedUrl;
    this.root = options.root;
    this.prefix = keyOf('', options.prefix);
    this.signal = options.signal;
    this.patience = options.patience ?? PATIENCE;
    this.timeoutMs = options.timeoutMs ?? 0;
    this.known = options.known;
  }

  async open(
    path: string,
    { isFinal = false, isWanted = false }: KnownOfFile = {},
  ): Promise<ExternalFile> {
    const key = keyOf(this.prefix, path);
    const run = this.runner(path);
    const name = this.nameOf(path);
    if (!isFinal) {
      const stat = await run((attempt) => this.driver.stat(key, attempt.signal));
      return new ObjectFile(this.driver, key, name, { stat }, run);
    }
    const object = await this.learn(key, name, isWanted, run);
    return new ObjectFile(this.driver, key, name, object, run);
  }

  private async learn(
    key: string,
    name: string,
    isWanted: boolean,
    run: Run,
  ): Promise<KnownObject> {
    const { known, driver } = this;
    const found = known?.find(key);
    if (known !== undefined && found !== undefined) return known.hold(key, found);
    const headBytes = isWanted ? (known?.reserveHead() ?? 0) : 0;
    let wantedBytes = headBytes;
    try {
      const object = await run((attempt) => {
        const asked = wantedBytes;
        // Where connections break, reads in pieces get further: they go on where the last one broke off.
        wantedBytes = 0;
        return learnOf(driver, key, name, asked, attempt);
      });
      return known?.hold(key, object) ?? object;
    } finally {
      known?.releaseHead(headBytes);
    }
  }

  async readAll(path: string, bytesMax: number): Promise<Uint8Array> {
    const key = keyOf(this.prefix, path);
    return await readWholeObject(this.driver, key, this.nameOf(path), bytesMax, this.runner(path));
  }

  async *list(prefix: string, delimiter = ''): AsyncIterable<string> {
    const base = this.prefix === '' ? '' : `${this.prefix}/`;
    const run = this.runner(prefix);
    let token: string | undefined;
    let sent = delimiter;
    let count = 0;
    let last: string | undefined;
    let skipThrough: string | undefined;
    while (true) {
      const request = { prefix: base + prefix, delimiter: sent, token };
      const page: ListPage = await run((attempt) => this.listPage(request, attempt));
      if (page.prefixes.some((each) => !each.endsWith(delimiter))) {
        // Some services take a delimiter's first character for all of it: then they are asked for everything.
        sent = '';
        token = undefined;
        skipThrough = last;
        continue;
      }
      for (const key of sortedNames(page)) {
        if (++count > limits.listedFilesMax) throw this.tooMany();
        // Some tools make empty objects as directories.
        const isMarker = key.endsWith('/') && (delimiter === '' || !key.endsWith(delimiter));
        if (isMarker || !key.startsWith(base + prefix)) continue;
        const path = cutAtDelimiter(key.slice(base.length), prefix, delimiter);
        if (skipThrough !== undefined) {
          if (path === skipThrough) skipThrough = undefined;
          continue;
        }
        if (path === '' || path === last) continue;
        last = path;
        yield path;
      }
      if (page.token === token && token !== undefined) {
        throw new SqlError('ioError', `${this.nameOf(prefix)}: the listing does not get further`);
      }
      if (page.token === undefined) return;
      token = page.token;
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const key = keyOf(this.prefix, path);
    const run = this.runner(path, sendingMs(bytes.length));
    await run((attempt) => this.driver.put(key, bytes, attempt.signal));
  }

  async create(path: string): Promise<ExternalWriter> {
    const runFor = (byteCount: number): Run => this.runner(path, sendingMs(byteCount));
    return new ObjectWriter(this.driver, keyOf(this.prefix, path), this.nameOf(path), runFor);
  }

  async delete(path: string): Promise<void> {
    const key = keyOf(this.prefix, path);
    await this.runner(path)(async (attempt) => {
      try {
        await this.driver.delete(key, attempt.signal);
      } catch (error) {
        if (this.driver.reasonOf(error).kind !== 'missing') throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.known?.close();
    this.driver.close();
  }

  private listPage(
    request: Parameters<NonNullable<ObjectDriver['listPage']>>[0],
    attempt: Attempt,
  ): Promise<ListPage> {
    const { listPage, provider } = this.driver;
    if (listPage === undefined) {
      throw new SqlError('featureNotSupported', `${provider} storage does not support listing`, {
        hint: 'Name the backup itself, and its incremental layers.',
      });
    }
    return listPage(request, attempt.signal);
  }

  private nameOf(path: string): string {
    return `${this.root}/${keyOf(this.prefix, path)}`;
  }

  private tooMany(): SqlError {
    const message = `more than ${limits.listedFilesMax} files below ${this.redactedUrl}`;
    return new SqlError('programLimitExceeded', message);
  }

  private runner(path: string, graceMs = 0): Run {
    const { driver } = this;
    const options: AttemptsOptions = {
      patience: this.patience,
      signal: this.signal,
      graceMs,
      timeoutMs: this.timeoutMs,
      reasonOf: (error) => driver.reasonOf(error),
      failure: (reason, count, cause) =>
        objectError(driver, this.nameOf(path), reason, count, cause),
    };
    return async (body, progressed) => {
      try {
        return await attempts(options, body, progressed);
      } catch (error) {
        this.known?.forget(keyOf(this.prefix, path));
        throw error;
      }
    };
  }
}

/** Runs one operation on an object with all its attempts, and words what is wrong. */
export type Run = <T>(
  body: (attempt: Attempt) => Promise<T>,
  progressed?: () => boolean,
) => Promise<T>;

/** At a slow upstream's 64 KiB/s. */
const sendingMs = (byteCount: number): number => Math.ceil((byteCount / (64 << 10)) * 1000);

/** `path` below `prefix` as CockroachDB joins them: dot segments resolved, no slash in front. */
function keyOf(prefix: string, path: string): string {
  const joined = posix.join('/', prefix, path);
  return joined.slice(1).replace(/\/$/, '');
}

/** Keys and cut prefixes of one page, in bytewise order. */
function sortedNames({ keys, prefixes }: ListPage): readonly string[] {
  const named = [...keys, ...prefixes].map((name) => ({ name, bytes: Buffer.from(name) }));
  return named.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ name }) => name);
}

const CODES = {
  missing: 'undefinedFile',
  missingContainer: 'undefinedObject',
  unauthenticated: 'invalidAuthorizationSpecification',
  denied: 'insufficientPrivilege',
  changed: 'dataCorrupted',
  transient: 'connectionFailure',
  permanent: 'ioError',
} as const satisfies { readonly [K in ErrorReason['kind']]: SqlStateName };

/** An error in words: what, where, why, without secrets. */
function objectError(
  driver: ObjectDriver,
  name: string,
  { kind, message }: ErrorReason,
  count: number,
  cause: unknown,
): Error {
  const { provider, container } = driver;
  switch (kind) {
    case 'missing':
      return new SqlError(
        CODES.missing,
        `${provider} object does not exist: ${name}: ${message}: external_storage: file doesn't exist`,
        { cause },
      );
    case 'missingContainer':
      return new SqlError(
        CODES.missingContainer,
        `${provider} ${container} does not exist: ${name}: ${message}`,
        { cause },
      );
    case 'changed':
      return new CorruptionError(
        name,
        undefined,
        'the object was changed while it was read',
        cause,
      );
    case 'transient': {
      const tried = count > 1 ? ` (after ${count} attempts)` : '';
      return new SqlError(CODES.transient, `${provider} storage: ${name}: ${message}${tried}`, {
        cause,
      });
    }
    default:
      return new SqlError(CODES[kind], `${provider} storage: ${name}: ${message}`, { cause });
  }
}
