import type { Readable } from 'node:stream';
import type * as Sdk from '@azure/storage-blob';
import { totalOfContentRange, unknownBody } from '../objects/content-range';
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

/** Loaded by the first use: it takes a while, and memory; by import() twice the time. */
export const loadAzureSdk = () => require('@azure/storage-blob') as typeof Sdk;

/** Blobs of an Azure container. */
export class AzureDriver implements ObjectDriver {
  readonly provider = 'azure';
  readonly container: string;
  private readonly client: Sdk.ContainerClient;
  readonly close: () => void;

  /** @param client does not try again by itself @param close frees its connections */
  constructor(client: Sdk.ContainerClient, close: () => void) {
    this.client = client;
    this.close = close;
    this.container = `container "${client.containerName}"`;
  }

  async stat(key: string, abortSignal: AbortSignal): Promise<ObjectStat> {
    const blob = this.client.getBlobClient(key);
    const { contentLength, etag = '' } = await blob.getProperties({ abortSignal });
    if (contentLength === undefined) throw new Error('the answer has no Content-Length');
    return { sizeBytes: contentLength, version: etag };
  }

  async read(key: string, range: ObjectRange, abortSignal: AbortSignal): Promise<ObjectBody> {
    const { start, end, version } = range;
    const answer = await this.client.getBlobClient(key).download(start, end - start, {
      abortSignal,
      maxRetryRequests: 0,
      ...(version === '' ? {} : { conditions: { ifMatch: version } }),
    });
    const stream = answer.readableStreamBody as Readable;
    return answer.contentRange === undefined
      ? { stream, offset: 0, sizeBytes: answer.contentLength }
      : { stream, ...totalOfContentRange(answer.contentRange) };
  }

  /** The service has no ranges that are counted from the end. */
  async readUnknown(
    key: string,
    which: UnknownRange,
    abortSignal: AbortSignal,
  ): Promise<UnknownBody | undefined> {
    if (which !== 'whole' && 'last' in which) return undefined;
    const count = which === 'whole' ? undefined : which.first;
    const options = { abortSignal, maxRetryRequests: 0 };
    const answer = await this.client.getBlobClient(key).download(0, count, options);
    const { readableStreamBody, contentRange, contentLength, etag } = answer;
    return unknownBody(readableStreamBody as Readable, contentRange, contentLength, etag);
  }

  readonly listPage = async (
    { prefix, delimiter, token }: ListRequest,
    abortSignal: AbortSignal,
  ): Promise<ListPage> => {
    const settings = token === undefined ? {} : { continuationToken: token };
    if (delimiter === '') {
      const pages = this.client.listBlobsFlat({ prefix, abortSignal }).byPage(settings);
      const { value } = await pages.next();
      const items = value?.segment?.blobItems ?? [];
      const keys = items.map(({ name }: { name: string }) => name);
      return { keys, prefixes: [], token: value?.continuationToken || undefined };
    }
    const options = { prefix, abortSignal };
    const pages = this.client.listBlobsByHierarchy(delimiter, options).byPage(settings);
    const { value } = await pages.next();
    const { blobItems = [], blobPrefixes = [] } = value?.segment ?? {};
    return {
      keys: blobItems.map(({ name }: { name: string }) => name),
      prefixes: blobPrefixes.map(({ name }: { name: string }) => name),
      token: value?.continuationToken || undefined,
    };
  };

  async put(key: string, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const blob = this.client.getBlockBlobClient(key);
    await blob.upload(Buffer.from(bytes), bytes.length, { abortSignal });
  }

  readonly startUpload = async (key: string): Promise<ObjectUpload> => {
    const blob = this.client.getBlockBlobClient(key);
    const blocks: string[] = [];
    return {
      async part(index, bytes, _last, abortSignal) {
        const id = Buffer.from(String(index).padStart(8, '0')).toString('base64');
        await blob.stageBlock(id, bytes, bytes.length, { abortSignal });
        blocks[index] = id;
      },
      async complete(abortSignal) {
        await blob.commitBlockList(blocks, { abortSignal });
      },
      // Blocks that no list names are no blob; the service drops them after a week.
      async abort() {},
    };
  };

  async delete(key: string, abortSignal: AbortSignal): Promise<void> {
    await this.client.getBlobClient(key).delete({ abortSignal });
  }

  reasonOf(error: unknown): ErrorReason {
    return azureReason(error);
  }
}

/** By the service's own codes, where the status alone does not tell. Source: Azure, "Blob service error codes". */
const KINDS: Readonly<Record<string, ErrorReason['kind']>> = {
  ContainerNotFound: 'missingContainer',
  ContainerBeingDeleted: 'missingContainer',
  AuthenticationFailed: 'unauthenticated',
  InvalidAuthenticationInfo: 'unauthenticated',
  ENOTFOUND: 'transient',
};

function azureReason(error: unknown): ErrorReason {
  const {
    statusCode,
    code,
    details,
    message = '',
  } = error as {
    statusCode?: number;
    code?: unknown;
    details?: { errorCode?: string };
    message?: string;
  };
  const service = details?.errorCode ?? (typeof code === 'string' ? code : '');
  const kind = KINDS[service] ?? kindOfStatus(statusCode);
  const [first = ''] = message.split('\n');
  const told = first === '' ? `HTTP status ${statusCode}` : first;
  const isNamed = service !== '' && !told.includes(service);
  return { kind, message: `${isNamed ? `${service}: ` : ''}${told}`.slice(0, 500) };
}
