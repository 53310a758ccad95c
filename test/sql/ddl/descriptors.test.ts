import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import { fixturesDir } from '../../support/shared';
import { type DdlEngine, openDdlEngine } from './engine';

/** Descriptors made here equal those that CockroachDB made for the same statements, but for what differs by nature. */

/** Ids of other objects, times, and what the statements that made the samples did later. */
const IGNORED = new Set([
  'id/top',
  'parentId',
  'version/top',
  'modificationTime',
  'createAsOfTime',
  'privileges',
  'unexposedParentSchemaId',
  'parentSchemaId',
  'originTableId',
  'referencedTableId',
  'dependsOn',
  'dependedOnBy',
  'inboundFks',
  'arrayTypeId',
  'referencingDescriptorIds',
  'usesSequenceIds',
  'ownsSequenceIds',
  'gcMutations',
  'mutationJobs',
  'nextMutationId',
]);

/** Their tables were altered after they were made, so that ids or versions moved on. */
const ALTERED = new Set([
  'wide',
  'pkchange',
  'idx_kinds',
  'mat',
  'customers',
  'serials_id_seq',
  'accounts',
]);

/** Type OIDs of enums and ids in expressions depend on when things were made. */
const withoutIds = (text: string): string =>
  text.replace(/@\d+/g, '@…').replace(/\d+:::REGCLASS/g, '…:::REGCLASS');

/** Without defaults, which one writer spells out and the other leaves out. */
function normalized(value: JsonValue, top: boolean): JsonValue | undefined {
  if (typeof value === 'string')
    return value === '0' || value === '' ? undefined : withoutIds(value);
  if (typeof value === 'number' && value >= 100_000) return 100_000;
  if (typeof value !== 'object' || value === null) return value ? value : undefined;
  if (Array.isArray(value)) {
    // A column id of 0 or a direction of ASC says something where it stands.
    const items = value.map((item) => normalized(item, false) ?? 0);
    return items.length === 0 ? undefined : items;
  }
  const result: { [key: string]: JsonValue } = {};
  for (const [key, field] of Object.entries(value)) {
    if (IGNORED.has(key) || (top && IGNORED.has(`${key}/top`))) continue;
    const kept = normalized(field, false);
    if (kept !== undefined) result[key] = kept;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function describeOne(descriptor: Descriptor): JsonValue | undefined {
  const json = toJson(DescriptorSchema, descriptor, { enumAsInteger: true });
  const inner = Object.values(json as { [key: string]: JsonValue })[0];
  return inner === undefined ? undefined : normalized(inner, true);
}

function realDescriptors(database: string): Map<string, Descriptor> {
  const base = join(fixturesDir, 'backups', database);
  const latest = readFileSync(join(base, 'LATEST'), 'utf8').trim();
  const bytes = gunzipSync(readFileSync(join(base, latest, 'BACKUP_MANIFEST')));
  const manifest = fromBinary(BackupManifestSchema, bytes);
  return new Map(
    manifest.descriptors.flatMap((descriptor) =>
      descriptor.union.case === 'table' ? [[descriptor.union.value.name, descriptor]] : [],
    ),
  );
}

const SETUP: { readonly [database: string]: string } = {
  bank: `CREATE SCHEMA archive; CREATE TYPE status AS ENUM ('open', 'closed')`,
  alltypes: `CREATE SCHEMA other; CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TYPE other.color AS ENUM ('red', 'blue')`,
};

describe.each(Object.keys(SETUP))('%s', (database) => {
  let engine: DdlEngine;
  const real = realDescriptors(database);
  const made = new Map<string, Descriptor>();

  beforeAll(async () => {
    engine = await openDdlEngine();
    await engine.run(`CREATE DATABASE ${database}; SET database = ${database}`);
    await engine.run(SETUP[database] ?? '');
    const folder = join(fixturesDir, 'expected', database);
    const texts = readdirSync(folder)
      .filter((file) => file.endsWith('.create.sql'))
      .filter((file) => file !== 'public.no_pk.create.sql')
      .map((file) => readFileSync(join(folder, file), 'utf8'));
    // SHOW CREATE spells out the hidden key that the statement did not have.
    texts.push('CREATE TABLE no_pk (a INT, b STRING)');
    for (let round = 0; round < 4; round++) for (const text of texts) await engine.run(text);
    for (const [bytes] of engine.read('SELECT descriptor FROM descriptors')) {
      const descriptor = fromBinary(DescriptorSchema, bytes as Uint8Array);
      if (descriptor.union.case === 'table') made.set(descriptor.union.value.name, descriptor);
    }
  });
  afterAll(async () => {
    await engine?.close();
  });

  const names = [...real.keys()].filter((name) => !ALTERED.has(name));
  test.each(names)('%s', (name) => {
    const [expected, actual] = [real.get(name), made.get(name)];
    if (expected === undefined || actual === undefined) throw new Error(`no ${name}`);
    expect(describeOne(actual)).toEqual(describeOne(expected));
  });
});
