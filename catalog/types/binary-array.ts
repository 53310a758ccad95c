import { ByteReader } from '../../base/byte-reader';
import type { ByteWriter } from '../../base/byte-writer';
import { notSupported } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { arrayElements, arrayToRepr } from './array';
import type { BinaryDecoder, BinaryEncoder } from './binary';
import type { Repr, SqlType } from './sql-type';
import { INT2VECTOR_OID, OIDVECTOR_OID } from './table';

/**
 * Arrays and records on the wire, as PostgreSQL's `array_send` and `record_send` write them:
 *
 *     array   dimensions i32  has NULLs i32  element OID u32  for each dimension: length i32, first index i32  elements
 *     record  fields i32  for each: OID u32, element
 *     element length i32 (-1 = NULL)  bytes
 */

const NULL_LENGTH = -1;

function writeElement(out: ByteWriter, encode: BinaryEncoder, value: Repr): void {
  const at = out.length;
  out.i32be(NULL_LENGTH);
  if (value === null) return;
  encode(out, value);
  out.sizedFrom(at);
}

function readElement(input: ByteReader, decode: BinaryDecoder): Repr {
  const length = input.i32be();
  if (length === NULL_LENGTH) return null;
  return decode(new ByteReader(input.slice(length), input.file));
}

function elementOf(type: SqlType): SqlType {
  const { element } = type;
  invariant(element !== undefined, 'an array type has an element type');
  if (element.family !== 'array') return element;
  throw notSupported('the binary format of multidimensional arrays');
}

export function arrayEncoder(
  type: SqlType,
  compile: (element: SqlType) => BinaryEncoder,
): BinaryEncoder {
  const element = elementOf(type);
  const encode = compile(element);
  const first = type.oid === INT2VECTOR_OID || type.oid === OIDVECTOR_OID ? 0 : 1;
  return (out, value) => {
    const values = arrayElements(type, value as Uint8Array);
    const hasNulls = values.includes(null) ? 1 : 0;
    // An empty vector still has its dimension.
    const dimensions = values.length === 0 && first === 1 ? 0 : 1;
    out.i32be(dimensions).i32be(hasNulls).u32be(element.oid);
    if (dimensions > 0) out.i32be(values.length).i32be(first);
    for (const item of values) writeElement(out, encode, item);
  };
}

/** The element's OID is not looked at: what the type says counts, as clients send 0 or a kin of it. */
export function arrayDecoder(
  type: SqlType,
  compile: (element: SqlType) => BinaryDecoder,
): BinaryDecoder {
  const decode = compile(elementOf(type));
  return (input) => {
    const dimensions = input.i32be();
    input.skip(8);
    if (dimensions > 1) throw notSupported('the binary format of multidimensional arrays');
    if (dimensions !== 0 && dimensions !== 1) input.fail('invalid number of dimensions');
    const count = dimensions === 0 ? 0 : input.i32be();
    if (dimensions === 1) input.skip(4);
    // Each element takes four bytes at least.
    if (count < 0 || count * 4 > input.remaining) input.fail('invalid number of elements');
    const values: Repr[] = [];
    for (let i = 0; i < count; i++) values.push(readElement(input, decode));
    return arrayToRepr(type, values);
  };
}

export function recordEncoder(
  type: SqlType,
  compile: (field: SqlType) => BinaryEncoder,
): BinaryEncoder {
  const fields = (type.fields ?? []).map((field) => ({ oid: field.oid, encode: compile(field) }));
  return (out, value) => {
    const values = arrayElements(type, value as Uint8Array);
    out.i32be(values.length);
    for (const [i, item] of values.entries()) {
      const field = fields[i];
      invariant(field !== undefined, 'a tuple has as many values as its type has fields');
      out.u32be(field.oid);
      writeElement(out, field.encode, item);
    }
  };
}

export function recordDecoder(
  type: SqlType,
  compile: (field: SqlType) => BinaryDecoder,
): BinaryDecoder {
  const fields = (type.fields ?? []).map(compile);
  return (input) => {
    if (input.i32be() !== fields.length) input.fail('wrong number of fields');
    const values = fields.map((decode) => {
      input.skip(4);
      return readElement(input, decode);
    });
    return arrayToRepr(type, values);
  };
}
