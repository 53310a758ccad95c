import type { InventorySection } from './inventory';

/** Functions of geometries and geographies. */

export const spatialFunctions: readonly InventorySection[] = [
  {
    category: 'Spatial',
    functions: `
      addgeometrycolumn: string string int string int bool | string string string int string int bool
      geometrytype: geometry | string
      geomfromewkb: bytes
      geomfromewkt: string
      postgis_addbbox: geometry
      postgis_dropbbox: geometry
      postgis_extensions_upgrade: ()
      postgis_full_version: ()
      postgis_geos_version: ()
      postgis_getbbox: geometry
      postgis_hasbbox: geometry
      postgis_lib_build_date: ()
      postgis_lib_version: ()
      postgis_liblwgeom_version: ()
      postgis_libxml_version: ()
      postgis_proj_version: ()
      postgis_scripts_build_date: ()
      postgis_scripts_installed: ()
      postgis_scripts_released: ()
      postgis_version: ()
      postgis_wagyu_version: ()
      st_addmeasure: geometry float float
      st_addpoint: geometry geometry | geometry geometry int
      st_affine: geometry float float float float float float
      st_angle: geometry geometry | geometry geometry geometry | geometry geometry geometry geometry
      st_area: geometry | geography | geography bool | string
      st_area2d: geometry
      st_asbinary: geometry | geography | geometry string | geography string
      st_asencodedpolyline: geometry | geometry int
      st_asewkb: geometry | geography
      st_asewkt: geometry | geography | string | geometry int | geography int
      st_asgeojson: geometry | geography | string | geometry int | geometry int int | geography int | geography int int | tuple
      st_ashexewkb: geometry | geography | geometry string | geography string
      st_ashexwkb: geometry | geography
      st_askml: geometry | geography | string
      st_astext: geometry | geography | string | geometry int | geography int
      st_astwkb: geometry int | geometry int int | geometry int int int
      st_azimuth: geometry geometry | geography geography
      st_boundary: geometry
      st_box2dfromgeohash: string | string int
      st_buffer: geometry float | geometry float int | geometry float string | geography float | string float
      st_buildarea: geometry
      st_centroid: geometry | geography | geography bool | string
      st_clipbybox2d: geometry box2d
      st_closestpoint: geometry geometry
      st_collectionextract: geometry int
      st_collectionhomogenize: geometry
      st_combinebbox: box2d geometry
      st_contains: geometry geometry | string string
      st_containsproperly: geometry geometry | string string
      st_convexhull: geometry
      st_coorddim: geometry
      st_coveredby: geometry geometry | geography geography | string string
      st_covers: geometry geometry | geography geography | string string
      st_crosses: geometry geometry | string string
      st_curvetoline: geometry
      st_delaunaytriangles: geometry | geometry float | geometry float int
      st_dfullywithin: geometry geometry float | string string float
      st_dfullywithinexclusive: geometry geometry float | string string float
      st_difference: geometry geometry
      st_dimension: geometry
      st_disjoint: geometry geometry | string string
      st_distance: geometry geometry | geography geography | geography geography bool | string string
      st_distancesphere: geometry geometry
      st_distancespheroid: geometry geometry
      st_dwithin: geometry geometry float | geography geography float | geography geography float bool | string string float
      st_dwithinexclusive: geometry geometry float | geography geography float | string string float
      st_endpoint: geometry
      st_envelope: geometry | box2d
      st_equals: geometry geometry | string string
      st_estimatedextent: string string | string string string | string string string bool
      st_expand: box2d float | box2d float float | geometry float | geometry float float
      st_exteriorring: geometry
      st_flipcoordinates: geometry
      st_force2d: geometry
      st_force3d: geometry | geometry float
      st_force3dm: geometry | geometry float
      st_force3dz: geometry | geometry float
      st_force4d: geometry | geometry float | geometry float float
      st_forcecollection: geometry
      st_forcepolygonccw: geometry
      st_forcepolygoncw: geometry
      st_frechetdistance: geometry geometry | geometry geometry float
      st_generatepoints: geometry int | geometry int int
      st_geogfromewkb: bytes
      st_geogfromewkt: string
      st_geogfromgeojson: string | jsonb
      st_geogfromtext: string | string int
      st_geogfromwkb: bytes | bytes int
      st_geographyfromtext: string | string int
      st_geohash: geometry | geography | geometry int | geography int
      st_geomcollfromtext: string | string int
      st_geomcollfromwkb: bytes | bytes int
      st_geometryfromtext: string | string int
      st_geometryn: geometry int
      st_geometrytype: geometry | string
      st_geomfromewkb: bytes
      st_geomfromewkt: string
      st_geomfromgeohash: string | string int
      st_geomfromgeojson: string | jsonb
      st_geomfromtext: string | string int
      st_geomfromwkb: bytes | bytes int
      st_hasarc: geometry
      st_hausdorffdistance: geometry geometry | geometry geometry float
      st_interiorringn: geometry int
      st_intersection: geometry geometry | geography geography | string string
      st_intersects: geometry geometry | geography geography | string string
      st_isclosed: geometry
      st_iscollection: geometry
      st_isempty: geometry
      st_ispolygonccw: geometry
      st_ispolygoncw: geometry
      st_isring: geometry
      st_issimple: geometry
      st_isvalid: geometry | geometry int
      st_isvaliddetail: geometry | geometry int
      st_isvalidreason: geometry | geometry int
      st_isvalidtrajectory: geometry
      st_length: geometry | geography | geography bool | string
      st_length2d: geometry
      st_linecrossingdirection: geometry geometry
      st_linefromencodedpolyline: string | string int
      st_linefrommultipoint: geometry
      st_linefromtext: string | string int
      st_linefromwkb: bytes | bytes int
      st_lineinterpolatepoint: geometry float
      st_lineinterpolatepoints: geometry float | geometry float bool
      st_linelocatepoint: geometry geometry
      st_linemerge: geometry
      st_linestringfromtext: string | string int
      st_linestringfromwkb: bytes | bytes int
      st_linesubstring: geometry float float | geometry decimal decimal
      st_linetocurve: geometry
      st_longestline: geometry geometry
      st_m: geometry
      st_makebox2d: geometry geometry
      st_makeenvelope: float float float float | float float float float int
      st_makepoint: float float | float float float | float float float float
      st_makepointm: float float float
      st_makepolygon: geometry | geometry geometry[]
      st_makevalid: geometry
      st_maxdistance: geometry geometry
      st_memsize: geometry
      st_minimumboundingcircle: geometry | geometry int
      st_minimumboundingradius: geometry
      st_minimumclearance: geometry
      st_minimumclearanceline: geometry
      st_mlinefromtext: string | string int
      st_mlinefromwkb: bytes | bytes int
      st_mpointfromtext: string | string int
      st_mpointfromwkb: bytes | bytes int
      st_mpolyfromtext: string | string int
      st_mpolyfromwkb: bytes | bytes int
      st_multi: geometry
      st_multilinefromtext: string | string int
      st_multilinefromwkb: bytes | bytes int
      st_multilinestringfromtext: string | string int
      st_multilinestringfromwkb: bytes | bytes int
      st_multipointfromtext: string | string int
      st_multipointfromwkb: bytes | bytes int
      st_multipolyfromtext: string | string int
      st_multipolyfromwkb: bytes | bytes int
      st_multipolygonfromtext: string | string int
      st_multipolygonfromwkb: bytes | bytes int
      st_ndims: geometry
      st_node: geometry
      st_normalize: geometry
      st_npoints: geometry
      st_nrings: geometry
      st_numgeometries: geometry
      st_numinteriorring: geometry
      st_numinteriorrings: geometry
      st_numpoints: geometry
      st_orderingequals: geometry geometry
      st_orientedenvelope: geometry
      st_overlaps: geometry geometry | string string
      st_perimeter: geometry | geography | geography bool
      st_perimeter2d: geometry
      st_point: float float
      st_pointfromgeohash: string | string int
      st_pointfromtext: string | string int
      st_pointfromwkb: bytes | bytes int
      st_pointinsidecircle: geometry float float float
      st_pointn: geometry int
      st_pointonsurface: geometry
      st_points: geometry
      st_polyfromtext: string | string int
      st_polyfromwkb: bytes | bytes int
      st_polygon: geometry int
      st_polygonfromtext: string | string int
      st_polygonfromwkb: bytes | bytes int
      st_polygonize: geometry[]
      st_project: geography float float
      st_quantizecoordinates: geometry int
      st_relate: geometry geometry | geometry geometry string | geometry geometry int
      st_relatematch: string string
      st_removepoint: geometry int
      st_removerepeatedpoints: geometry | geometry float
      st_reverse: geometry
      st_rotate: geometry float | geometry float float float | geometry float geometry
      st_rotatex: geometry float
      st_rotatey: geometry float
      st_rotatez: geometry float
      st_s2covering: geometry | geometry string | geography | geography string
      st_scale: geometry float float | geometry geometry | geometry geometry geometry
      st_segmentize: geometry float | geography float
      st_setpoint: geometry int geometry
      st_setsrid: geometry int | geography int
      st_sharedpaths: geometry geometry
      st_shiftlongitude: geometry
      st_shortestline: geometry geometry
      st_simplify: geometry float | geometry float bool
      st_simplifypreservetopology: geometry float
      st_snap: geometry geometry float
      st_snaptogrid: geometry float | geometry float float | geometry float float float float
      st_split: geometry geometry
      st_srid: geometry | geography
      st_startpoint: geometry
      st_subdivide: geometry | geometry int
      st_summary: geometry | geography
      st_swapordinates: geometry string
      st_symdifference: geometry geometry
      st_symmetricdifference: geometry geometry
      st_tileenvelope: int int int | int int int geometry | int int int geometry float
      st_touches: geometry geometry | string string
      st_transform: geometry int | geometry string | geometry string string | geometry string int
      st_translate: geometry float float | geometry float float float
      st_transscale: geometry float float float float
      st_unaryunion: geometry
      st_voronoilines: geometry | geometry float | geometry float geometry
      st_voronoipolygons: geometry | geometry float | geometry float geometry
      st_within: geometry geometry | string string
      st_wkbtosql: bytes
      st_wkttosql: string
      st_wrapx: geometry float float
      st_x: geometry
      st_xmax: box2d | geometry
      st_xmin: box2d | geometry
      st_y: geometry
      st_ymax: box2d | geometry
      st_ymin: box2d | geometry
      st_z: geometry
      st_zmflag: geometry
    `,
  },
];
