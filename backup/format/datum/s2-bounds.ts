import { dimensions, type Geometry, Shape } from '../../../catalog/types/geo';
import { asin, atan2, cos, sin } from './cephes';

/**
 * Bounding boxes of geographies: rectangles of latitude and longitude, in radians, around great circle arcs. An arc can leave
 * the box of its ends toward a pole; how far it may is bounded as the S2 library does, error terms included, so that the boxes
 * are the ones CockroachDB stores. Source: the S2 geometry library, S2LatLngRectBounder.
 */

export interface LatLngBounds {
  loX: number;
  hiX: number;
  loY: number;
  hiY: number;
}

type Vector = readonly [x: number, y: number, z: number];

interface Interval {
  lo: number;
  hi: number;
}

interface Rect {
  /** Latitudes; empty when lo > hi. */
  lat: Interval;
  /** Longitudes on a circle: from lo eastward to hi, over the antimeridian when lo > hi. */
  lng: Interval;
}

const EPSILON = 2.220446049250313e-16;
const DEGREE = Math.PI / 180;
const EMPTY_LNG: Interval = { lo: Math.PI, hi: -Math.PI };
const FULL_LNG: Interval = { lo: -Math.PI, hi: Math.PI };

const emptyRect = (): Rect => ({ lat: { lo: 1, hi: 0 }, lng: { ...EMPTY_LNG } });
const isEmpty = ({ lat }: Rect): boolean => lat.lo > lat.hi;
const isEmptyLng = ({ lo, hi }: Interval): boolean => lo === Math.PI && hi === -Math.PI;

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const norm = (a: Vector): number => Math.sqrt(dot(a, a));
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

function lngLength({ lo, hi }: Interval): number {
  const length = hi - lo;
  if (length >= 0) return length;
  return length + 2 * Math.PI > 0 ? length + 2 * Math.PI : -1;
}

function containsLng({ lo, hi }: Interval, value: number): boolean {
  if (lo > hi) return (value >= lo || value <= hi) && !isEmptyLng({ lo, hi });
  return value >= lo && value <= hi;
}

/** From a eastward to b. */
function positiveDistance(a: number, b: number): number {
  const distance = b - a;
  return distance >= 0 ? distance : b + Math.PI - (a - Math.PI);
}

function addLng(interval: Interval, value: number): Interval {
  const point = value === -Math.PI ? Math.PI : value;
  if (containsLng(interval, point)) return interval;
  if (isEmptyLng(interval)) return { lo: point, hi: point };
  return positiveDistance(point, interval.lo) < positiveDistance(interval.hi, point)
    ? { lo: point, hi: interval.hi }
    : { lo: interval.lo, hi: point };
}

function containsLngInterval(outer: Interval, inner: Interval): boolean {
  if (outer.lo > outer.hi && !isEmptyLng(outer)) {
    if (inner.lo > inner.hi) return inner.lo >= outer.lo && inner.hi <= outer.hi;
    return inner.lo >= outer.lo || inner.hi <= outer.hi;
  }
  if (inner.lo > inner.hi) {
    return (outer.lo === -Math.PI && outer.hi === Math.PI) || isEmptyLng(inner);
  }
  return inner.lo >= outer.lo && inner.hi <= outer.hi;
}

function unionLng(a: Interval, b: Interval): Interval {
  if (isEmptyLng(b)) return a;
  if (containsLng(a, b.lo)) {
    if (!containsLng(a, b.hi)) return { lo: a.lo, hi: b.hi };
    // Either a holds all of b, or together they go around.
    return containsLngInterval(a, b) ? a : { ...FULL_LNG };
  }
  if (containsLng(a, b.hi)) return { lo: b.lo, hi: a.hi };
  if (isEmptyLng(a) || containsLng(b, a.lo)) return b;
  return positiveDistance(b.hi, a.lo) < positiveDistance(a.hi, b.lo)
    ? { lo: b.lo, hi: a.hi }
    : { lo: a.lo, hi: b.hi };
}

function addLat({ lo, hi }: Interval, value: number): Interval {
  if (lo > hi) return { lo: value, hi: value };
  return { lo: Math.min(lo, value), hi: Math.max(hi, value) };
}

function union(a: Rect, b: Rect): Rect {
  const lat = isEmpty(a) ? b.lat : isEmpty(b) ? a.lat : addLat(addLat(a.lat, b.lat.lo), b.lat.hi);
  return { lat, lng: unionLng(a.lng, b.lng) };
}

const addPoint = (rect: Rect, lat: number, lng: number): Rect => ({
  lat: addLat(rect.lat, lat),
  lng: addLng(rect.lng, lng),
});

interface Corner {
  readonly point: Vector;
  /** Of the point on the sphere, which rounding may have moved. */
  readonly lat: number;
  readonly lng: number;
}

function cornerOf(lngDegrees: number, latDegrees: number): Corner {
  const lat = latDegrees * DEGREE;
  const lng = lngDegrees * DEGREE;
  const cosLat = cos(lat);
  const point: Vector = [cos(lng) * cosLat, sin(lng) * cosLat, sin(lat)];
  const [x, y, z] = point;
  return { point, lat: atan2(z, Math.sqrt(x * x + y * y)), lng: atan2(y, x) };
}

/** The rectangle of one arc. */
function arcRect(a: Corner, b: Corner): Rect {
  // Twice the cross product of the ends, which stays exact when they are close.
  const normal = cross(minus(a.point, b.point), plus(a.point, b.point));
  const length = norm(normal);
  if (length < 1.91346e-15) {
    // Nearly the same, or nearly opposite: then the arc may go anywhere.
    if (dot(a.point, b.point) < 0) {
      return { lat: { lo: -Math.PI / 2, hi: Math.PI / 2 }, lng: { ...FULL_LNG } };
    }
    return addPoint(addPoint(emptyRect(), a.lat, a.lng), b.lat, b.lng);
  }
  let lng = addLng(addLng({ ...EMPTY_LNG }, a.lng), b.lng);
  if (lngLength(lng) >= Math.PI - 2 * EPSILON) lng = { ...FULL_LNG };
  const lat = addLat({ lo: a.lat, hi: a.lat }, b.lat);
  const towardPole = cross(normal, [0, 0, 1]);
  const atA = dot(towardPole, a.point);
  const atB = dot(towardPole, b.point);
  const error = 6.06638e-16 * length + 6.83174e-31;
  if (atA * atB < 0 || Math.abs(atA) <= error || Math.abs(atB) <= error) {
    // The arc may come closest to a pole between its ends.
    const [x, y, z] = normal;
    const latMax = Math.min(
      atan2(Math.sqrt(x * x + y * y), Math.abs(z)) + 3 * EPSILON,
      Math.PI / 2,
    );
    const budget = 2 * asin(0.5 * norm(minus(a.point, b.point)) * sin(latMax));
    const deltaMax = 0.5 * (budget - (lat.hi - lat.lo)) + EPSILON;
    const { lo, hi } = lat;
    if (atA <= error && atB >= -error) lat.hi = Math.min(latMax, hi + deltaMax);
    if (atB <= error && atA >= -error) lat.lo = Math.max(-latMax, lo - deltaMax);
  }
  return { lat, lng };
}

/** Room for rounding; around a pole all longitudes are in. */
function closed({ lat, lng }: Rect): Rect {
  const wide = {
    lo: Math.max(lat.lo - 2 * EPSILON, -Math.PI / 2),
    hi: Math.min(lat.hi + 2 * EPSILON, Math.PI / 2),
  };
  const atPole = wide.lo === -Math.PI / 2 || wide.hi === Math.PI / 2;
  return { lat: wide, lng: atPole ? { ...FULL_LNG } : lng };
}

function lineRect(coordinates: readonly number[], dimensions: number): Rect {
  let rect = emptyRect();
  let before: Corner | undefined;
  for (let i = 0; i + 1 < coordinates.length; i += dimensions) {
    const corner = cornerOf(coordinates[i] as number, coordinates[i + 1] as number);
    rect =
      before === undefined
        ? addPoint(rect, corner.lat, corner.lng)
        : union(rect, arcRect(before, corner));
    before = corner;
  }
  return isEmpty(rect) ? rect : closed(rect);
}

function pointRect(coordinates: readonly number[], dimensions: number): Rect {
  let rect = emptyRect();
  for (let i = 0; i + 1 < coordinates.length; i += dimensions) {
    const [x = 0, y = 0] = coordinates.slice(i, i + 2);
    rect = addPoint(rect, y * DEGREE, x * DEGREE);
  }
  return rect;
}

function rectOf(geometry: Geometry): Rect {
  const size = dimensions(geometry);
  const ofRing = geometry.shape === Shape.Point ? pointRect : lineRect;
  return [
    ...geometry.rings.map((ring) => ofRing(ring, size)),
    ...geometry.parts.map(rectOf),
  ].reduce(union, emptyRect());
}

/** Of a geography in degrees; undefined when it is empty. */
export function s2Bounds(geometry: Geometry): LatLngBounds | undefined {
  const rect = rectOf(geometry);
  if (isEmpty(rect)) return undefined;
  return { loX: rect.lng.lo, hiX: rect.lng.hi, loY: rect.lat.lo, hiY: rect.lat.hi };
}
