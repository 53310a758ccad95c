import { ByteReader } from '../../base/byte-reader';
import { ByteWriter } from '../../base/byte-writer';
import { CorruptionError, SqlError } from '../../base/errors';

/** GEOMETRY and GEOGRAPHY: EWKB, little endian, as CockroachDB stores and prints them. */

/** Shape numbers of (E)WKB. */
export const Shape = {
  Point: 1,
  LineString: 2,
  Polygon: 3,
  MultiPoint: 4,
  MultiLineString: 5,
  MultiPolygon: 6,
  GeometryCollection: 7,
} as const;

export interface Geometry {
  readonly shape: number;
  readonly hasZ: boolean;
  readonly hasM: boolean;
  /** Points and line strings: one ring; polygons: rings. Numbers are interleaved coordinates. */
  readonly rings: readonly (readonly number[])[];
  /** Multi shapes and collections. */
  readonly parts: readonly Geometry[];
}

export interface SpatialValue {
  readonly srid: number;
  readonly geometry: Geometry;
}

const WKB_Z = 0x80000000;
const WKB_M = 0x40000000;
const WKB_SRID = 0x20000000;
const DEPTH_MAX = 32;

/** Coordinates of a point. */
export function dimensions(geometry: Geometry): number {
  return 2 + (geometry.hasZ ? 1 : 0) + (geometry.hasM ? 1 : 0);
}

function readCoordinates(reader: ByteReader, little: boolean, count: number): number[] {
  if (count * 8 > reader.remaining) reader.fail('more coordinates than bytes');
  const bytes = reader.slice(count * 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => view.getFloat64(i * 8, little));
}

function readGeometry(reader: ByteReader, depth: number): { geometry: Geometry; srid: number } {
  if (depth > DEPTH_MAX) reader.fail('geometry nested too deep');
  const little = reader.u8() === 1;
  const u32 = (): number => (little ? reader.u32le() : reader.u32be());
  const type = u32();
  const srid = (type & WKB_SRID) !== 0 ? u32() : 0;
  // ISO WKB adds 1000 for Z, 2000 for M; EWKB sets bits.
  const iso = Math.floor((type & 0xffff) / 1000);
  const shape = (type & 0xffff) % 1000;
  const hasZ = (type & WKB_Z) !== 0 || iso === 1 || iso === 3;
  const hasM = (type & WKB_M) !== 0 || iso === 2 || iso === 3;
  const base = { shape, hasZ, hasM };
  const size = 2 + (hasZ ? 1 : 0) + (hasM ? 1 : 0);
  if (shape === Shape.Point) {
    const point = readCoordinates(reader, little, size);
    const isEmpty = point.every(Number.isNaN);
    return { geometry: { ...base, rings: [isEmpty ? [] : point], parts: [] }, srid };
  }
  const count = u32();
  if (count > reader.remaining) reader.fail('more shapes than bytes');
  if (shape === Shape.LineString) {
    const ring = readCoordinates(reader, little, count * size);
    return { geometry: { ...base, rings: [ring], parts: [] }, srid };
  }
  if (shape === Shape.Polygon) {
    const rings: number[][] = [];
    for (let i = 0; i < count; i++) rings.push(readCoordinates(reader, little, u32() * size));
    return { geometry: { ...base, rings, parts: [] }, srid };
  }
  if (shape < Shape.MultiPoint || shape > Shape.GeometryCollection) reader.fail('unknown shape');
  const parts: Geometry[] = [];
  for (let i = 0; i < count; i++) parts.push(readGeometry(reader, depth + 1).geometry);
  return { geometry: { ...base, rings: [], parts }, srid };
}

/** @throws CorruptionError */
export function decodeEwkb(bytes: Uint8Array): SpatialValue {
  const reader = new ByteReader(bytes, 'geometry');
  const value = readGeometry(reader, 0);
  if (reader.remaining !== 0) reader.fail('bytes after a geometry');
  return value;
}

function writeDouble(writer: ByteWriter, value: number): void {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(value);
  writer.raw(bytes);
}

function writeGeometry(writer: ByteWriter, geometry: Geometry, srid: number): void {
  const { shape, hasZ, hasM, rings, parts } = geometry;
  const flags = (hasZ ? WKB_Z : 0) + (hasM ? WKB_M : 0) + (srid === 0 ? 0 : WKB_SRID);
  writer.u8(1).u32le(shape + flags);
  if (srid !== 0) writer.u32le(srid);
  const size = dimensions(geometry);
  if (shape === Shape.Point) {
    const point = rings[0] ?? [];
    for (let i = 0; i < size; i++) writeDouble(writer, point[i] ?? Number.NaN);
    return;
  }
  if (shape === Shape.LineString || shape === Shape.Polygon) {
    if (shape === Shape.Polygon) writer.u32le(rings.length);
    for (const ring of rings) {
      writer.u32le(ring.length / size);
      for (const value of ring) writeDouble(writer, value);
    }
    return;
  }
  writer.u32le(parts.length);
  for (const part of parts) writeGeometry(writer, part, 0);
}

export function encodeEwkb(value: SpatialValue): Uint8Array {
  const writer = new ByteWriter(64);
  writeGeometry(writer, value.geometry, value.srid);
  return writer.toBytes();
}

export interface Bounds {
  readonly loX: number;
  readonly hiX: number;
  readonly loY: number;
  readonly hiY: number;
}

/** The smallest box around a geometry's coordinates; undefined when it is empty. */
export function boundsOf(geometry: Geometry): Bounds | undefined {
  const box = { loX: Infinity, hiX: -Infinity, loY: Infinity, hiY: -Infinity };
  const visit = (shape: Geometry): void => {
    const size = dimensions(shape);
    for (const ring of shape.rings)
      for (let i = 0; i + 1 < ring.length; i += size) {
        const x = ring[i] as number;
        const y = ring[i + 1] as number;
        box.loX = Math.min(box.loX, x);
        box.hiX = Math.max(box.hiX, x);
        box.loY = Math.min(box.loY, y);
        box.hiY = Math.max(box.hiY, y);
      }
    shape.parts.forEach(visit);
  };
  visit(geometry);
  return box.loX > box.hiX ? undefined : box;
}

const SHAPE_BY_NAME: { readonly [name: string]: number } = {
  POINT: Shape.Point,
  LINESTRING: Shape.LineString,
  POLYGON: Shape.Polygon,
  MULTIPOINT: Shape.MultiPoint,
  MULTILINESTRING: Shape.MultiLineString,
  MULTIPOLYGON: Shape.MultiPolygon,
  GEOMETRYCOLLECTION: Shape.GeometryCollection,
};

class WktError extends Error {}

/** Well-known text. */
class WktParser {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  geometryAll(): Geometry {
    const geometry = this.geometry(0);
    this.skipSpace();
    if (this.position < this.text.length) throw new WktError('unexpected text after the shape');
    return geometry;
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }

  private word(): string {
    this.skipSpace();
    const match = /^[a-z]+/i.exec(this.text.slice(this.position, this.position + 32));
    if (match === null) return '';
    this.position += match[0].length;
    return match[0].toUpperCase();
  }

  private take(character: string): boolean {
    this.skipSpace();
    if (this.text[this.position] !== character) return false;
    this.position++;
    return true;
  }

  private expect(character: string): void {
    if (!this.take(character)) throw new WktError(`expected "${character}" at ${this.position}`);
  }

  private isEmpty(): boolean {
    const at = this.position;
    if (this.word() === 'EMPTY') return true;
    this.position = at;
    return false;
  }

  private point(size: number): number[] {
    const values: number[] = [];
    for (;;) {
      this.skipSpace();
      const match = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/i.exec(
        this.text.slice(this.position, this.position + 64),
      );
      if (match === null) break;
      values.push(Number(match[0]));
      this.position += match[0].length;
    }
    if (values.length !== size) throw new WktError(`expected ${size} coordinates`);
    return values;
  }

  private list<T>(item: () => T): T[] {
    this.expect('(');
    const items = [item()];
    while (this.take(',')) items.push(item());
    this.expect(')');
    return items;
  }

  private ring(size: number): number[] {
    return this.isEmpty() ? [] : this.list(() => this.point(size)).flat();
  }

  private geometry(depth: number): Geometry {
    if (depth > DEPTH_MAX) throw new WktError('nested too deep');
    let name = this.word();
    let tail = '';
    if (SHAPE_BY_NAME[name] === undefined) {
      tail = /(?:ZM|Z|M)$/.exec(name)?.[0] ?? '';
      name = name.slice(0, name.length - tail.length);
    } else {
      const at = this.position;
      const word = this.word();
      if (word === 'Z' || word === 'M' || word === 'ZM') tail = word;
      else this.position = at;
    }
    const shape = SHAPE_BY_NAME[name];
    if (shape === undefined) throw new WktError(`unknown shape "${name}"`);
    const hasZ = tail.includes('Z') || (tail === '' && this.coordinates() >= 3);
    const hasM = tail.includes('M') || (tail === '' && this.coordinates() >= 4);
    return this.body({ shape, hasZ, hasM, rings: [], parts: [] }, depth);
  }

  /** Coordinates of the first point ahead, when there is no tag. */
  private coordinates(): number {
    const match = /^[\s(]*((?:[-+]?[\d.]+(?:e[-+]?\d+)?\s*)+)/i.exec(
      this.text.slice(this.position),
    );
    return match === null ? 2 : (match[1] ?? '').trim().split(/\s+/).length;
  }

  private body(base: Geometry, depth: number): Geometry {
    const size = dimensions(base);
    const part = (shape: number, rings: number[][]): Geometry => ({ ...base, shape, rings });
    const empty = this.isEmpty();
    switch (base.shape) {
      case Shape.Point:
        if (empty) return { ...base, rings: [[]] };
        return { ...base, rings: [this.list(() => this.point(size)).flat()] };
      case Shape.LineString:
        return { ...base, rings: [empty ? [] : this.ring(size)] };
      case Shape.Polygon:
        return { ...base, rings: empty ? [] : this.list(() => this.ring(size)) };
      default:
        if (empty) return base;
        return { ...base, parts: this.list(() => this.member(base.shape, size, part, depth)) };
    }
  }

  private member(
    shape: number,
    size: number,
    part: (shape: number, rings: number[][]) => Geometry,
    depth: number,
  ): Geometry {
    switch (shape) {
      case Shape.MultiPoint: {
        if (this.isEmpty()) return part(Shape.Point, [[]]);
        const inParentheses = this.take('(');
        const point = this.point(size);
        if (inParentheses) this.expect(')');
        return part(Shape.Point, [point]);
      }
      case Shape.MultiLineString:
        return part(Shape.LineString, [this.ring(size)]);
      case Shape.MultiPolygon:
        return part(Shape.Polygon, this.isEmpty() ? [] : this.list(() => this.ring(size)));
      default:
        return this.geometry(depth + 1);
    }
  }
}

function checkRings(geometry: Geometry): void {
  const size = dimensions(geometry);
  if (geometry.shape === Shape.LineString && geometry.rings.some((r) => r.length === size))
    throw new WktError('LineString must have at least 2 points');
  if (geometry.shape === Shape.Polygon)
    for (const ring of geometry.rings) {
      if (ring.length < 4 * size) throw new WktError('Polygon ring must have at least 4 points');
      if (ring[0] !== ring.at(-size) || ring[1] !== ring.at(1 - size))
        throw new WktError('Polygon ring is not closed');
    }
  geometry.parts.forEach(checkRings);
}

function parseSpatial(text: string): SpatialValue {
  const trimmed = text.trim();
  if (/^[0-9a-f]{10,}$/i.test(trimmed) && trimmed.length % 2 === 0)
    return decodeEwkb(Buffer.from(trimmed, 'hex'));
  const srid = /^SRID\s*=\s*(\d{1,6})\s*;/i.exec(trimmed);
  const geometry = new WktParser(
    srid === null ? trimmed : trimmed.slice(srid[0].length),
  ).geometryAll();
  checkRings(geometry);
  return { srid: srid === null ? 0 : Number(srid[1]), geometry };
}

/** WGS 84, what GEOGRAPHY means without an SRID. */
const GEOGRAPHY_SRID = 4326;

/** (E)WKT or hex (E)WKB. @throws SqlError 22P02 */
export function parseGeo(text: string, family: 'geometry' | 'geography'): Uint8Array {
  try {
    const value = parseSpatial(text);
    const srid = family === 'geography' && value.srid === 0 ? GEOGRAPHY_SRID : value.srid;
    return encodeEwkb({ ...value, srid });
  } catch (error) {
    if (!(error instanceof WktError || error instanceof CorruptionError)) throw error;
    throw new SqlError(
      'invalidTextRepresentation',
      `could not parse "${text}" as type ${family}: error parsing EWKT: ${error.message}`,
    );
  }
}
