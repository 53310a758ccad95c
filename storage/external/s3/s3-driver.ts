import type { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import { rangeHeader, totalOfContentRange, unknownBody } from '../objects/content-range';
import {
  type ErrorReason,
  kindOfStatus,
  type ListPage,
  type ListRequest,
  type ObjectBody,
  type ObjectDriver,
  type ObjectRange,
  type ObjectStat,
  type ObjectUpload,
  type UnknownBody,
  type UnknownRange,
} from '../objects/object-driver';
import type { Agents } from '../transport';
import type { S3Location } from './s3-location';

/** Objects of an S3 bucket. */
export class S3Driver implements ObjectDriver {
  readonly provider = 's3';
  readonly container: string;
  private readonly sdk: typeof Sdk;
  private readonly client: Sdk.S3Client;
  private readonly agents: Agents;
  private readonly location: S3Location;

  /** @param client does not try again by itself */
  constructor(sdk: typeof Sdk, client: Sdk.S3Client, agents: Agents, location: S3Location) {
    this.sdk = sdk;
    this.client = client;
    this.agents = agents;
    this.location = location;
    this.container = `bucket "${location.bucket}"`;
  }

  async stat(key: string, abortSignal: AbortSignal): Promise<ObjectStat> {
    const command = new this.sdk.HeadObjectCommand({ Bucket: this.location.bucket, Key: key });
    const { ContentLength, ETag = '' } = await this.client.send(command, { abortSignal });
    if (ContentLength === undefined) throw new Error('the answer has no Content-Length');
    return { sizeBytes: ContentLength, version: ETag };
  }

  async read(key: string, range: ObjectRange, abortSignal: AbortSignal): Promise<ObjectBody> {
    const command = new this.sdk.GetObjectCommand({
      Bucket: this.location.bucket,
      Key: key,
      Range: `bytes=${range.start}-${range.end - 1}`,
      ...(range.version === '' ? {} : { IfMatch: range.version }),
    });
    const { Body, ContentRange, ContentLength } = await this.client.send(command, { abortSignal });
    const stream = Body as Readable;
    return ContentRange === undefined
      ? { stream, offset: 0, sizeBytes: ContentLength }
      : { stream, ...totalOfContentRange(ContentRange) };
  }

  async readUnknown(
    key: string,
    which: UnknownRange,
    abortSignal: AbortSignal,
  ): Promise<UnknownBody | undefined> {
    const { bucket, endpoint } = this.location;
    // Services like it, and emulators more so, may know nothing of ranges that are counted from the end.
    if (endpoint !== '' && which !== 'whole' && 'last' in which) return undefined;
    const Range = rangeHeader(which);
    const range = Range === undefined ? {} : { Range };
    const command = new this.sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...range });
    const answer = await this.client.send(command, { abortSignal });
    const { Body, ContentRange, ContentLength, ETag } = answer;
    return unknownBody(Body as Readable, ContentRange, ContentLength, ETag);
  }

  readonly listPage = async (
    { prefix, delimiter, token }: ListRequest,
    abortSignal: AbortSignal,
  ): Promise<ListPage> => {
    const command = new this.sdk.ListObjectsV2Command({
      Bucket: this.location.bucket,
      Prefix: prefix,
      ...(delimiter === '' ? {} : { Delimiter: delimiter }),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    const page = await this.client.send(command, { abortSignal });
    return {
      keys: (page.Contents ?? []).flatMap(({ Key }) => Key ?? []),
      prefixes: (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []),
      token: page.IsTruncated === true ? page.NextContinuationToken : undefined,
    };
  };

  async put(key: string, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const { bucket } = this.location;
    const command = new this.sdk.PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: bytes,
      ContentLength: bytes.length,
      ...this.storedAs,
    });
    await this.client.send(command, { abortSignal });
  }

  readonly startUpload = async (key: string, abortSignal: AbortSignal): Promise<ObjectUpload> => {
    const { sdk, client } = this;
    const { bucket } = this.location;
    const start = new sdk.CreateMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      ...this.storedAs,
    });
    const { UploadId } = await client.send(start, { abortSignal });
    const upload = { Bucket: bucket, Key: key, UploadId };
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    return {
      async part(index, bytes, _last, signal) {
        const command = new sdk.UploadPartCommand({
          ...upload,
          PartNumber: index + 1,
          Body: bytes,
          ContentLength: bytes.length,
        });
        const { ETag } = await client.send(command, { abortSignal: signal });
        parts[index] = { PartNumber: index + 1, ETag };
      },
      async complete(signal) {
        const command = new sdk.CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: parts },
        });
        await client.send(command, { abortSignal: signal });
      },
      async abort(signal) {
        await client.send(new sdk.AbortMultipartUploadCommand(upload), { abortSignal: signal });
      },
    };
  };

  async delete(key: string, abortSignal: AbortSignal): Promise<void> {
    const command = new this.sdk.DeleteObjectCommand({ Bucket: this.location.bucket, Key: key });
    await this.client.send(command, { abortSignal });
  }

  reasonOf(error: unknown): ErrorReason {
    return s3Reason(error);
  }

  close(): void {
    this.client.destroy();
    this.agents.destroy();
  }

  private get storedAs(): Pick<
    Sdk.PutObjectCommandInput,
    'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass'
  > {
    const { encryption, storageClass } = this.location;
    return {
      ...(encryption === undefined ? {} : { ServerSideEncryption: encryption.mode }),
      ...(encryption?.kmsId ? { SSEKMSKeyId: encryption.kmsId } : {}),
      ...(storageClass === '' ? {} : { StorageClass: storageClass as Sdk.StorageClass }),
    };
  }
}

/** By the service's own codes, where the status alone does not tell. Source: Amazon S3 API, error responses. */
const KINDS: Readonly<Record<string, ErrorReason['kind']>> = {
  NoSuchBucket: 'missingContainer',
  NoSuchKey: 'missing',
  NotFound: 'missing',
  InvalidAccessKeyId: 'unauthenticated',
  SignatureDoesNotMatch: 'unauthenticated',
  ExpiredToken: 'unauthenticated',
  InvalidToken: 'unauthenticated',
  TokenRefreshRequired: 'unauthenticated',
  CredentialsProviderError: 'unauthenticated',
  RequestTimeTooSkewed: 'unauthenticated',
  AccessDenied: 'denied',
  RequestTimeout: 'transient',
  SlowDown: 'transient',
  Throttling: 'transient',
  ThrottlingException: 'transient',
  NoSuchUpload: 'permanent',
  BadDigest: 'transient',
  IncompleteBody: 'transient',
};

export function s3Reason(error: unknown): ErrorReason {
  const {
    name = '',
    message = '',
    $metadata,
  } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const kind = KINDS[name] ?? kindOfStatus(status);
  const code = name === '' || name === 'Error' ? '' : `${name}: `;
  const told = message === '' || message === 'UnknownError' ? `HTTP status ${status}` : message;
  return { kind, message: oneLine(code + told) };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 500);
