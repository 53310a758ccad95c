import type { InventorySection } from './inventory';

/** Functions of values: strings, numbers, dates, JSON, arrays; aggregates and window functions. */

export const scalarFunctions: readonly InventorySection[] = [
  {
    category: 'Arrays',
    functions: `
      array_append: anyelement[] anyelement
      array_cat: anyelement[] anyelement[]
      array_length: anyelement[] int
      array_lower: anyelement[] int
      array_position: anyelement[] anyelement
      array_positions: anyelement[] anyelement
      array_prepend: anyelement anyelement[]
      array_remove: anyelement[] anyelement
      array_replace: anyelement[] anyelement anyelement
      array_to_string: anyelement[] string | anyelement[] string string
      array_upper: anyelement[] int
      cardinality: anyelement[]
      string_to_array: string string | string string string
      array_to_json: anyelement[] | anyelement[] bool
    `,
  },
  {
    category: 'Comparison',
    functions: `
      greatest: anyelement...
      least: anyelement...
      num_nonnulls: anyelement...
      num_nulls: anyelement...
      ilike_escape: string string string
      inet_contained_by_or_equals: inet inet
      inet_contains_or_equals: inet inet
      inet_same_family: inet inet
      like_escape: string string string
      not_ilike_escape: string string string
      not_like_escape: string string string
      not_similar_to_escape: string string string
      similar_escape: string | string string
      similar_to_escape: string string | string string string
    `,
  },
  {
    category: 'Cryptography',
    functions: `
      crypt: string string
      digest: string string | bytes string
      gen_salt: string | string int
      hmac: string string string | bytes bytes string
      crc32c: string... | bytes...
      crc32ieee: string... | bytes...
      fnv32: string... | bytes...
      fnv32a: string... | bytes...
      fnv64: string... | bytes...
      fnv64a: string... | bytes...
      md5: string... | bytes...
      sha1: string... | bytes...
      sha224: string... | bytes...
      sha256: string... | bytes...
      sha384: string... | bytes...
      sha512: string... | bytes...
    `,
  },
  {
    category: 'Dates and times',
    functions: `
      age: timestamptz | timestamptz timestamptz
      clock_timestamp: ()
      current_date: ()
      current_time: () | int
      current_timestamp: () | int
      date_trunc: string timestamp | string date | string timestamptz | string time | string interval
      experimental_strftime: timestamp string | date string | timestamptz string
      experimental_strptime: string string
      extract: string timestamp | string date | string timestamptz | string time | string timetz | string interval
      extract_duration: string interval
      follower_read_timestamp: ()
      experimental_follower_read_timestamp: ()
      localtime: () | int
      localtimestamp: () | int
      now: ()
      overlaps: timestamp timestamp timestamp timestamp | timestamptz timestamptz timestamptz timestamptz | date date date date | time time time time | timestamp interval timestamp interval | timestamptz interval timestamptz interval | date interval date interval | time interval time interval
      statement_timestamp: ()
      timezone: string timestamp | string timestamptz | string time | string timetz | string string
      timeofday: ()
      to_char: interval | timestamp | date
      to_char_with_style: interval string | timestamp string | date string
      parse_date: string | string string
      parse_interval: string | string string
      parse_time: string | string string
      parse_timestamp: string | string string
      parse_timetz: string | string string
      transaction_timestamp: ()
      with_max_staleness: interval | interval bool
      with_min_timestamp: timestamptz | timestamptz bool
    `,
  },
  {
    category: 'Enums',
    functions: `
      enum_first: anyenum
      enum_last: anyenum
      enum_range: anyenum | anyenum anyenum
    `,
  },
  {
    category: 'Numbers',
    functions: `
      abs: decimal | float | int
      acos: float
      acosd: float
      acosh: float
      asin: float
      asind: float
      asinh: float
      atan: float
      atan2: float float
      atan2d: float float
      atand: float
      atanh: float
      cbrt: float | decimal
      ceil: float | decimal | int
      ceiling: float | decimal | int
      cos: float
      cosd: float
      cosh: float
      cot: float
      cotd: float
      degrees: float
      div: float float | decimal decimal | int int
      exp: float | decimal
      floor: float | decimal | int
      isnan: float | decimal
      ln: float | decimal
      log: float | decimal | float float | decimal decimal
      mod: float float | decimal decimal | int int
      pi: ()
      pow: float float | decimal decimal | int int
      power: float float | decimal decimal | int int
      radians: float
      random: ()
      round: float | decimal | float int | decimal int
      sign: float | decimal | int
      sin: float
      sind: float
      sinh: float
      sqrt: float | decimal
      tan: float
      tand: float
      tanh: float
      trunc: float | decimal
      width_bucket: decimal decimal decimal int | int int int int | anyelement anyelement[]
      to_english: int
    `,
  },
  {
    category: 'Fuzzy string matching',
    functions: `
      difference: string string
      levenshtein: string string | string string int int int
      soundex: string
    `,
  },
  {
    category: 'Ids',
    functions: `
      experimental_uuid_v4: ()
      gen_random_ulid: ()
      gen_random_uuid: ()
      unique_rowid: ()
      uuid_v4: ()
      uuid_generate_v4: ()
      from_uuid: bytes
      to_uuid: string
      ulid_to_uuid: string
      uuid_to_ulid: uuid
    `,
  },
  {
    category: 'Network addresses',
    functions: `
      abbrev: inet
      broadcast: inet
      family: inet
      host: inet
      hostmask: inet
      masklen: inet
      netmask: inet
      set_masklen: inet int
      text: inet
      from_ip: bytes
      to_ip: string
    `,
  },
  {
    category: 'JSONB',
    functions: `
      json_array_length: jsonb
      json_build_array: anyelement...
      json_build_object: anyelement...
      json_extract_path: jsonb string...
      json_extract_path_text: jsonb string...
      json_object: string[] | string[] string[]
      json_remove_path: jsonb string[]
      json_set: jsonb string[] jsonb | jsonb string[] jsonb bool
      json_strip_nulls: jsonb
      json_typeof: jsonb
      json_valid: string
      jsonb_array_length: jsonb
      jsonb_build_array: anyelement...
      jsonb_build_object: anyelement...
      jsonb_exists_any: jsonb string[]
      jsonb_extract_path: jsonb string...
      jsonb_extract_path_text: jsonb string...
      jsonb_insert: jsonb string[] jsonb | jsonb string[] jsonb bool
      jsonb_object: string[] | string[] string[]
      jsonb_pretty: jsonb
      jsonb_set: jsonb string[] jsonb | jsonb string[] jsonb bool
      jsonb_strip_nulls: jsonb
      jsonb_typeof: jsonb
      row_to_json: tuple
      to_json: anyelement
      to_jsonb: anyelement
    `,
  },
  {
    category: 'Sequences',
    functions: `
      currval: string | regclass
      lastval: ()
      nextval: string | regclass
      setval: string int | string int bool | regclass int | regclass int bool
      pg_get_serial_sequence: string string
      pg_sequence_parameters: oid
    `,
  },
  {
    category: 'Set-returning',
    functions: `
      aclexplode: string[]
      generate_series: int int | int int int | timestamp timestamp interval | timestamptz timestamptz interval
      generate_subscripts: anyelement[] | anyelement[] int | anyelement[] int bool
      information_schema._pg_expandarray: anyelement[]
      json_array_elements: jsonb
      json_array_elements_text: jsonb
      json_each: jsonb
      json_each_text: jsonb
      json_object_keys: jsonb
      json_populate_record: anyelement jsonb
      json_populate_recordset: anyelement jsonb
      json_to_record: jsonb
      json_to_recordset: jsonb
      jsonb_array_elements: jsonb
      jsonb_array_elements_text: jsonb
      jsonb_each: jsonb
      jsonb_each_text: jsonb
      jsonb_object_keys: jsonb
      jsonb_populate_record: anyelement jsonb
      jsonb_populate_recordset: anyelement jsonb
      jsonb_to_record: jsonb
      jsonb_to_recordset: jsonb
      pg_get_keywords: ()
      regexp_split_to_table: string string | string string string
      unnest: anyelement[] | anyelement[] anyelement[]
      crdb_internal.unary_table: ()
    `,
  },
  {
    category: 'Strings and bytes',
    functions: `
      ascii: string
      bit_length: string | bytes | varbit
      btrim: string | string string
      char_length: string | bytes
      character_length: string | bytes
      chr: int
      compress: bytes string
      concat: string...
      concat_ws: string...
      convert_from: bytes string
      convert_to: string string
      decode: string string
      decompress: bytes string
      encode: bytes string
      format: string anyelement...
      get_bit: bytes int | varbit int
      set_bit: bytes int int | varbit int int
      get_byte: bytes int
      set_byte: bytes int int
      initcap: string
      left: string int | bytes int
      length: string | bytes | varbit
      lower: string
      lpad: string int | string int string
      ltrim: string | string string
      octet_length: string | bytes | varbit
      overlay: string string int | string string int int
      pg_collation_for: anyelement
      prettify_statement: string | string int int int
      quote_ident: string
      quote_literal: string | anyelement
      quote_nullable: string | anyelement
      regexp_extract: string string
      regexp_replace: string string string | string string string string
      regexp_split_to_array: string string | string string string
      repeat: string int
      replace: string string string
      reverse: string
      right: string int | bytes int
      rpad: string int | string int string
      rtrim: string | string string
      split_part: string string int
      strpos: string string | varbit varbit | bytes bytes
      substr: string int | string int int | string string | string string string | bytes int | bytes int int | varbit int | varbit int int
      substring: string int | string int int | string string | string string string | bytes int | bytes int int | varbit int | varbit int int
      to_hex: int | bytes | string
      translate: string string string
      unaccent: string
      upper: string
    `,
  },
  {
    category: 'Full text search',
    functions: `
      to_tsquery: string
      to_tsvector: string
      phraseto_tsquery: string
      plainto_tsquery: string
    `,
  },
  {
    category: 'Special forms',
    functions: `
      if: bool anyelement anyelement
      ifnull: anyelement anyelement
      coalesce: anyelement...
      nullif: anyelement anyelement
      iferror: anyelement anyelement | anyelement anyelement string
      iserror: anyelement | anyelement string
    `,
  },
];

export const aggregateFunctions: readonly InventorySection[] = [
  {
    category: 'Aggregates',
    functions: `
      array_agg: anyelement
      avg: int | float | decimal | interval
      bit_and: int | varbit
      bit_or: int | varbit
      bool_and: bool
      bool_or: bool
      concat_agg: string | bytes
      corr: float float | int int
      count: anyelement
      count_rows: ()
      covar_pop: float float | int int
      covar_samp: float float | int int
      every: bool
      json_agg: anyelement
      json_object_agg: string anyelement
      jsonb_agg: anyelement
      jsonb_object_agg: string anyelement
      max: anyelement
      min: anyelement
      percentile_cont: float float | float[] float
      percentile_disc: float anyelement | float[] anyelement
      regr_avgx: float float | int int
      regr_avgy: float float | int int
      regr_count: float float | int int
      regr_intercept: float float | int int
      regr_r2: float float | int int
      regr_slope: float float | int int
      regr_sxx: float float | int int
      regr_sxy: float float | int int
      regr_syy: float float | int int
      sqrdiff: int | float | decimal
      st_collect: geometry
      st_extent: geometry
      st_makeline: geometry
      st_memcollect: geometry
      st_memunion: geometry
      st_union: geometry
      stddev: int | float | decimal
      stddev_pop: int | float | decimal
      stddev_samp: int | float | decimal
      string_agg: string string | bytes bytes
      sum: int | float | decimal | interval
      sum_int: int
      var_pop: int | float | decimal
      var_samp: int | float | decimal
      variance: int | float | decimal
      xor_agg: int | bytes
    `,
  },
];

export const windowFunctionList: readonly InventorySection[] = [
  {
    category: 'Window functions',
    functions: `
      cume_dist: ()
      dense_rank: ()
      first_value: anyelement
      lag: anyelement | anyelement int | anyelement int anyelement
      last_value: anyelement
      lead: anyelement | anyelement int | anyelement int anyelement
      nth_value: anyelement int
      ntile: int
      percent_rank: ()
      rank: ()
      row_number: ()
    `,
  },
];
