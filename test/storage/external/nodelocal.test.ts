import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExternalStorage } from '../../../storage/external/external-storage';
import { openStorage } from '../../../storage/external/open-storage';
import { sqlState } from '../../support/sql-state';
import { describeExternalStorage } from './conformance';

let root: string;
/** The external-io-dir; `root` holds what is outside of it. */
let io: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-external-'));
  io = join(root, 'extern');
  mkdirSync(io);
  writeFileSync(join(root, 'secret'), 'secret');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (uri: string): Promise<ExternalStorage> =>
  openStorage(uri, { externalIoDir: io, nodeId: 1 });

function put(path: string, contents: Uint8Array | string): void {
  mkdirSync(dirname(join(io, path)), { recursive: true });
  writeFileSync(join(io, path), contents);
}

async function readText(uri: string, path: string): Promise<string> {
  const storage = await open(uri);
  return Buffer.from(await storage.readAll(path, 100)).toString();
}

async function list(uri: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of (await open(uri)).list('')) found.push(path);
  return found;
}

describeExternalStorage('nodelocal', () => ({
  put: async (path, bytes) => put(`c/${path}`, bytes),
  open: () => open('nodelocal://1/c'),
  openMissing: () => open('nodelocal://1/nosuch'),
}));

test.each(['nodelocal://1/d', 'nodelocal://self/d', 'nodelocal://0/d/', 'NODELOCAL://1/x/../d'])(
  '%s is this node',
  async (uri) => {
    put('d/LATEST', 'here');
    expect(await readText(uri, 'LATEST')).toBe('here');
  },
);

test('a missing file is told of as CockroachDB does', async () => {
  const storage = await open('nodelocal://1/bank');
  await expect(storage.open('BACKUP_MANIFEST')).rejects.toThrow(
    sqlState(
      '58P01',
      `nodelocal storage file does not exist: rpc error: code = NotFound desc = stat ${io}/bank/BACKUP_MANIFEST: no such file or directory: external_storage: file doesn't exist`,
    ),
  );
});

const outside = sqlState(
  '42501',
  /^rpc error: code = Unknown desc = getting stat of file: local file access to paths outside of external-io-dir is not allowed: /,
);

test.each([
  ['nodelocal://1/../../etc', 'BACKUP_MANIFEST'],
  ['nodelocal://1/..', 'secret'],
  ['nodelocal://1/%2e%2e', 'secret'],
  ['nodelocal://1/a%2f..%2f..', 'secret'],
  ['nodelocal://1/a', '../../secret'],
  ['nodelocal://1', '../secret'],
  ['nodelocal://1/a', '../../extern-sibling/x'],
])('%s does not reach %s', async (uri, path) => {
  mkdirSync(join(root, 'extern-sibling'));
  writeFileSync(join(root, 'extern-sibling', 'x'), 'secret');
  mkdirSync(join(io, 'a'));
  const storage = await open(uri);
  await expect(storage.open(path)).rejects.toThrow(outside);
});

test('the message of a path outside names it as CockroachDB does', async () => {
  const storage = await open('nodelocal://1/../../etc');
  await expect(storage.open('BACKUP_MANIFEST')).rejects.toThrow(
    /: \.\.\/\.\.\/etc\/BACKUP_MANIFEST$/,
  );
});

test('absolute paths are below the external-io-dir', async () => {
  put('etc/passwd', 'ours');
  expect(await readText('nodelocal://1//etc', 'passwd')).toBe('ours');
  expect(await readText('nodelocal://1/', '/etc/passwd')).toBe('ours');
});

test('a NUL byte in a path is refused', async () => {
  const storage = await open('nodelocal://1/a%00b');
  await expect(storage.open('x')).rejects.toThrow(sqlState('22023', /NUL/));
});

test('symbolic links may not leave the external-io-dir, and may point inside', async () => {
  put('d/real', 'inside');
  symlinkSync(join(root, 'secret'), join(io, 'd', 'out-file'));
  symlinkSync(root, join(io, 'out-dir'));
  symlinkSync('real', join(io, 'd', 'in-file'));
  symlinkSync('d', join(io, 'in-dir'));
  symlinkSync('nowhere', join(io, 'd', 'dangling'));
  symlinkSync('circle', join(io, 'd', 'circle'));
  const storage = await open('nodelocal://1/d');
  await expect(storage.open('out-file')).rejects.toThrow(outside);
  await expect((await open('nodelocal://1/out-dir')).open('secret')).rejects.toThrow(outside);
  await expect(storage.open('dangling')).rejects.toThrow(sqlState('58P01', /does not exist/));
  await expect(storage.open('circle')).rejects.toThrow(sqlState('58030', /symbolic links/));
  expect(await readText('nodelocal://1/d', 'in-file')).toBe('inside');
  expect(await readText('nodelocal://1/in-dir', 'real')).toBe('inside');
  // Links to directories are not walked, links to files outside are not shown.
  expect(await list('nodelocal://1/')).toEqual(['d/in-file', 'd/real']);
  await expect(list('nodelocal://1/out-dir')).rejects.toThrow(sqlState('42501', /outside/));
});

test('an external-io-dir that is itself a symbolic link works', async () => {
  put('d/f', 'x');
  symlinkSync(io, join(root, 'link'));
  const storage = await openStorage('nodelocal://1/d', {
    externalIoDir: join(root, 'link'),
    nodeId: 1,
  });
  expect(await storage.readAll('f', 1)).toHaveLength(1);
});

test('directories, FIFOs and devices are refused without waiting', async () => {
  mkdirSync(join(io, 'BACKUP'));
  execFileSync('mkfifo', [join(io, 'pipe')]);
  const storage = await open('nodelocal://1/');
  await expect(storage.open('BACKUP')).rejects.toThrow(sqlState('58030', /is a directory/));
  await expect(storage.open('pipe')).rejects.toThrow(sqlState('58030', /not a regular file/));
  expect(await list('nodelocal://1/')).toEqual([]);
  const devices = await openStorage('nodelocal://1/', { externalIoDir: '/dev', nodeId: 1 });
  await expect(devices.open('null')).rejects.toThrow(sqlState('58030', /not a regular file/));
});

test('a file that is cut while it is read is an error, not fewer bytes', async () => {
  put('f', 'x'.repeat(100));
  const file = await (await open('nodelocal://1/')).open('f');
  truncateSync(join(io, 'f'), 40);
  await expect(file.read(0, 100)).rejects.toMatchObject({ name: 'CorruptionError', offset: 40 });
  await file.close();
});

test.each([
  [
    'nodelocal://7/bank',
    '42704',
    'failed to create blob client: connecting to node 7: failed to resolve n7: unable to look up descriptor for n7',
  ],
  [
    'nodelocal:///bank',
    '22023',
    "host component of nodelocal URI must be a node ID (use 'self' to specify each node should access its own local filesystem): nodelocal:///bank",
  ],
  [
    'nodelocal://x/b',
    '22023',
    'host component of nodelocal URI must be a node ID: nodelocal://x/b',
  ],
])('%s is refused', async (uri, code, message) => {
  await expect(open(uri)).rejects.toThrow(sqlState(code, message));
});

test('without an external-io-dir nodelocal is off', async () => {
  const opening = openStorage('nodelocal://1/x', { externalIoDir: undefined, nodeId: 1 });
  await expect(opening).rejects.toThrow(sqlState('55000', 'local file access is disabled'));
});

test('nothing is written or deleted outside of the external-io-dir', async () => {
  symlinkSync(root, join(io, 'out'));
  const storage = await open('nodelocal://1/');
  const outside = sqlState('42501', /outside of external-io-dir/);
  for (const path of ['../x', 'out/x', 'out/deep/x']) {
    await expect(storage.write(path, Buffer.from('x'))).rejects.toThrow(outside);
  }
  await expect(storage.delete('out/secret')).rejects.toThrow(outside);
  await expect(storage.delete('../secret')).rejects.toThrow(outside);
  expect(readdirSync(root).sort()).toEqual(['extern', 'secret']);
});

test('what a killed server left half-written is not listed', async () => {
  const storage = await open('nodelocal://1/');
  const writer = await storage.create('half');
  await writer.write(Buffer.from('x'));
  expect(readdirSync(io)).toHaveLength(1);
  expect(await list('nodelocal://1/')).toEqual([]);
  await writer.abort();
  expect(readdirSync(io)).toEqual([]);
});

test('a directory in the way is told of, and nothing is left behind', async () => {
  put('d/x', 'x');
  const storage = await open('nodelocal://1/');
  const message = `nodelocal storage file cannot be written: ${io}/d: is a directory`;
  await expect(storage.write('d', Buffer.from('x'))).rejects.toThrow(sqlState('58030', message));
  expect(readdirSync(io)).toEqual(['d']);
});
