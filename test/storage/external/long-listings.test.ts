import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { sqlState } from '../../support/sql-state';
import { startGs } from '../../support/storage-servers/gs-server';
import { startStandIn } from '../../support/storage-servers/stand-in';

/** Listings of more than 10,000 objects: page by page, and cut at a delimiter they take fewer. */

const options: ExternalStorageOptions = { externalIoDir: undefined, nodeId: 1 };
const COUNT = 10_500;

/** As a collection with two backups: one has all of its files in `data/`, so a listing cut there has four names. */
const NAMES: readonly string[] = [
  'p/1/BACKUP_MANIFEST',
  ...Array.from({ length: COUNT }, (_, i) => `p/1/data/${String(i).padStart(6, '0')}.sst`),
  'p/2/BACKUP_MANIFEST',
  'p/2/data/1.sst',
];
const CUT = ['1/BACKUP_MANIFEST', '1/data/', '2/BACKUP_MANIFEST', '2/data/'];

async function listed(uri: string, delimiter?: string): Promise<string[]> {
  const storage = await openStorage(uri, options);
  const names: string[] = [];
  for await (const name of storage.list('', delimiter)) names.push(name);
  await storage.close();
  return names;
}

const all = NAMES.map((name) => name.slice('p/'.length));

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  readonly next: string;
}

/** Emulators take minutes for so many, so the services' lists are answered here, in pages as long as theirs. */
function pageOf(prefix: string, delimiter: string, token: string, length: number): Page {
  const cut = (name: string): string => {
    const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    return at < 0 ? name : name.slice(0, at + delimiter.length);
  };
  const names = [...new Set(NAMES.filter((name) => name.startsWith(prefix)).map(cut))];
  const start = Number(token);
  const page = names.slice(start, start + length);
  const isCut = (name: string): boolean => delimiter !== '' && name.endsWith(delimiter);
  return {
    keys: page.filter((name) => !isCut(name)),
    prefixes: page.filter(isCut),
    next: start + length < names.length ? String(start + length) : '',
  };
}

const XML = { 'content-type': 'application/xml' };

/** Source: Amazon S3 API, ListObjectsV2. */
function s3Page(search: URLSearchParams): string {
  const param = (name: string): string => search.get(name) ?? '';
  const token = param('continuation-token');
  const page = pageOf(param('prefix'), param('delimiter'), token, 1_000);
  const keys = page.keys.map((key) => `<Contents><Key>${key}</Key></Contents>`);
  const prefixes = page.prefixes.map(
    (prefix) => `<CommonPrefixes><Prefix>${prefix}</Prefix></CommonPrefixes>`,
  );
  const next =
    page.next === '' ? '' : `<NextContinuationToken>${page.next}</NextContinuationToken>`;
  const more = `<IsTruncated>${page.next !== ''}</IsTruncated>${next}`;
  return `<?xml version="1.0"?><ListBucketResult>${more}${keys.join('')}${prefixes.join('')}</ListBucketResult>`;
}

test('s3', async () => {
  const server = await startStandIn(({ url }) => ({
    headers: XML,
    body: s3Page(url.searchParams),
  }));
  try {
    const keys = { AWS_ACCESS_KEY_ID: 'i', AWS_SECRET_ACCESS_KEY: 's', AWS_ENDPOINT: server.url };
    const uri = `s3://b/p?${new URLSearchParams(keys)}`;
    expect(await listed(uri)).toEqual(all);
    expect(server.seen).toHaveLength(Math.ceil(NAMES.length / 1_000));
    expect(await listed(uri, 'data/')).toEqual(CUT);
    expect(server.seen).toHaveLength(Math.ceil(NAMES.length / 1_000) + 1);
  } finally {
    await server.stop();
  }
});

test('gs', async () => {
  const server = await startGs();
  try {
    const storage = await openStorage(server.uri('p'), options);
    await storage.write('x', Buffer.from(''));
    await storage.close();
    const objects = server.objects as Map<string, unknown>;
    const object = objects.get('p/x');
    objects.delete('p/x');
    for (const name of NAMES) objects.set(name, object);
    expect(await listed(server.uri('p'))).toEqual(all);
    expect(await listed(server.uri('p'), 'data/')).toEqual(CUT);
  } finally {
    await server.stop();
  }
});

/** Source: Azure, List Blobs. */
function azurePage(search: URLSearchParams): string {
  const param = (name: string): string => search.get(name) ?? '';
  const page = pageOf(param('prefix'), param('delimiter'), param('marker'), 5_000);
  const size = '<Properties><Content-Length>0</Content-Length></Properties>';
  const blobs = page.keys.map((key) => `<Blob><Name>${key}</Name>${size}</Blob>`);
  const prefixes = page.prefixes.map((prefix) => `<BlobPrefix><Name>${prefix}</Name></BlobPrefix>`);
  return `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${blobs.join('')}${prefixes.join('')}</Blobs><NextMarker>${page.next}</NextMarker></EnumerationResults>`;
}

test('azure', async () => {
  const server = await startStandIn(({ url }) => ({
    headers: XML,
    body: azurePage(url.searchParams),
  }));
  try {
    const params = { AZURE_ACCOUNT_NAME: 'a', AZURE_ACCOUNT_KEY: 'aHVzaA==' };
    const endpoint = { AZURE_ENDPOINT: `${server.url}/a` };
    const uri = `azure://c/p?${new URLSearchParams({ ...params, ...endpoint })}`;
    expect(await listed(uri)).toEqual(all);
    expect(server.seen).toHaveLength(Math.ceil(NAMES.length / 5_000));
    expect(await listed(uri, 'data/')).toEqual(CUT);
    expect(server.seen).toHaveLength(Math.ceil(NAMES.length / 5_000) + 1);
  } finally {
    await server.stop();
  }
});

test('a service whose pages lead nowhere is told of', async () => {
  const page = `<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken><Contents><Key>p/a</Key></Contents></ListBucketResult>`;
  const server = await startStandIn(() => ({
    headers: XML,
    body: page,
  }));
  try {
    const keys = { AWS_ACCESS_KEY_ID: 'i', AWS_SECRET_ACCESS_KEY: 's', AWS_ENDPOINT: server.url };
    await expect(listed(`s3://b/p?${new URLSearchParams(keys)}`)).rejects.toThrow(
      sqlState('58030', /the listing does not get further/),
    );
  } finally {
    await server.stop();
  }
});
