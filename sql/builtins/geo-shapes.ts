import { SqlError } from '../../base/errors';
import { box2dFromRepr, box2dToRepr } from '../../catalog/types/box2d';
import {
  type Bounds,
  boundsOf,
  decodeEwkb,
  dimensions,
  encodeEwkb,
  type Geometry,
  Shape,
  type SpatialValue,
} from '../../catalog/types/geo';

/** Reading and making geometries: only what is exact without a geometry library. */

export const NAMES: readonly string[] = [
  '',
  'Point',
  'LineString',
  'Polygon',
  'MultiPoint',
  'MultiLineString',
  'MultiPolygon',
  'GeometryCollection',
];

export const decode = (bytes: Uint8Array): SpatialValue => decodeEwkb(bytes);

/** The geometry of another value's SRID. */
export const encodeAs = (geometry: Geometry, srid: number): Uint8Array =>
  encodeEwkb({ geometry, srid });

export function isEmpty({ rings, parts }: Geometry): boolean {
  return rings.every((ring) => ring.length === 0) && parts.every(isEmpty);
}

/** The coordinates of the n-th point (0-based) of a ring. */
export function pointAt(geometry: Geometry, ring: readonly number[], index: number): Geometry {
  const size = dimensions(geometry);
  const point = ring.slice(index * size, (index + 1) * size);
  return { ...geometry, shape: Shape.Point, rings: [point], parts: [] };
}

export function point(coordinates: readonly number[], hasM = false): Geometry {
  const hasZ = coordinates.length > (hasM ? 3 : 2);
  const withM = hasM || coordinates.length === 4;
  return { shape: Shape.Point, hasZ, hasM: withM, rings: [coordinates], parts: [] };
}

export function pointCount(geometry: Geometry): number {
  const size = dimensions(geometry);
  const own = geometry.rings.reduce((sum, ring) => sum + ring.length / size, 0);
  return geometry.parts.reduce((sum, part) => sum + pointCount(part), own);
}

export function ringCount(geometry: Geometry): number {
  const own = geometry.shape === Shape.Polygon ? geometry.rings.length : 0;
  return geometry.parts.reduce((sum, part) => sum + ringCount(part), own);
}

/** 0 for points, 1 for lines, 2 for polygons; the greatest of a collection. */
export function topologicalDimension({ shape, parts }: Geometry): number {
  if (shape === Shape.GeometryCollection) return Math.max(0, ...parts.map(topologicalDimension));
  if (shape === Shape.Point || shape === Shape.MultiPoint) return 0;
  return shape === Shape.LineString || shape === Shape.MultiLineString ? 1 : 2;
}

/** One coordinate of a point; null when it is empty or has no such coordinate. */
export function coordinate(bytes: Uint8Array, axis: 'x' | 'y' | 'z' | 'm'): number | null {
  const { geometry } = decode(bytes);
  if (geometry.shape !== Shape.Point)
    throw new SqlError('invalidParameterValue', `argument to st_${axis}() must have shape POINT`);
  const at = {
    x: 0,
    y: 1,
    z: geometry.hasZ ? 2 : -1,
    m: geometry.hasM ? dimensions(geometry) - 1 : -1,
  };
  return geometry.rings[0]?.[at[axis]] ?? null;
}

/** Maps every point's coordinates. */
export function mapPoints(
  geometry: Geometry,
  fn: (point: readonly number[]) => readonly number[],
): Geometry {
  const size = dimensions(geometry);
  const rings = geometry.rings.map((ring) => {
    const out: number[] = [];
    for (let i = 0; i < ring.length; i += size) out.push(...fn(ring.slice(i, i + size)));
    return out;
  });
  return { ...geometry, rings, parts: geometry.parts.map((part) => mapPoints(part, fn)) };
}

export function flattened(geometry: Geometry): Geometry {
  const flat = mapPoints(geometry, (values) => values.slice(0, 2));
  const strip = (shape: Geometry): Geometry => ({
    ...shape,
    hasZ: false,
    hasM: false,
    parts: shape.parts.map(strip),
  });
  return strip(flat);
}

export function reversed(geometry: Geometry): Geometry {
  const size = dimensions(geometry);
  const rings = geometry.rings.map((ring) => {
    const out: number[] = [];
    for (let i = ring.length - size; i >= 0; i -= size) out.push(...ring.slice(i, i + size));
    return out;
  });
  return { ...geometry, rings, parts: geometry.parts.map(reversed) };
}

/** As a multi shape; collections and multi shapes stay. */
export function multiplied(geometry: Geometry): Geometry {
  if (geometry.shape > Shape.Polygon) return geometry;
  const parts = isEmpty(geometry) ? [] : [geometry];
  return { ...geometry, shape: geometry.shape + 3, rings: [], parts };
}

/** First and last point are the same, of every line. */
export function isClosed(geometry: Geometry): boolean {
  if (geometry.shape === Shape.LineString) {
    const size = dimensions(geometry);
    const ring = geometry.rings[0] ?? [];
    return ring.length > 0 && ring.slice(0, size).every((value, i) => value === ring.at(i - size));
  }
  return !isEmpty(geometry) && geometry.parts.every(isClosed);
}

export function rectangle(bounds: Bounds): Geometry {
  const { loX, hiX, loY, hiY } = bounds;
  const ring = [loX, loY, loX, hiY, hiX, hiY, hiX, loY, loX, loY];
  return { shape: Shape.Polygon, hasZ: false, hasM: false, rings: [ring], parts: [] };
}

/** The box around a geometry; null when it is empty. */
export function boxOf(bytes: Uint8Array): Uint8Array | null {
  const bounds = boundsOf(decode(bytes).geometry);
  return bounds === undefined ? null : box2dToRepr(bounds);
}

export const boundsOfBox = (bytes: Uint8Array): Bounds => box2dFromRepr(bytes);
