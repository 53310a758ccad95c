import fc from 'fast-check';
import { ByteWriter } from '../../../base/byte-writer';
import { arrayOf, BYTES, DECIMAL, INT8, STRING } from '../../../catalog/types/table';
import { UTC } from '../../../catalog/types/timezone';
import { BinaryReader, SIGNATURE, TRAILER } from '../../../sql/copy/binary-reader';
import { CsvReader } from '../../../sql/copy/csv-reader';
import { type CopyOptions, copyOptions } from '../../../sql/copy/options';
import { RowDecoder } from '../../../sql/copy/row-decoder';
import type { RawRow, RowReader } from '../../../sql/copy/row-reader';
import { compileCopyRow, headerLine } from '../../../sql/copy/row-writers';
import { TextReader } from '../../../sql/copy/text-reader';
import { parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';
import { sqlState } from '../../support/sql-state';

beforeAll(loadParser);

/** As a statement spells them. */
function optionsOf(spelled: string, direction = 'FROM STDIN'): CopyOptions {
  const statement = parseStatement(`COPY t ${direction} ${spelled}`);
  if (statement.kind !== 'Copy') throw new Error(statement.kind);
  return copyOptions(statement.options, statement.isFrom);
}

const readerOf = (options: CopyOptions, names: readonly string[]): RowReader =>
  options.format === 'csv' ? new CsvReader(options, names) : new TextReader(options);

function readAll(reader: RowReader, bytes: Uint8Array, cuts: readonly number[] = []): RawRow[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  const rows = ends.flatMap((end) => {
    // What is read must not depend on the bytes staying.
    const chunk = Uint8Array.from(bytes.subarray(from, end));
    from = end;
    const read = reader.read(chunk);
    chunk.fill(0x2a);
    return read;
  });
  return [...rows, ...reader.finish()];
}

function fieldsOf(text: string, spelled: string, names: readonly string[] = ['a', 'b']): unknown {
  const reader = readerOf(optionsOf(spelled), names);
  return readAll(reader, Buffer.from(text)).map(({ fields }) => fields);
}

const SETTINGS = {
  timeZone: UTC,
  extraFloatDigits: 0,
  byteaOutput: 'hex',
  intervalStyle: 'postgres',
} as const;

const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...'\\\t\n\r\v\b\f,|"\'\\.N; é🦋x7', '\\.', '\\N'), fc.string()),
  maxLength: 12,
});

describe('what is written is read again, cut anywhere', () => {
  test.each([
    [''],
    ["(DELIMITER ',')"],
    ["(NULL '\\NULL', HEADER)"],
    ['CSV'],
    ['CSV HEADER'],
    ["(FORMAT csv, DELIMITER ';', NULL 'NULL', QUOTE '''')"],
    ["(FORMAT csv, ESCAPE E'\\\\')"],
    ["(FORMAT csv, QUOTE '\"', ESCAPE 'x')"],
  ])('%s', (spelled) => {
    const options = optionsOf(spelled);
    const names = ['a', 'b'];
    const encode = compileCopyRow([STRING, STRING], options, names, SETTINGS);
    const row = fc.tuple(fc.option(text), fc.option(text));
    const property = fc.property(fc.array(row), fc.array(fc.nat()), (rows, cuts) => {
      const out = new ByteWriter();
      if (options.header !== false) out.utf8(headerLine(names, options));
      for (const values of rows) encode(out, values);
      const read = readAll(readerOf(options, names), out.toBytes(), cuts);
      expect(read.map(({ fields }) => fields)).toEqual(rows);
    });
    fc.assert(property, { seed: 2, numRuns: 300 });
  });

  test('binary', () => {
    const types = [INT8, STRING, BYTES];
    const options = optionsOf('BINARY');
    const encode = compileCopyRow(types, options, ['a', 'b', 'c'], SETTINGS);
    const decoder = new RowDecoder(
      't',
      types.map((type, i) => ({ name: `c${i}`, type })),
      true,
      {},
    );
    const row = fc.tuple(
      fc.option(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })),
      fc.option(text),
      fc.option(fc.uint8Array()),
    );
    const property = fc.property(fc.array(row), fc.array(fc.nat()), (rows, cuts) => {
      const out = new ByteWriter();
      out.raw(SIGNATURE).u32be(0).u32be(3).raw(Buffer.from('ext'));
      for (const values of rows) encode(out, values);
      out.raw(TRAILER);
      const read = readAll(new BinaryReader(types.length), out.toBytes(), cuts);
      expect(read.map((raw) => decoder.row(raw))).toEqual(rows);
    });
    fc.assert(property, { seed: 2, numRuns: 300 });
  });
});

describe('text, as PostgreSQL reads it', () => {
  test.each([
    ['a\tb\n', [['a', 'b']]],
    ['a\tb', [['a', 'b']]],
    ['a\tb\r\n', [['a', 'b']]],
    ['\\N\t\\\\N\n', [[null, '\\N']]],
    ['\t\n', [['', '']]],
    ['\\b\\f\\n\\r\\t\\v\tx\\y\n', [['\b\f\n\r\t\v', 'xy']]],
    ['\\303\\274\t\\x41\\xe9z\n', undefined],
    ['\\303\\274\t\\x41\\x4a0\n', [['ü', 'AJ0']]],
    ['\\101b\t\\0601\n', [['Ab', '01']]],
    ['a\\\tb\tc\n', [['a\tb', 'c']]],
    ['a\\\nb\tc\n', [['a\nb', 'c']]],
    ['a\\\\\nb\tc\n', [['a\\'], ['b', 'c']]],
    ['a\tb\\', [['a', 'b\\']]],
    ['1\t2\n\\.\n3\t4\n', [['1', '2']]],
    ['ünï\t🦋\n', [['ünï', '🦋']]],
  ])('%j', (input, rows) => {
    if (rows === undefined) expect(() => fieldsOf(input, '')).toThrow(sqlState('22021', /UTF8/));
    else expect(fieldsOf(input, '')).toEqual(rows);
  });

  test('lines are counted as they stand in the input', () => {
    const rows = readAll(new TextReader(optionsOf('')), Buffer.from('a\nb\\\nc\nd\n'));
    expect(rows.map(({ line }) => line)).toEqual([1, 3, 4]);
  });
});

describe('CSV, as PostgreSQL reads it', () => {
  test.each([
    ['a,b\n', 'CSV', [['a', 'b']]],
    ['a,\n', 'CSV', [['a', null]]],
    ['a,""\n', 'CSV', [['a', '']]],
    ['"a ""b""",c\r\n', 'CSV', [['a "b"', 'c']]],
    ['"a\nb",c\n', 'CSV', [['a\nb', 'c']]],
    ['a"b,c"d,e\n', 'CSV', [['ab,cd', 'e']]],
    ['\\N,\\\\n\n', 'CSV', [['\\N', '\\\\n']]],
    ['a,b\n\\.\nc,d\n', 'CSV', [['a', 'b']]],
    ['x,y\na,b\n', 'CSV HEADER', [['a', 'b']]],
    ['a,b\n1,2\n', '(FORMAT csv, HEADER match)', [['1', '2']]],
    ['NULL,"NULL"\n', "CSV NULL 'NULL'", [[null, 'NULL']]],
    ['"",""\n', '(FORMAT csv, FORCE_NULL (b))', [['', null]]],
    [',\n', '(FORMAT csv, FORCE_NOT_NULL (b))', [[null, '']]],
    ["'a''b';c\n", "CSV DELIMITER ';' QUOTE ''''", [["a'b", 'c']]],
    ['"a\\"b",c\n', "CSV ESCAPE E'\\\\'", [['a"b', 'c']]],
    ['"a\\\\",c\n', "CSV ESCAPE E'\\\\'", [['a\\', 'c']]],
    [' a , b \n', 'CSV', [[' a ', ' b ']]],
  ])('%j %s', (input, spelled, rows) => {
    expect(fieldsOf(input, spelled)).toEqual(rows);
  });

  test.each([
    ['"a,b\n', 'CSV', 'unterminated CSV quoted field'],
    ['a\n1\n', '(FORMAT csv, HEADER match)', /wrong number of fields in header line: got 1/],
    ['a,c\n', '(FORMAT csv, HEADER match)', /header line field 2: got "c", expected "b"/],
  ])('%j %s is refused', (input, spelled, message) => {
    expect(() => fieldsOf(input, spelled)).toThrow(sqlState('22P04', message));
  });
});

describe('binary that is wrong', () => {
  const head = [...SIGNATURE, 0, 0, 0, 0, 0, 0, 0, 0];
  test.each([
    [[], 'COPY file signature not recognized'],
    [new Array(19).fill(0x50), 'COPY file signature not recognized'],
    [[...SIGNATURE, 0, 1, 0, 0, 0, 0, 0, 0], /critical flags/],
    [[...head, 0], 'unexpected EOF in COPY data'],
    [[...head, 0, 2], 'row field count is 2, expected 1'],
    [[...head, 0, 1, 0, 0, 0, 4, 1], 'unexpected EOF in COPY data'],
    [[...head, 0, 1, 0x80, 0, 0, 0], 'invalid field size'],
    [[...head, 0xff, 0xff, 0], 'received copy data after EOF marker'],
  ])('%#', (bytes, message) => {
    const read = (): unknown => readAll(new BinaryReader(1), Uint8Array.from(bytes));
    expect(read).toThrow(sqlState('22P04', message));
  });
});

test('binary without its trailer is whole', () => {
  const bytes = [...SIGNATURE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x61];
  const rows = readAll(new BinaryReader(1), Uint8Array.from(bytes));
  expect(rows).toEqual([{ fields: [Buffer.from('a')], line: 1 }]);
});

test('errors say where: line, column and value', () => {
  const columns = [
    { name: 'a', type: INT8 },
    { name: 'b', type: arrayOf(DECIMAL) },
  ];
  const decoder = new RowDecoder('t', columns, false, {});
  const row =
    (...fields: (string | null)[]) =>
    () =>
      decoder.row({ fields, line: 7 });
  expect(row('1', '{1.50,NULL}')()).toHaveLength(2);
  expect(row(null, null)()).toEqual([null, null]);
  expect(row('1')).toThrow('missing data for column "b"');
  expect(row('1', '{}', 'x')).toThrow('extra data after last expected column');
  const contextOf = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return (error as { context?: string }).context;
    }
  };
  expect(contextOf(row('1'))).toBe('COPY t, line 7');
  expect(contextOf(row('x', '{}'))).toBe('COPY t, line 7, column a: "x"');
  expect(contextOf(row('1', 'y'.repeat(200)))).toBe(
    `COPY t, line 7, column b: "${'y'.repeat(100)}..."`,
  );
});

describe('options', () => {
  test.each([
    ['', { format: 'text', delimiter: '\t', nullText: '\\N', header: false }],
    ['WITH CSV', { format: 'csv', delimiter: ',', nullText: '', quote: '"' }],
    ["CSV QUOTE 'q'", { quote: 'q', escapeCharacter: 'q' }],
    ['WITH BINARY', { format: 'binary' }],
    ['(FORMAT text, HEADER true)', { header: true }],
    ["(ENCODING 'utf8')", { format: 'text' }],
  ])('%s', (spelled, wanted) => {
    expect(optionsOf(spelled)).toMatchObject(wanted);
  });

  test.each([
    ['(FORMAT xml)', '22023', 'COPY format "xml" not recognized'],
    ['(FORMAT csv, FORMAT csv)', '42601', 'conflicting or redundant options'],
    ['(COLOUR red)', '42601', 'option "colour" not recognized'],
    ["(DELIMITER 'ab')", '0A000', 'COPY delimiter must be a single one-byte character'],
    ["(DELIMITER 'é')", '0A000', /one-byte/],
    ["(DELIMITER 'a')", '22023', 'COPY delimiter cannot be "a"'],
    ["(DELIMITER E'\\n')", '22023', /newline or carriage return/],
    ["(NULL E'a\\tb')", '22023', /must not appear in the NULL specification/],
    ["(FORMAT csv, QUOTE ',')", '22023', 'COPY delimiter and quote must be different'],
    ["(FORMAT binary, NULL '')", '42601', 'cannot specify NULL in BINARY mode'],
    ['(FORMAT binary, HEADER)', '0A000', 'cannot specify HEADER in BINARY mode'],
    ["(QUOTE 'x')", '0A000', /other than CSV/],
    ['(FREEZE)', '0A000', /FREEZE/],
    ["(ENCODING 'latin1')", '0A000', /encoding latin1/],
    ['(FORMAT csv, HEADER 3.5)', '42601', /Boolean|syntax/],
  ])('%s is refused', (spelled, sqlstate, message) => {
    expect(() => optionsOf(spelled)).toThrow(sqlState(sqlstate, message));
  });

  test('HEADER match only reads', () => {
    expect(() => optionsOf('(FORMAT csv, HEADER match)', 'TO STDOUT')).toThrow(
      sqlState('0A000', /match/),
    );
  });
});
