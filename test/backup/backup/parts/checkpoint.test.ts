import {
  Checkpoint,
  type DonePart,
  encodeCheckpoint,
  formOf,
} from '../../../../backup/backup/parts/checkpoint';
import { CheckpointWriter } from '../../../../backup/backup/parts/checkpoint-writer';
import type { Part, WrittenPart } from '../../../../backup/backup/parts/part';
import { partsOfTable, tableSpans } from '../../../../backup/backup/parts/part-planner';
import { makeTable, TABLE } from '../support/key-table';

/** What of an earlier run of a BACKUP is taken over: what is the same in the new snapshot, and nothing else. */

const ROWS = 3_500;
const END = 1_000n;
const turn = async (): Promise<void> => undefined;

function setUp() {
  const keys = Array.from({ length: ROWS }, (_, i) => [BigInt(i)]);
  const made = makeTable(keys, [false]);
  made.db.exec(`COMMIT; UPDATE t${TABLE} SET _ts = c1 % 900; BEGIN`);
  const spans = tableSpans(TABLE, [1, 2], undefined);
  const parts = (): Part[] => [...partsOfTable(made.db, made.table, spans, { partBytes: 1 })];
  const form = formOf(made.table.descriptor);
  const done = parts().map((part, i): DonePart => {
    const isRows = part.indexIds[0] === 1;
    const counts = { dataSize: 7n, rows: BigInt(i), indexEntries: 0n };
    const file = {
      path: `${i}.sst`,
      locality: '',
      span: { start: part.start, end: part.end },
      counts,
    };
    const rowCount = isRows ? (part.rowsMax ?? ROWS % 1_000) : 0;
    return { part, written: { files: [file], rowCount }, form };
  });
  const kept = async (given = done): Promise<string[]> => {
    const checkpoint = Checkpoint.read(encodeCheckpoint(END, 1, given));
    const same = await checkpoint?.partsToKeep(made.db, made.table, parts(), { turn });
    return (same ?? []).flatMap(({ written }) => written.files.map(({ path }) => path));
  };
  const change = (sql: string): void => void made.db.exec(`COMMIT; ${sql}; BEGIN`);
  return { ...made, done, kept, change, parts };
}

const ALL = ['0.sst', '1.sst', '2.sst', '3.sst', '4.sst'];

test('all of a table that nobody has written to', async () => {
  const { kept, done, parts } = setUp();
  expect(parts().map(({ indexIds }) => indexIds)).toEqual([[1], [1], [1], [1], [2]]);
  expect(await kept()).toEqual(ALL);
  expect(await kept(done.slice(1, 3))).toEqual(['1.sst', '2.sst']);
});

test('files come back as they were', async () => {
  const { done, db, table, parts } = setUp();
  const checkpoint = Checkpoint.read(encodeCheckpoint(END, 1, done));
  const same = await checkpoint?.partsToKeep(db, table, parts(), { turn });
  expect(same?.map(({ written }): WrittenPart => written)).toEqual(
    done.map(({ written }) => written),
  );
});

test.each([
  ['an update', `UPDATE t${TABLE} SET _ts = 1001 WHERE c1 = 1500`, ['0.sst', '2.sst', '3.sst']],
  [
    'a time with a logical part',
    `UPDATE t${TABLE} SET _ts = '1001.3' WHERE c1 = 10`,
    ['1.sst', '2.sst', '3.sst'],
  ],
  [
    'a row without a time',
    `UPDATE t${TABLE} SET _ts = NULL WHERE c1 = 3499`,
    ['0.sst', '1.sst', '2.sst'],
  ],
  ['a deletion: what follows is cut elsewhere', `DELETE FROM t${TABLE} WHERE c1 = 1500`, ['0.sst']],
  ['a deletion at the end', `DELETE FROM t${TABLE} WHERE c1 = 3400`, ['0.sst', '1.sst', '2.sst']],
  [
    'a row in the place of another',
    `DELETE FROM t${TABLE} WHERE c1 = 3400; INSERT INTO t${TABLE} VALUES (9999, 0, 1001)`,
    ['0.sst', '1.sst', '2.sst'],
  ],
  ['all rows gone', `DELETE FROM t${TABLE}`, []],
])('not what has changed: %s', async (_what, sql, expected) => {
  const { kept, change } = setUp();
  change(sql);
  expect(await kept()).toEqual(expected);
});

describe('of a layer with all versions', () => {
  const all = (parts: Part[]): Part[] => parts.map((part) => ({ ...part, versions: 'ordered' }));

  async function keptOfAll(sql: string, versions = false): Promise<string[]> {
    const { db, table, done, parts, change } = setUp();
    change(sql);
    const checkpoint = Checkpoint.read(encodeCheckpoint(END, 1, done));
    const given = versions ? all(parts()) : parts();
    const same = await checkpoint?.partsToKeep(db, table, given, { turn, isAllVersions: true });
    return (same ?? []).flatMap(({ written }) => written.files.map(({ path }) => path));
  }
  const ended = (key: number, began: number, end: number): string =>
    `INSERT INTO h${TABLE} VALUES (${key}, 0, ${began}, ${end})`;

  test.each([
    ['what ended before is in it', ended(1500, 3, 900), ALL],
    ['a row that came and went', ended(1500, 1001, 1002), ['0.sst', '2.sst', '3.sst']],
    ['the first row of a part', ended(2000, 1001, 1002), ['0.sst', '1.sst', '3.sst']],
    ['a row before the first', ended(-5, 1001, 1002), ['1.sst', '2.sst', '3.sst']],
    [
      'the table became another',
      `INSERT INTO retired_tables VALUES (${TABLE}, 0, 1001, 'r', 'rh')`,
      [],
    ],
    ['an older one', `INSERT INTO retired_tables VALUES (${TABLE}, 0, 999, 'r', 'rh')`, ALL],
    [
      'rows that became visible later than they say',
      `UPDATE t${TABLE} SET _ts = 950 WHERE c1 = 1500; INSERT INTO pushed_writes VALUES (${TABLE}, 950, 1003)`,
      ['0.sst', '2.sst', '3.sst'],
    ],
  ])('%s', async (_what, sql, expected) => {
    expect(await keptOfAll(sql)).toEqual(expected);
    expect(await keptOfAll(sql, true)).toEqual(expected);
  });

  test('rows among their versions need not be counted: whose end would be known', async () => {
    const { done, db, table, parts } = setUp();
    const uncounted = done.map((part) => ({ ...part, written: { ...part.written, rowCount: 0 } }));
    const checkpoint = Checkpoint.read(encodeCheckpoint(END, 1, uncounted));
    const options = { turn, isAllVersions: true };
    expect(await checkpoint?.partsToKeep(db, table, all(parts()), options)).toHaveLength(5);
    expect(await checkpoint?.partsToKeep(db, table, parts(), options)).toHaveLength(0);
  });
});

test('all that was written of a time, when the layer is of that time', async () => {
  const { done, table, parts, change } = setUp();
  const checkpoint = Checkpoint.read(encodeCheckpoint(END, 1, done));
  expect([checkpoint?.isOf(END), checkpoint?.isOf(END + 1n)]).toEqual([true, false]);
  change(`UPDATE t${TABLE} SET _ts = 1001`);
  expect(checkpoint?.partsOfSameTime(table, parts())).toHaveLength(5);
  change(`DELETE FROM t${TABLE} WHERE c1 = 1500`);
  expect(checkpoint?.partsOfSameTime(table, parts())).toHaveLength(2);
});

test('nothing of a table with another descriptor', async () => {
  const { kept, table } = setUp();
  table.descriptor.version++;
  expect(await kept()).toEqual([]);
});

test('nothing when the clock was set back', () => {
  const checkpoint = Checkpoint.read(encodeCheckpoint(END, 1, []));
  expect(checkpoint?.isBefore(END)).toBe(false);
  expect(checkpoint?.isBefore(END + 1n)).toBe(true);
});

test('a job that has just begun has no checkpoint', () => {
  expect(Checkpoint.read(new Uint8Array())).toBeUndefined();
});

describe('checkpoints of a running job', () => {
  const paths = (checkpoint: Uint8Array): string[] =>
    JSON.parse(Buffer.from(checkpoint).toString()).parts.flatMap(
      ({ files }: { files: { path: string }[] }) => files.map(({ path }) => path),
    );

  function writer(write: () => Promise<void>, intervalMs = 0) {
    const records: string[][] = [];
    const { done } = setUp();
    const [first, ...others] = done as [DonePart, ...DonePart[]];
    const record = (checkpoint: Uint8Array): void => void records.push(paths(checkpoint));
    const common = { endTime: END, partBytes: 1, kept: [first], nowMillis: () => 0 };
    const options = { ...common, intervalMs, write, record };
    return { writer: new CheckpointWriter(options), others, records };
  }

  test('name what is written, and what was taken over', async () => {
    const { writer: checkpoints, others, records } = writer(async () => undefined);
    for (const part of others.slice(0, 2)) {
      checkpoints.note(part);
      await checkpoints.settle();
    }
    expect(records).toEqual([
      ['0.sst', '1.sst'],
      ['0.sst', '1.sst', '2.sst'],
    ]);
  });

  test('come once in a while, and at an interruption', async () => {
    const { writer: checkpoints, others, records } = writer(async () => undefined, 60_000);
    for (const part of others) checkpoints.note(part);
    await checkpoints.settle();
    expect(records).toEqual([]);
    await checkpoints.interrupted();
    expect(records).toEqual([ALL]);
  });

  test('are not of a storage that refuses them', async () => {
    const {
      writer: checkpoints,
      others,
      records,
    } = writer(async () => {
      throw new Error('no');
    });
    checkpoints.note(others[0] as DonePart);
    await checkpoints.settle();
    expect(records).toEqual([]);
  });
});
