import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deleteComment,
  deleteCommentsOf,
  listComments,
  putComment,
} from '../../../storage/ranges/comment-rows';
import type { Connection } from '../../../storage/ranges/connection';
import {
  catalogVersion,
  type DescriptorRow,
  deleteDescriptor,
  getDescriptor,
  listDescriptors,
  lookupName,
  putDescriptor,
} from '../../../storage/ranges/descriptor-rows';
import {
  allocateDescriptorIds,
  nextDescriptorId,
  reserveDescriptorIdsThrough,
} from '../../../storage/ranges/id-allocator';
import {
  deleteRangesOfJob,
  deleteRangesOfTable,
  insertRanges,
  markRangeReady,
  type NewRange,
  pendingRanges,
  rangesOfTable,
  rangeTotalsOfJob,
} from '../../../storage/ranges/ranges';
import { deleteSequence, readSequence, writeSequence } from '../../../storage/ranges/sequence-rows';
import { deleteSetting, listSettings, putSetting } from '../../../storage/ranges/setting-rows';
import { isUniqueViolation } from '../../../storage/ranges/sqlite-errors';
import {
  deleteStatisticsOfTable,
  putStatistic,
  statisticsOfTable,
} from '../../../storage/ranges/statistic-rows';
import { openStore, type Store } from '../../../storage/ranges/store';
import { uniqueId } from '../../../storage/ranges/unique-id';
import {
  deleteRoleMember,
  deleteRoleOption,
  deleteUser,
  getUser,
  listRoleMembers,
  listRoleOptions,
  listUsers,
  putRoleMember,
  putRoleOption,
  putUser,
} from '../../../storage/ranges/user-rows';
import { setWriteTime } from '../../../storage/ranges/write-time';

let root: string;
let store: Store;
let db: Connection;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-meta-'));
  store = openStore(root, { durability: 'none' });
  db = store.connect();
  setWriteTime(db, 1n);
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const bytes = (...values: number[]): Uint8Array => Buffer.from(values);

function descriptor(id: number, name: string, rest: Partial<DescriptorRow> = {}): DescriptorRow {
  return {
    id,
    parentId: 50,
    parentSchemaId: 29,
    name,
    dropped: false,
    descriptor: bytes(id),
    ...rest,
  };
}

test('descriptors: names are unique among those that are not dropped', () => {
  putDescriptor(db, descriptor(52, 'a'), 1n);
  putDescriptor(db, descriptor(53, 'a', { parentSchemaId: 60 }), 1n);
  expect(lookupName(db, 50, 29, 'a')).toBe(52);
  let violation: unknown;
  try {
    putDescriptor(db, descriptor(54, 'a'), 1n);
  } catch (error) {
    violation = error;
  }
  expect(isUniqueViolation(violation)).toBe(true);
  putDescriptor(db, descriptor(52, 'a', { dropped: true }), 1n);
  expect(lookupName(db, 50, 29, 'a')).toBeUndefined();
  putDescriptor(db, descriptor(54, 'a'), 1n);
  expect(lookupName(db, 50, 29, 'a')).toBe(54);
  expect(getDescriptor(db, 52)).toEqual(descriptor(52, 'a', { dropped: true }));
  expect(listDescriptors(db).map((row) => row.id)).toEqual([52, 53, 54]);
  deleteDescriptor(db, 52, 2n);
  expect(getDescriptor(db, 52)).toBeUndefined();
});

test('every change to descriptors raises the catalog version', () => {
  const versions = [catalogVersion(db)];
  putDescriptor(db, descriptor(52, 'a'), 1n);
  versions.push(catalogVersion(db));
  putDescriptor(db, descriptor(52, 'b'), 1n);
  versions.push(catalogVersion(db));
  deleteDescriptor(db, 52, 2n);
  versions.push(catalogVersion(db));
  expect(versions).toEqual([1, 2, 3, 4]);
});

test('descriptor ids start at 52, are consecutive, and stay above reserved ones', () => {
  expect(allocateDescriptorIds(db, 3)).toBe(52);
  expect(allocateDescriptorIds(db, 1)).toBe(55);
  reserveDescriptorIdsThrough(db, 10);
  expect(nextDescriptorId(db)).toBe(56);
  reserveDescriptorIdsThrough(db, 200);
  expect(allocateDescriptorIds(db, 1)).toBe(201);
  expect(() => allocateDescriptorIds(db, -1)).toThrow(/advanced by -1/);
});

test('ranges: pending, ready once, totals, never the same id twice', () => {
  const job = 2n ** 62n + 1n;
  const range = (tableId: number, from: number): NewRange => ({
    tableId,
    startKey: bytes(from),
    endKey: bytes(from + 1),
    source: `file ${from}`,
  });
  const ids = insertRanges(db, job, [range(52, 5), range(52, 3), range(53, 1)]);
  expect(ids).toEqual([1, 2, 3]);
  expect(pendingRanges(db, job).map((row) => row.rangeId)).toEqual([1, 2, 3]);
  const contents = { sizeBytes: 2 ** 40, rowCount: 10, indexEntries: 20 };
  markRangeReady(db, 1, contents);
  expect(() => markRangeReady(db, 1, contents)).toThrow('range 1 is not pending');
  expect(pendingRanges(db, job).map((row) => row.rangeId)).toEqual([2, 3]);
  expect(pendingRanges(db, job - 1n)).toEqual([]);
  expect(rangesOfTable(db, 52)).toEqual([
    expect.objectContaining({ rangeId: 2, state: 'pending', startKey: bytes(3), jobId: job }),
    expect.objectContaining({ rangeId: 1, state: 'ready', source: 'file 5', ...contents }),
  ]);
  expect(rangeTotalsOfJob(db, job)).toEqual({ rangeCount: 3, readyCount: 1, ...contents });
  expect(rangeTotalsOfJob(db, 7n)).toMatchObject({ rangeCount: 0, readyCount: 0, rowCount: 0 });
  deleteRangesOfTable(db, 52);
  deleteRangesOfJob(db, job);
  expect(pendingRanges(db, job)).toEqual([]);
  expect(insertRanges(db, job, [range(52, 1)])).toEqual([4]);
});

test('sequences keep all 64 bits', () => {
  expect(readSequence(db, 60)).toBeUndefined();
  writeSequence(db, 60, -(2n ** 63n));
  writeSequence(db, 60, 2n ** 63n - 1n);
  expect(readSequence(db, 60)).toBe(2n ** 63n - 1n);
  deleteSequence(db, 60);
  expect(readSequence(db, 60)).toBeUndefined();
});

test('users go with their options and memberships', () => {
  putUser(db, { username: 'root', hashedPassword: null, isRole: false });
  putUser(db, { username: 'admin', hashedPassword: null, isRole: true });
  putUser(db, { username: 'ann', hashedPassword: bytes(1, 2), isRole: false });
  putRoleOption(db, { username: 'ann', option: 'CREATEDB', value: null });
  putRoleOption(db, { username: 'ann', option: 'NOLOGIN', value: null });
  putRoleMember(db, { role: 'admin', member: 'root', isAdmin: true });
  putRoleMember(db, { role: 'admin', member: 'ann', isAdmin: false });
  expect(getUser(db, 'ann')).toEqual({
    username: 'ann',
    hashedPassword: bytes(1, 2),
    isRole: false,
  });
  expect(listUsers(db).map((user) => [user.username, user.isRole])).toEqual([
    ['admin', true],
    ['ann', false],
    ['root', false],
  ]);
  deleteRoleOption(db, 'ann', 'NOLOGIN');
  expect(listRoleOptions(db)).toEqual([{ username: 'ann', option: 'CREATEDB', value: null }]);
  expect(listRoleMembers(db)).toHaveLength(2);
  deleteUser(db, 'ann');
  expect(getUser(db, 'ann')).toBeUndefined();
  expect(listRoleOptions(db)).toEqual([]);
  expect(listRoleMembers(db)).toEqual([{ role: 'admin', member: 'root', isAdmin: true }]);
  deleteRoleMember(db, 'admin', 'root');
  expect(listRoleMembers(db)).toEqual([]);
});

test('settings, comments and statistics', () => {
  const setting = { name: 'a.b', value: '1', valueType: 'i', lastUpdatedMicros: 5 };
  putSetting(db, setting);
  putSetting(db, { ...setting, value: '2' });
  expect(listSettings(db)).toEqual([{ ...setting, value: '2' }]);
  deleteSetting(db, 'a.b');
  expect(listSettings(db)).toEqual([]);

  const comment = { type: 2, objectId: 52, subId: 1, comment: 'a column' };
  putComment(db, comment);
  putComment(db, { type: 1, objectId: 52, subId: 0, comment: 'the table' });
  putComment(db, { type: 1, objectId: 53, subId: 0, comment: 'another' });
  deleteComment(db, 1, 52, 0);
  expect(listComments(db).map((row) => row.comment)).toEqual(['another', 'a column']);
  deleteCommentsOf(db, 53);
  expect(listComments(db)).toEqual([comment]);

  const statistic = {
    tableId: 52,
    statisticId: 2n ** 60n,
    name: null,
    columnIds: [1, 3],
    createdMicros: 1_795_368_321_616_776,
    rowCount: 200,
    distinctCount: 5,
    nullCount: 0,
    histogram: null,
  };
  putStatistic(db, statistic);
  expect(statisticsOfTable(db, 52)).toEqual([statistic]);
  deleteStatisticsOfTable(db, 52);
  expect(statisticsOfTable(db, 52)).toEqual([]);
});

test('unique ids grow, also when the clock does not, and name the node', () => {
  const now = Date.UTC(2026, 10, 22);
  const ids = [now, now, now - 1000, now + 1].map((at) => uniqueId(3, at));
  expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids);
  expect(new Set(ids).size).toBe(4);
  expect(ids.every((id) => (id & 0x7fffn) === 3n && id < 2n ** 63n)).toBe(true);
});
