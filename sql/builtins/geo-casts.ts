import { encodeEwkb } from '../../catalog/types/geo';
import { jsonText } from '../../catalog/types/json';
import type { CastEntry } from './cast-entry';
import { readWkb } from './geo';
import { boundsOfBox, boxOf, decode, encodeAs, rectangle } from './geo-shapes';
import { geoJsonEwkb, geoJsonValue } from './geo-text';

/** Casts among GEOMETRY, GEOGRAPHY, BOX2D, BYTES (EWKB) and JSONB (GeoJSON). */

const WGS84 = 4326;
const DIGITS = 9;

const toGeography = (bytes: Uint8Array): Uint8Array => {
  const { geometry, srid } = decode(bytes);
  return srid === 0 ? encodeEwkb({ geometry, srid: WGS84 }) : bytes;
};

const toJson = (bytes: Uint8Array): string =>
  jsonText(geoJsonValue(decode(bytes).geometry, DIGITS));
const identity = (bytes: Uint8Array): Uint8Array => bytes;

export const geoCasts: readonly CastEntry[] = [
  { from: 'geometry', to: 'geography', make: () => toGeography },
  { from: 'geography', to: 'geometry', make: () => identity },
  { from: 'geometry', to: 'bytes', make: () => identity },
  { from: 'geography', to: 'bytes', make: () => identity },
  { from: 'bytes', to: 'geometry', make: () => readWkb },
  { from: 'bytes', to: 'geography', make: () => (v: Uint8Array) => toGeography(readWkb(v)) },
  { from: 'json', to: 'geometry', make: () => geoJsonEwkb },
  { from: 'json', to: 'geography', make: () => (v: string) => toGeography(geoJsonEwkb(v)) },
  { from: 'geometry', to: 'json', make: () => toJson },
  { from: 'geography', to: 'json', make: () => toJson },
  { from: 'geometry', to: 'box2d', make: () => boxOf },
  {
    from: 'box2d',
    to: 'geometry',
    make: () => (v: Uint8Array) => encodeAs(rectangle(boundsOfBox(v)), 0),
  },
];
