import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import {
  create,
  type DescMessage,
  fromBinary,
  isFieldSet,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

import { BackupManifestSchema, EncryptionInfoSchema } from '../../../backup/format/gen/backup_pb';
import { CorruptionError } from '../../../base/errors';
import { decodeMessage } from '../../../catalog/descriptor/decode';
import { DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import { ZoneConfigSchema } from '../../../catalog/descriptor/gen/zone_pb';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

function manifestsBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|\/)BACKUP(_MANIFEST)?$/.test(path))
    .map((path) => join(directory, path))
    .sort();
}

function storedMessage(path: string): Uint8Array {
  const bytes = readFileSync(path);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

function checkRoundTrip(path: string): void {
  const bytes = storedMessage(path);
  const manifest = decodeMessage(BackupManifestSchema, bytes, path);
  expect(manifest.spans.length).toBeGreaterThan(0);
  const encoded = toBinary(BackupManifestSchema, manifest);
  expect(fromBinary(BackupManifestSchema, encoded)).toEqual(manifest);
  // Not the bytes: members of a oneof may change places with their neighbours.
  expect(encoded.length).toBe(bytes.length);
}

describe('manifests of the fixtures', () => {
  test.each(manifestsBelow(join(fixturesDir, 'backups')))('%s survives a round trip', (path) => {
    checkRoundTrip(path);
  });
});

// The expected answers name fields and enum members; schema.json maps the names to numbers.
interface FieldRow {
  readonly name: string;
  readonly type: string;
  readonly map?: readonly [string, string];
}
type Schema = {
  readonly messages: Record<string, Record<string, FieldRow>>;
  readonly enums: Record<string, Record<string, string>>;
};
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const LAYER_DIRECTORY: readonly (readonly [RegExp, string])[] = [
  [/^cluster_/, 'cluster-'],
  [/^fk-rev-history_/, 'revision-history-'],
  [/^inc_missing_addsst_v20.2.7_/, 'incremental-chain-v20.2.7/'],
  [/^mid-(\w+?)_([\d.]+)_/, 'mid-schema-change/$1/$2/'],
  [/^seq-/, 'sequences-'],
  [/^xDbRef$/, 'cross-database-type-v20.2'],
];

describeShared('manifests of real clusters', () => {
  const backups = join(sharedDir, 'backups');
  const expectedDir = join(sharedDir, 'format', 'expected', 'manifests');

  test.each(manifestsBelow(backups).map((path) => path.slice(backups.length + 1)))(
    '%s survives a round trip',
    (path) => {
      checkRoundTrip(join(backups, path));
    },
  );

  test.each(readdirSync(expectedDir))('%s: every field as expected', (name) => {
    const text = readFileSync(join(expectedDir, name), 'utf8');
    // Integers beyond 2^53 as strings, before JSON.parse rounds them.
    const expected = JSON.parse(text.replace(/: (-?\d{16,})\b/g, ': "$1"')) as {
      file: string;
      manifest: Json;
    };
    let layer = name.replace(/\.json$/, '');
    for (const [pattern, directory] of LAYER_DIRECTORY) layer = layer.replace(pattern, directory);
    const path = join(backups, 'upstream', layer, expected.file);
    const manifest = decodeMessage(BackupManifestSchema, storedMessage(path), path);
    const schema = JSON.parse(
      readFileSync(join(sharedDir, 'format', 'schema.json'), 'utf8'),
    ) as Schema;
    const wanted = byNumber(schema, 'cockroach.ccl.backupccl.BackupManifest', expected.manifest);
    const got = fieldsByNumber(BackupManifestSchema, manifest);
    // Where the backup was written: kept, not read.
    delete wanted['7'];
    delete got['7'];
    expect(got).toEqual(wanted);
  });
});

type Numbered = { [number: string]: unknown };

function byNumber(schema: Schema, type: string, value: Json): Numbered {
  const rows = Object.entries(schema.messages[type] ?? {});
  const result: Numbered = {};
  for (const [name, field] of Object.entries(value as { [key: string]: Json })) {
    if (name === '#unknown') {
      for (const [number, , raw] of field as [number, number, Json][])
        result[number] = typeof raw === 'string' ? raw : String(raw);
      continue;
    }
    const [number, row] = rows.find(([, candidate]) => candidate.name === name) ?? [];
    if (number === undefined || row === undefined) throw new Error(`${type}.${name}?`);
    const one = (item: Json): unknown => scalarOrMessage(schema, row.type, item);
    if (row.type === 'map') result[number] = mapEntries(schema, row, field);
    else result[number] = Array.isArray(field) ? field.map(one) : one(field);
  }
  return result;
}

function mapEntries(schema: Schema, row: FieldRow, value: Json): unknown {
  const entries = Object.entries(value as { [key: string]: Json });
  return entries.map(([key, item]) => ({
    1: key,
    2: scalarOrMessage(schema, row.map?.[1] ?? '', item),
  }));
}

function scalarOrMessage(schema: Schema, type: string, value: Json): unknown {
  if (type === 'cockroach.sql.sem.types.T')
    return byNumber(schema, 'cockroach.sql.sem.types.InternalType', value);
  if (type === '?google.protobuf.Timestamp') {
    const time = value as { seconds?: Json; nanos?: Json };
    return { 1: String(time.seconds), 2: String(time.nanos) };
  }
  const members = schema.enums[type];
  if (members !== undefined) {
    const member = Object.entries(members).find(([, name]) => name === value);
    return member?.[0] ?? String(value);
  }
  return schema.messages[type] === undefined ? scalarText(value) : byNumber(schema, type, value);
}

function fieldsByNumber(schema: DescMessage, message: Message): Numbered {
  const result: Numbered = {};
  const fields = reflect(schema, message);
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    const value: unknown = fields.get(field);
    const one = (item: unknown): unknown =>
      field.message === undefined
        ? scalarText(item)
        : fieldsByNumber(field.message, (item as { message: Message }).message);
    if (field.fieldKind === 'list') {
      result[field.number] = [...(value as Iterable<unknown>)].map(one);
    } else if (field.fieldKind === 'map') {
      const entries = [...(value as Iterable<[unknown, unknown]>)];
      result[field.number] = entries.map(([key, item]) => ({ 1: String(key), 2: one(item) }));
    } else if (field.message?.name === 'ForeignKeyReference' && field.number >= 12) {
      // Fields that the expected answers show as bytes.
      const inner = (value as { message: Message }).message;
      result[field.number] = Buffer.from(toBinary(field.message, inner)).toString('hex');
    } else {
      result[field.number] = one(value);
    }
  }
  return result;
}

function scalarText(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

describe('messages', () => {
  test('fields of later releases are written again', () => {
    // Table: id 53, unknown field 999 = "abc"; unknown field 77 of the union.
    const table = Buffer.concat([Buffer.from('1835', 'hex'), Buffer.from('ba3e03616263', 'hex')]);
    const whole = Buffer.concat([
      Buffer.from([0x0a, table.length]),
      table,
      Buffer.from('e80401', 'hex'),
    ]);
    const message = decodeMessage(DescriptorSchema, whole, 'test');
    expect(message.union.case).toBe('table');
    expect(Buffer.from(toBinary(DescriptorSchema, message))).toEqual(whole);
  });

  test('values of later enums are seen and kept', () => {
    // Database with state 9.
    const bytes = Buffer.from('12024009', 'hex');
    const message = decodeMessage(DescriptorSchema, bytes, 'test');
    expect(message.union.case === 'database' && message.union.value.state).toBe(9);
    expect(Buffer.from(toBinary(DescriptorSchema, message))).toEqual(bytes);
  });

  test('a map key that is no UTF-8 survives', () => {
    const key = Buffer.alloc(32, 0xff);
    const bytes = toBinary(
      EncryptionInfoSchema,
      create(EncryptionInfoSchema, { encryptedDataKeys: [{ key, value: Buffer.from('x') }] }),
    );
    expect(Buffer.from(bytes).toString('hex')).toBe(`1a250a20${'ff'.repeat(32)}120178`);
    expect(decodeMessage(EncryptionInfoSchema, bytes, 't').encryptedDataKeys[0]?.key).toEqual(key);
  });

  test('a zone configuration', () => {
    const zone = decodeMessage(ZoneConfigSchema, Buffer.from('220308901c50015801', 'hex'), 'zone');
    expect(zone.gc?.ttlSeconds).toBe(3600);
    expect(zone.inheritedConstraints && zone.inheritedLeasePreferences).toBe(true);
  });

  test.each([
    ['a string that is not UTF-8', '12030a01ff'],
    ['a message that ends early', '12050a01'],
    ['field number 0', '0000'],
    ['an unknown wire type', '0f'],
    ['a varint without end', '12ffffffffffffffffffff01'],
    ['a group nested too deeply', '0b'.repeat(500)],
    ['messages nested too deeply', nested(150)],
  ])('%s is corruption', (_, hex) => {
    const decode = (): unknown => decodeMessage(DescriptorSchema, Buffer.from(hex, 'hex'), 'file');
    expect(decode).toThrow(CorruptionError);
    expect(decode).toThrow(/^file: not a Descriptor message: /);
  });
});

/** A type whose alias is an array of arrays of …, `depth` times. */
function nested(depth: number): string {
  let bytes: Buffer = Buffer.alloc(0);
  const field = (tag: number, content: Buffer): Buffer => {
    const length = content.length;
    const varint = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
    return Buffer.concat([Buffer.from([tag, ...varint]), content]);
  };
  for (let i = 0; i < depth; i++) bytes = field(0x5a, bytes);
  return field(0x1a, field(0x3a, bytes)).toString('hex');
}
