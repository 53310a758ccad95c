import { SqlError } from '../../base/errors';
import {
  dimensions,
  encodeEwkb,
  type Geometry,
  Shape,
  type SpatialValue,
} from '../../catalog/types/geo';
import {
  JsonNumber,
  type JsonValue,
  jsonObject,
  jsonText,
  parseJsonValue,
} from '../../catalog/types/json';
import { isEmpty, NAMES, point } from './geo-shapes';

/** Geometries as WKT, WKB and GeoJSON. */

/** At most that many digits after the point, without zeros at the end; -1: as many as it takes. */
export function numberText(value: number, digits: number): string {
  if (digits < 0 || !Number.isFinite(value)) return String(value);
  const fixed = value.toFixed(Math.min(digits, 100));
  const short = fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  return short === '-0' ? '0' : short;
}

function ringText(ring: readonly number[], size: number, digits: number): string {
  const points: string[] = [];
  for (let i = 0; i < ring.length; i += size)
    points.push(
      ring
        .slice(i, i + size)
        .map((value) => numberText(value, digits))
        .join(' '),
    );
  return points.join(', ');
}

function bodyText(geometry: Geometry, digits: number): string {
  const size = dimensions(geometry);
  const { shape, rings, parts } = geometry;
  if (isEmpty(geometry) && (parts.length === 0 || shape !== Shape.GeometryCollection))
    return 'EMPTY';
  if (shape === Shape.Point || shape === Shape.LineString)
    return `(${ringText(rings[0] ?? [], size, digits)})`;
  if (shape === Shape.Polygon)
    return `(${rings.map((ring) => `(${ringText(ring, size, digits)})`).join(', ')})`;
  if (shape === Shape.GeometryCollection)
    return `(${parts.map((part) => wkt(part, digits)).join(', ')})`;
  if (shape === Shape.MultiPoint)
    return `(${parts.map((part) => (isEmpty(part) ? 'EMPTY' : ringText(part.rings[0] ?? [], size, digits))).join(', ')})`;
  return `(${parts.map((part) => bodyText(part, digits)).join(', ')})`;
}

/** `POINT Z (1 2 3)` */
export function wkt(geometry: Geometry, digits: number): string {
  const { shape, hasZ, hasM } = geometry;
  const tail = `${hasZ || hasM ? ' ' : ''}${hasZ ? 'Z' : ''}${hasM ? 'M' : ''}`;
  return `${(NAMES[shape] ?? '').toUpperCase()}${tail} ${bodyText(geometry, digits)}`;
}

export function ewkt({ geometry, srid }: SpatialValue, digits: number): string {
  return `${srid === 0 ? '' : `SRID=${srid};`}${wkt(geometry, digits)}`;
}

/** Well-known binary without the SRID; ISO's numbers for Z and M. */
export function wkb(geometry: Geometry, bigEndian = false): Uint8Array {
  const chunks: Buffer[] = [];
  const u32 = (value: number): void => {
    const bytes = Buffer.alloc(4);
    if (bigEndian) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    chunks.push(bytes);
  };
  const doubles = (values: readonly number[]): void => {
    const bytes = Buffer.alloc(values.length * 8);
    for (const [i, value] of values.entries())
      if (bigEndian) bytes.writeDoubleBE(value, i * 8);
      else bytes.writeDoubleLE(value, i * 8);
    chunks.push(bytes);
  };
  const write = (shape: Geometry): void => {
    const size = dimensions(shape);
    chunks.push(Buffer.from([bigEndian ? 0 : 1]));
    u32(shape.shape + (shape.hasZ ? 1000 : 0) + (shape.hasM ? 2000 : 0));
    const [ring = []] = shape.rings;
    if (shape.shape === Shape.Point) {
      doubles(ring.length === 0 ? new Array<number>(size).fill(Number.NaN) : ring);
      return;
    }
    if (shape.shape === Shape.LineString) {
      u32(ring.length / size);
      doubles(ring);
      return;
    }
    u32(shape.shape === Shape.Polygon ? shape.rings.length : shape.parts.length);
    if (shape.shape === Shape.Polygon)
      for (const one of shape.rings) {
        u32(one.length / size);
        doubles(one);
      }
    shape.parts.forEach(write);
  };
  write(geometry);
  return Buffer.concat(chunks);
}

const jsonNumber = (value: number, digits: number): JsonValue => {
  const json = parseJsonValue(numberText(value, digits));
  return json instanceof JsonNumber ? json : null;
};

function coordinates(geometry: Geometry, digits: number): JsonValue {
  const size = dimensions(geometry);
  const ring = (values: readonly number[]): JsonValue[] => {
    const points: JsonValue[] = [];
    for (let i = 0; i < values.length; i += size)
      points.push(values.slice(i, i + size).map((value) => jsonNumber(value, digits)));
    return points;
  };
  const { shape, rings, parts } = geometry;
  if (shape === Shape.Point) return ring(rings[0] ?? [])[0] ?? [];
  if (shape === Shape.LineString) return ring(rings[0] ?? []);
  if (shape === Shape.Polygon) return rings.map(ring);
  return parts.map((part) => coordinates(part, digits));
}

export function geoJsonValue(geometry: Geometry, digits: number): JsonValue {
  const type = NAMES[geometry.shape] ?? '';
  if (geometry.shape !== Shape.GeometryCollection)
    return jsonObject([
      ['type', type],
      ['coordinates', coordinates(geometry, digits)],
    ]);
  return jsonObject([
    ['type', type],
    ['geometries', geometry.parts.map((part) => geoJsonValue(part, digits))],
  ]);
}

/** Members in the order that CockroachDB writes: type first. */
export function geoJson(geometry: Geometry, digits: number): string {
  const type = NAMES[geometry.shape] ?? '';
  const compact = (value: JsonValue): string => jsonText(value).replaceAll(', ', ',');
  if (geometry.shape === Shape.GeometryCollection)
    return `{"type":"${type}","geometries":[${geometry.parts.map((part) => geoJson(part, digits)).join(',')}]}`;
  return `{"type":"${type}","coordinates":${compact(coordinates(geometry, digits))}}`;
}

function fail(): SqlError {
  return new SqlError('invalidParameterValue', 'error parsing GeoJSON: not a geometry');
}

function numbersOf(value: JsonValue): number[] {
  if (!Array.isArray(value)) throw fail();
  return value.map((item: JsonValue) => {
    if (!(item instanceof JsonNumber)) throw fail();
    return Number(item.toString());
  });
}

function listOf<T>(value: JsonValue, fn: (item: JsonValue) => T): T[] {
  if (!Array.isArray(value)) throw fail();
  return value.map((item: JsonValue) => fn(item));
}

const JSON_DEPTH_MAX = 32;

export function fromGeoJson(value: JsonValue, depth = 0): Geometry {
  if (!(value instanceof Map) || depth > JSON_DEPTH_MAX) throw fail();
  const members = value as ReadonlyMap<string, JsonValue>;
  const shape = NAMES.indexOf(String(members.get('type') ?? '?'));
  const list = members.get('coordinates') ?? null;
  const base = { shape, hasZ: false, hasM: false, rings: [], parts: [] };
  const line = (item: JsonValue): number[] => listOf(item, numbersOf).flat();
  const made = (inner: number, rings: number[][]): Geometry => ({ ...base, shape: inner, rings });
  switch (shape) {
    case Shape.Point:
      return point(numbersOf(list));
    case Shape.LineString:
      return made(shape, [line(list)]);
    case Shape.Polygon:
      return made(shape, listOf(list, line));
    case Shape.MultiPoint:
      return { ...base, parts: listOf(list, (item) => point(numbersOf(item))) };
    case Shape.MultiLineString:
      return { ...base, parts: listOf(list, (item) => made(Shape.LineString, [line(item)])) };
    case Shape.MultiPolygon:
      return { ...base, parts: listOf(list, (item) => made(Shape.Polygon, listOf(item, line))) };
    case Shape.GeometryCollection:
      return {
        ...base,
        parts: listOf(members.get('geometries') ?? null, (item) => fromGeoJson(item, depth + 1)),
      };
    default:
      throw fail();
  }
}

/** GeoJSON is always WGS 84. */
export const geoJsonEwkb = (text: string): Uint8Array =>
  encodeEwkb({ geometry: fromGeoJson(parseJsonValue(text)), srid: 4326 });
