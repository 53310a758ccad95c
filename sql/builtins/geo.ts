import { notSupported, SqlError } from '../../base/errors';
import { box2dToRepr } from '../../catalog/types/box2d';
import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import { decodeEwkb, dimensions, encodeEwkb, parseGeo, Shape } from '../../catalog/types/geo';
import type { Repr } from '../../catalog/types/sql-type';
import {
  BOOL,
  BOX2D,
  BYTES,
  FLOAT8,
  GEOGRAPHY,
  GEOMETRY,
  INT8,
  STRING,
} from '../../catalog/types/table';
import type { FunctionRow, Udf } from './function-row';
import * as shapes from './geo-shapes';
import { ewkt, geoJson, geoJsonEwkb, wkb, wkt } from './geo-text';
import { bool, udf } from './rows';

/** Spatial functions that need no geometry library: text and binary forms, coordinates, parts, construction. */

type Bytes = Uint8Array;

const G = ['geometry'] as const;
const GEO = [
  ['geometry', GEOMETRY],
  ['geography', GEOGRAPHY],
] as const;

const decode = shapes.decode;
const int = (value: number): bigint => BigInt(value);
const DIGITS = 15;
const JSON_DIGITS = 9;

const hexUpper = (bytes: Bytes): string => Buffer.from(bytes).toString('hex').toUpperCase();

const WGS84 = 4326;

/** Other reference systems would be named in the JSON. */
function asGeoJson(bytes: Bytes, digits: number): string {
  const { geometry, srid } = decode(bytes);
  if (srid !== 0 && srid !== WGS84)
    throw notSupported(`GeoJSON of SRID ${srid}`, 'Transform the geometry to SRID 4326 first.');
  return geoJson(geometry, digits);
}

const isXdr = (order: string): boolean => order.toLowerCase() === 'xdr';

/** Text forms, of both types. */
const outputs: readonly FunctionRow[] = GEO.flatMap(([family]) =>
  outputsOf(family).map((row) => ({ ...row, preferred: family === 'geometry' })),
);

function outputsOf(family: 'geometry' | 'geography'): FunctionRow[] {
  return [
    udf('st_astext', [family], STRING, (b: Bytes) => wkt(decode(b).geometry, DIGITS)),
    udf('st_astext', [family, 'int'], STRING, (b: Bytes, n: bigint) =>
      wkt(decode(b).geometry, Number(n)),
    ),
    udf('st_asewkt', [family], STRING, (b: Bytes) => ewkt(decode(b), DIGITS)),
    udf('st_asewkt', [family, 'int'], STRING, (b: Bytes, n: bigint) => ewkt(decode(b), Number(n))),
    udf('st_asbinary', [family], BYTES, (b: Bytes) => wkb(decode(b).geometry)),
    udf('st_asbinary', [family, 'string'], BYTES, (b: Bytes, order: string) =>
      wkb(decode(b).geometry, isXdr(order)),
    ),
    udf('st_asewkb', [family], BYTES, (b: Bytes) => b),
    udf('st_ashexwkb', [family], STRING, (b: Bytes) => hexUpper(wkb(decode(b).geometry))),
    udf('st_ashexewkb', [family], STRING, hexUpper),
    udf('st_asgeojson', [family], STRING, (b: Bytes) => asGeoJson(b, JSON_DIGITS)),
    udf('st_asgeojson', [family, 'int'], STRING, (b: Bytes, n: bigint) => asGeoJson(b, Number(n))),
    udf('st_srid', [family], INT8, (b: Bytes) => int(decode(b).srid)),
  ];
}

const withSrid = (bytes: Bytes, srid: bigint): Bytes =>
  encodeEwkb({ geometry: decode(bytes).geometry, srid: Number(srid) });

/** A value of one shape; another shape gives NULL, as in CockroachDB. */
function ofShape(bytes: Bytes, shape: number | undefined): Bytes | null {
  return shape === undefined || decode(bytes).geometry.shape === shape ? bytes : null;
}

export function readWkb(bytes: Bytes): Bytes {
  try {
    return encodeEwkb(decodeEwkb(bytes));
  } catch {
    throw new SqlError('invalidParameterValue', 'error parsing WKB');
  }
}

const SHAPED: readonly (readonly [prefixes: string, shape: number])[] = [
  ['st_point', Shape.Point],
  ['st_line st_linestring', Shape.LineString],
  ['st_poly st_polygon', Shape.Polygon],
  ['st_mpoint st_multipoint', Shape.MultiPoint],
  ['st_mline st_multiline st_multilinestring', Shape.MultiLineString],
  ['st_mpoly st_multipoly st_multipolygon', Shape.MultiPolygon],
  ['st_geomcoll', Shape.GeometryCollection],
];

function fromText(name: string, shape?: number): FunctionRow[] {
  const parse = (text: string): Bytes | null => ofShape(parseGeo(text, 'geometry'), shape);
  return [
    udf(name, ['string'], GEOMETRY, parse),
    udf(name, ['string', 'int'], GEOMETRY, (text: string, srid: bigint) => {
      const made = parse(text);
      return made === null ? null : withSrid(made, srid);
    }),
  ];
}

function fromWkb(name: string, shape?: number): FunctionRow[] {
  const parse = (bytes: Bytes): Bytes | null => ofShape(readWkb(bytes), shape);
  return [
    udf(name, ['bytes'], GEOMETRY, parse),
    udf(name, ['bytes', 'int'], GEOMETRY, (bytes: Bytes, srid: bigint) => {
      const made = parse(bytes);
      return made === null ? null : withSrid(made, srid);
    }),
  ];
}

const inputs: readonly FunctionRow[] = [
  ...['st_geomfromtext', 'st_geometryfromtext'].flatMap((name) => fromText(name)),
  ...fromWkb('st_geomfromwkb'),
  ...SHAPED.flatMap(([prefixes, shape]) =>
    prefixes
      .split(' ')
      .flatMap((prefix) => [
        ...fromText(`${prefix}fromtext`, shape),
        ...fromWkb(`${prefix}fromwkb`, shape),
      ]),
  ),
  ...['st_geomfromewkt', 'geomfromewkt', 'st_wkttosql'].map((name) =>
    udf(name, ['string'], GEOMETRY, (text: string) => parseGeo(text, 'geometry')),
  ),
  ...['st_geomfromewkb', 'geomfromewkb', 'st_wkbtosql'].map((name) =>
    udf(name, ['bytes'], GEOMETRY, readWkb),
  ),
  ...['st_geogfromtext', 'st_geographyfromtext', 'st_geogfromewkt'].map((name) =>
    udf(name, ['string'], GEOGRAPHY, (text: string) => parseGeo(text, 'geography')),
  ),
  udf('st_geomfromgeojson', ['string'], GEOMETRY, geoJsonEwkb, { preferred: true }),
  udf('st_geomfromgeojson', ['json'], GEOMETRY, geoJsonEwkb),
  udf('st_geogfromgeojson', ['string'], GEOGRAPHY, geoJsonEwkb, { preferred: true }),
  udf('st_geogfromgeojson', ['json'], GEOGRAPHY, geoJsonEwkb),
  ...GEO.map(([family, type]) => udf('st_setsrid', [family, 'int'], type, withSrid)),
];

const makePoint = (...values: Repr[]): Bytes =>
  shapes.encodeAs(shapes.point(values.map(floatFromRepr)), 0);

function makeEnvelope(a: Repr, b: Repr, c: Repr, d: Repr, srid = 0n): Bytes {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [a, b, c, d].map(floatFromRepr);
  const ring = [x1, y1, x1, y2, x2, y2, x2, y1, x1, y1];
  const base = { shape: Shape.Polygon, hasZ: false, hasM: false, parts: [] };
  return shapes.encodeAs({ ...base, rings: [ring] }, Number(srid));
}

function makeBox(a: Bytes, b: Bytes): Bytes {
  const [p, q] = [decode(a).geometry, decode(b).geometry];
  const [x1, y1] = p.rings[0] ?? [];
  const [x2, y2] = q.rings[0] ?? [];
  const points = p.shape === Shape.Point && q.shape === Shape.Point;
  if (!points || x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined)
    throw new SqlError('invalidParameterValue', 'arguments must be POINTs');
  return box2dToRepr({
    loX: Math.min(x1, x2),
    hiX: Math.max(x1, x2),
    loY: Math.min(y1, y2),
    hiY: Math.max(y1, y2),
  });
}

const F = 'float';

const makers: readonly FunctionRow[] = [
  udf('st_point', [F, F], GEOMETRY, makePoint),
  ...[2, 3, 4].map((count) =>
    udf('st_makepoint', Array<'float'>(count).fill(F), GEOMETRY, makePoint),
  ),
  udf('st_makepointm', [F, F, F], GEOMETRY, (...values: Repr[]) =>
    shapes.encodeAs(shapes.point(values.map(floatFromRepr), true), 0),
  ),
  udf('st_makeenvelope', [F, F, F, F], GEOMETRY, makeEnvelope),
  udf('st_makeenvelope', [F, F, F, F, 'int'], GEOMETRY, makeEnvelope),
  udf('st_makebox2d', ['geometry', 'geometry'], BOX2D, makeBox),
];

const axis = (name: 'x' | 'y' | 'z' | 'm'): FunctionRow =>
  udf(`st_${name}`, G, FLOAT8, (b: Bytes) => {
    const value = shapes.coordinate(b, name);
    return value === null ? null : floatToRepr(value);
  });

type Side = 'loX' | 'hiX' | 'loY' | 'hiY';

function side(name: string, which: Side): FunctionRow[] {
  return [
    udf(name, G, FLOAT8, (b: Bytes) => {
      const box = shapes.boxOf(b);
      return box === null ? null : floatToRepr(shapes.boundsOfBox(box)[which]);
    }),
    udf(name, ['box2d'], FLOAT8, (b: Bytes) => floatToRepr(shapes.boundsOfBox(b)[which])),
  ];
}

/** A part of a line: NULL when there is none or it is no line. */
function lineOf(bytes: Bytes): { readonly count: number; at(index: number): Bytes } | undefined {
  const { geometry, srid } = decode(bytes);
  if (geometry.shape !== Shape.LineString) return undefined;
  const ring = geometry.rings[0] ?? [];
  return {
    count: ring.length / dimensions(geometry),
    at: (index) => shapes.encodeAs(shapes.pointAt(geometry, ring, index), srid),
  };
}

function linePoint(bytes: Bytes, index: number): Bytes | null {
  const line = lineOf(bytes);
  if (line === undefined || index < 0 || index >= line.count) return null;
  return line.at(index);
}

function ringOf(bytes: Bytes, index: number): Bytes | null {
  const { geometry, srid } = decode(bytes);
  if (geometry.shape !== Shape.Polygon) return null;
  if (index === 0 && geometry.rings.length === 0)
    return shapes.encodeAs({ ...geometry, shape: Shape.LineString, rings: [[]] }, srid);
  const ring = geometry.rings[index];
  if (ring === undefined || index < 0) return null;
  return shapes.encodeAs({ ...geometry, shape: Shape.LineString, rings: [ring] }, srid);
}

function partOf(bytes: Bytes, index: number): Bytes | null {
  const { geometry, srid } = decode(bytes);
  if (geometry.shape <= Shape.Polygon) return index === 0 ? bytes : null;
  const part = index < 0 ? undefined : geometry.parts[index];
  return part === undefined ? null : shapes.encodeAs(part, srid);
}

function partCount(bytes: Bytes): bigint {
  const { geometry } = decode(bytes);
  if (geometry.shape > Shape.Polygon) return int(geometry.parts.length);
  return shapes.isEmpty(geometry) ? 0n : 1n;
}

const innerRings = (bytes: Bytes): bigint | null => {
  const { geometry } = decode(bytes);
  if (geometry.shape !== Shape.Polygon) return null;
  return int(Math.max(geometry.rings.length - 1, 0));
};

type Change = (geometry: ReturnType<typeof decode>['geometry']) => typeof geometry;

const changing = (change: Change): Udf =>
  ((bytes: Bytes) => {
    const { geometry, srid } = decode(bytes);
    return shapes.encodeAs(change(geometry), srid);
  }) as Udf;

const counting =
  (count: (geometry: ReturnType<typeof decode>['geometry']) => number) =>
  (bytes: Bytes): bigint =>
    int(count(decode(bytes).geometry));

const flag = (geometry: { readonly hasZ: boolean; readonly hasM: boolean }): number =>
  (geometry.hasZ ? 2 : 0) + (geometry.hasM ? 1 : 0);

const shapeName = (bytes: Bytes): string => shapes.NAMES[decode(bytes).geometry.shape] ?? '';

const readers: readonly FunctionRow[] = [
  axis('x'),
  axis('y'),
  axis('z'),
  axis('m'),
  ...side('st_xmin', 'loX'),
  ...side('st_xmax', 'hiX'),
  ...side('st_ymin', 'loY'),
  ...side('st_ymax', 'hiY'),
  udf('st_geometrytype', G, STRING, (b: Bytes) => `ST_${shapeName(b)}`),
  udf('geometrytype', G, STRING, (b: Bytes) => shapeName(b).toUpperCase()),
  udf('st_isempty', G, BOOL, (b: Bytes) => bool(shapes.isEmpty(decode(b).geometry))),
  udf('st_iscollection', G, BOOL, (b: Bytes) => bool(decode(b).geometry.shape > Shape.Polygon)),
  udf('st_isclosed', G, BOOL, (b: Bytes) => bool(shapes.isClosed(decode(b).geometry))),
  udf('st_hasarc', G, BOOL, () => bool(false)),
  udf('st_dimension', G, INT8, counting(shapes.topologicalDimension)),
  udf('st_ndims', G, INT8, counting(dimensions)),
  udf('st_coorddim', G, INT8, counting(dimensions)),
  udf('st_zmflag', G, INT8, counting(flag)),
  udf('st_npoints', G, INT8, counting(shapes.pointCount)),
  udf('st_nrings', G, INT8, counting(shapes.ringCount)),
  udf('st_numpoints', G, INT8, (b: Bytes) => {
    const line = lineOf(b);
    return line === undefined ? null : int(line.count);
  }),
  udf('st_numgeometries', G, INT8, partCount),
  udf('st_numinteriorrings', G, INT8, innerRings),
  udf('st_numinteriorring', G, INT8, innerRings),
  udf('st_geometryn', ['geometry', 'int'], GEOMETRY, (b: Bytes, n: bigint) =>
    partOf(b, Number(n) - 1),
  ),
  udf('st_pointn', ['geometry', 'int'], GEOMETRY, (b: Bytes, n: bigint) =>
    linePoint(b, Number(n) - 1),
  ),
  udf('st_startpoint', G, GEOMETRY, (b: Bytes) => linePoint(b, 0)),
  udf('st_endpoint', G, GEOMETRY, (b: Bytes) => linePoint(b, (lineOf(b)?.count ?? 0) - 1)),
  udf('st_exteriorring', G, GEOMETRY, (b: Bytes) => ringOf(b, 0)),
  udf('st_interiorringn', ['geometry', 'int'], GEOMETRY, (b: Bytes, n: bigint) =>
    n < 1n ? null : ringOf(b, Number(n)),
  ),
  udf(
    'st_flipcoordinates',
    G,
    GEOMETRY,
    changing((g) => shapes.mapPoints(g, ([x = 0, y = 0, ...rest]) => [y, x, ...rest])),
  ),
  udf('st_force2d', G, GEOMETRY, changing(shapes.flattened)),
  udf('st_reverse', G, GEOMETRY, changing(shapes.reversed)),
  udf('st_multi', G, GEOMETRY, changing(shapes.multiplied)),
];

export const geoBuiltins: readonly FunctionRow[] = [...outputs, ...inputs, ...makers, ...readers];
