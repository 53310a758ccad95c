import { create, toBinary } from '@bufbuild/protobuf';

import type { ByteWriter } from '../../../base/byte-writer';
import { notSupported } from '../../../base/errors';
import {
  type BoundingBox,
  BoundingBoxSchema,
  SpatialObjectSchema,
} from '../../../catalog/descriptor/gen/type_pb';
import { boundsOf, decodeEwkb, type Geometry, Shape } from '../../../catalog/types/geo';

/** SpatialObject from EWKB: shape, SRID and bounding box are worked out again. */

const TYPE_GEOGRAPHY = 1;
const TYPE_GEOMETRY = 2;
const SHAPE_COLLECTION = 8;
const SHAPE_M = 0x20000000;
const SHAPE_Z = 0x40000000;

function shapeNumber(geometry: Geometry): number {
  const base = geometry.shape === Shape.GeometryCollection ? SHAPE_COLLECTION : geometry.shape;
  return base + (geometry.hasZ ? SHAPE_Z : 0) + (geometry.hasM ? SHAPE_M : 0);
}

/** One point, not a line: edges of a GEOGRAPHY are great circles, which leave the box of their ends. */
function isPoints(geometry: Geometry): boolean {
  return (
    geometry.shape === Shape.Point || (geometry.parts.length > 0 && geometry.parts.every(isPoints))
  );
}

const RADIANS = Math.PI / 180;

function boundingBox(geometry: Geometry, isGeography: boolean): BoundingBox | undefined {
  const bounds = boundsOf(geometry);
  if (bounds === undefined) return undefined;
  if (!isGeography) return create(BoundingBoxSchema, bounds);
  if (!isPoints(geometry))
    throw notSupported('writing a GEOGRAPHY other than points into a backup');
  // CockroachDB keeps those of geographies in radians.
  return create(BoundingBoxSchema, {
    loX: bounds.loX * RADIANS,
    hiX: bounds.hiX * RADIANS,
    loY: bounds.loY * RADIANS,
    hiY: bounds.hiY * RADIANS,
  });
}

/** @throws SqlError 0A000 for geographies with edges, whose bounding boxes need spherical geometry */
export function writeGeoBody(
  writer: ByteWriter,
  ewkb: Uint8Array,
  family: 'geometry' | 'geography',
): void {
  const { geometry, srid } = decodeEwkb(ewkb);
  const isGeography = family === 'geography';
  const box = boundingBox(geometry, isGeography);
  const message = create(SpatialObjectSchema, {
    type: isGeography ? TYPE_GEOGRAPHY : TYPE_GEOMETRY,
    ewkb,
    shapeType: shapeNumber(geometry),
    ...(srid === 0 ? {} : { srid }),
    ...(box === undefined ? {} : { boundingBox: box }),
  });
  writer.raw(toBinary(SpatialObjectSchema, message));
}
