import { type Harness, makeHarness } from '../support/harness';

/** Spatial functions that need no geometry library, with the answers of PostGIS in CockroachDB's spelling. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});

test.each([
  [
    "st_astext('POINT(1 2)'::GEOMETRY), st_asewkt('SRID=4326;POINT(1.5 2.25)'::GEOMETRY), st_astext('POINT Z (1 2 3)'::GEOMETRY)",
    'POINT (1 2)|SRID=4326;POINT (1.5 2.25)|POINT Z (1 2 3)',
  ],
  [
    "st_astext('MULTIPOINT((1 1),(2 2))'::GEOMETRY), st_astext('POLYGON((0 0,1 0,1 1,0 0))'::GEOMETRY), st_astext('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))'::GEOMETRY), st_astext('POINT EMPTY'::GEOMETRY)",
    'MULTIPOINT (1 1, 2 2)|POLYGON ((0 0, 1 0, 1 1, 0 0))|GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 1 1))|POINT EMPTY',
  ],
  [
    "st_asbinary('POINT(1 2)'::GEOMETRY), st_asbinary('POINT(1 2)'::GEOMETRY,'xdr'), st_ashexewkb('SRID=4326;POINT(1 2)'::GEOMETRY)",
    '\\x0101000000000000000000f03f0000000000000040|\\x00000000013ff00000000000004000000000000000|0101000020E6100000000000000000F03F0000000000000040',
  ],
  [
    "st_asgeojson('POINT(1.123456789123 2)'::GEOMETRY), st_asgeojson('LINESTRING(0 0,1 1)'::GEOGRAPHY), st_asgeojson('POLYGON((0 0,1 0,1 1,0 0))'::GEOMETRY)",
    '{"type":"Point","coordinates":[1.123456789,2]}|{"type":"LineString","coordinates":[[0,0],[1,1]]}|{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}',
  ],
  [
    "st_x('POINT(1 2)'::GEOMETRY), st_y('POINT(1 2)'::GEOMETRY), st_z('POINT(1 2)'::GEOMETRY), st_x('POINT EMPTY'::GEOMETRY), st_m('POINT M (1 2 3)'::GEOMETRY)",
    '1|2|NULL|NULL|3',
  ],
  [
    "st_srid('POINT(1 2)'::GEOGRAPHY), st_srid(st_setsrid('POINT(1 2)'::GEOMETRY,3857)), st_asewkt(st_makepoint(1.0,2.0)), st_asewkt(st_makepoint(1.0,2.0,3.0,4.0)), st_astext(st_makepointm(1.0,2.0,3.0))",
    '4326|3857|POINT (1 2)|POINT ZM (1 2 3 4)|POINT M (1 2 3)',
  ],
  [
    "st_astext(st_makeenvelope(0.0,0.0,1.0,2.0)), st_asewkt(st_makeenvelope(0.0,0.0,1.0,2.0,4326)), st_makebox2d('POINT(1 5)'::GEOMETRY,'POINT(0 6)'::GEOMETRY)",
    'POLYGON ((0 0, 0 2, 1 2, 1 0, 0 0))|SRID=4326;POLYGON ((0 0, 0 2, 1 2, 1 0, 0 0))|BOX(0 5,1 6)',
  ],
  [
    "st_geometrytype('POINT(1 2)'::GEOMETRY), geometrytype('POLYGON((0 0,1 0,1 1,0 0))'::GEOMETRY), st_npoints('POLYGON((0 0,1 0,1 1,0 0))'::GEOMETRY), st_numpoints('LINESTRING(0 0,1 1)'::GEOMETRY), st_numgeometries('MULTIPOINT(1 1,2 2)'::GEOMETRY)",
    'ST_Point|POLYGON|4|2|2',
  ],
  [
    "st_astext(st_pointn('LINESTRING(0 0,1 1,2 2)'::GEOMETRY,2)), st_astext(st_startpoint('LINESTRING(0 0,1 1)'::GEOMETRY)), st_astext(st_endpoint('LINESTRING(0 0,1 1)'::GEOMETRY)), st_astext(st_exteriorring('POLYGON((0 0,1 0,1 1,0 0))'::GEOMETRY)), st_astext(st_geometryn('MULTIPOINT(1 1,2 2)'::GEOMETRY,2))",
    'POINT (1 1)|POINT (0 0)|POINT (1 1)|LINESTRING (0 0, 1 0, 1 1, 0 0)|POINT (2 2)',
  ],
  [
    "st_astext(st_flipcoordinates('LINESTRING(0 1,2 3)'::GEOMETRY)), st_astext(st_force2d('POINT Z (1 2 3)'::GEOMETRY)), st_astext(st_reverse('LINESTRING(0 1,2 3)'::GEOMETRY)), st_astext(st_multi('POINT(1 1)'::GEOMETRY)), st_isclosed('LINESTRING(0 0,1 1,0 0)'::GEOMETRY)",
    'LINESTRING (1 0, 3 2)|POINT (1 2)|LINESTRING (2 3, 0 1)|MULTIPOINT (1 1)|t',
  ],
  [
    `st_asewkt(st_geomfromgeojson('{"type":"Point","coordinates":[1,2]}')), st_astext(st_geomfromtext('POINT(1 2)',4326)), st_pointfromtext('LINESTRING(0 0,1 1)'), st_astext(st_geomfromwkb(st_asbinary('POINT(1 2)'::GEOMETRY)))`,
    'SRID=4326;POINT (1 2)|POINT (1 2)|NULL|POINT (1 2)',
  ],
  [
    "st_xmin('LINESTRING(0 1,2 3)'::GEOMETRY), st_ymax('BOX(1 2,3 4)'::BOX2D), 'LINESTRING(0 1,2 3)'::GEOMETRY::BOX2D, st_astext('POINT(1 2)'::GEOMETRY::GEOGRAPHY), 'POINT(1 2)'::GEOMETRY::JSONB, 'POINT(1 2)'::GEOMETRY::BYTES::GEOMETRY",
    '0|4|BOX(0 1,2 3)|POINT (1 2)|{"coordinates": [1, 2], "type": "Point"}|0101000000000000000000F03F0000000000000040',
  ],
  ["st_astext('POINT(1 2)')", 'POINT (1 2)'],
])('%s', (expressions, answers) => {
  expect(db.rows(`SELECT ${expressions}`)).toEqual([answers]);
});

test.each([
  ["st_asgeojson('SRID=3857;POINT(1 2)'::GEOMETRY)", '0A000 GeoJSON of SRID 3857 is not supported'],
  ["st_x('LINESTRING(0 0,1 1)'::GEOMETRY)", '22023 argument to st_x() must have shape POINT'],
  [
    "st_distance('POINT(1 2)'::GEOMETRY,'POINT(1 2)'::GEOMETRY)",
    '0A000 st_distance() is not supported',
  ],
])('error of %s', (expression, error) => {
  expect(db.error(`SELECT ${expression}`)).toBe(error);
});
