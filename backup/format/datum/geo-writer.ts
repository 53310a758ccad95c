import { create, toBinary } from '@bufbuild/protobuf';

import type { ByteWriter } from '../../../base/byte-writer';
import {
  type BoundingBox,
  BoundingBoxSchema,
  SpatialObjectSchema,
} from '../../../catalog/descriptor/gen/type_pb';
import { boundsOf, decodeEwkb, type Geometry, Shape } from '../../../catalog/types/geo';
import { s2Bounds } from './s2-bounds';

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

function boundingBox(geometry: Geometry, isGeography: boolean): BoundingBox | undefined {
  const bounds = isGeography ? s2Bounds(geometry) : boundsOf(geometry);
  if (bounds === undefined) return undefined;
  // As in proto3, zeros are not written.
  const { loX, hiX, loY, hiY } = bounds;
  return create(BoundingBoxSchema, {
    ...(loX === 0 ? {} : { loX }),
    ...(hiX === 0 ? {} : { hiX }),
    ...(loY === 0 ? {} : { loY }),
    ...(hiY === 0 ? {} : { hiY }),
  });
}

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
