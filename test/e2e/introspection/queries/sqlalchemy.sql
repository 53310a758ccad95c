-- version
select pg_catalog.version() IS NOT NULL;
-- default schema
select current_schema();
-- standard strings
show standard_conforming_strings;
-- schemas
SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY nspname;
-- table names
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind in ('r', 'p') ORDER BY 1;
-- has table
select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where pg_catalog.pg_table_is_visible(c.oid) and relname = 'accounts';
-- columns
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS DEFAULT,
  a.attnotnull, a.attrelid as table_oid, pgd.description as comment, a.attgenerated as generated
FROM pg_catalog.pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_catalog.pg_description pgd ON (pgd.objoid = a.attrelid AND pgd.objsubid = a.attnum)
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum;
-- domains
SELECT t.typname as name, pg_catalog.format_type(t.typbasetype, t.typtypmod) as attype, not t.typnotnull as nullable, t.typdefault as default,
  pg_catalog.pg_type_is_visible(t.oid) as visible, n.nspname as schema
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd';
-- enums
SELECT t.typname as name, pg_catalog.pg_type_is_visible(t.oid) as visible, n.nspname as schema, e.enumlabel as label
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_enum e ON t.oid = e.enumtypid
WHERE t.typtype = 'e' ORDER BY schema, name, e.oid;
-- primary key
SELECT t.relname, a.attname FROM pg_attribute a JOIN (
  SELECT unnest(ix.indkey) attnum, generate_subscripts(ix.indkey, 1) ord, t.oid as t_oid, t.relname FROM pg_class t, pg_index ix
  WHERE t.oid = ix.indrelid AND ix.indisprimary
) t ON a.attnum = t.attnum AND a.attrelid = t.t_oid ORDER BY t.relname, t.ord;
-- foreign keys
SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true) as condef, n.nspname as conschema FROM pg_catalog.pg_constraint r, pg_namespace n, pg_class c
WHERE r.contype = 'f' AND c.oid = confrelid AND n.oid = c.relnamespace ORDER BY 1;
-- indexes
SELECT i.relname as relname, ix.indisunique, ix.indexprs, a.attname, a.attnum, c.conrelid, ix.indkey::varchar, ix.indoption::varchar, i.reloptions,
  am.amname, pg_get_expr(ix.indpred, ix.indrelid), ix.indnkeyatts as indnkeyatts
FROM pg_class t join pg_index ix on t.oid = ix.indrelid join pg_class i on i.oid = ix.indexrelid
  left outer join pg_attribute a on t.oid = a.attrelid and a.attnum = ANY(ix.indkey)
  left outer join pg_constraint c on (ix.indrelid = c.conrelid and ix.indexrelid = c.conindid and c.contype in ('p', 'u', 'x'))
  left outer join pg_am am on i.relam = am.oid
WHERE t.relkind IN ('r', 'v', 'f', 'm', 'p') and t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') and ix.indisprimary = 'f'
ORDER BY t.relname, i.relname, a.attnum;
-- unique constraints
SELECT cons.conname as name, cons.conkey as key, a.attnum as col_num, a.attname as col_name FROM pg_catalog.pg_constraint cons
  join pg_attribute a on cons.conrelid = a.attrelid AND a.attnum = ANY(cons.conkey) WHERE cons.contype = 'u' ORDER BY 1, 3;
-- check constraints
SELECT cons.conname as name, pg_get_constraintdef(cons.oid) as src FROM pg_catalog.pg_constraint cons WHERE cons.contype = 'c' ORDER BY 1;
-- cockroachdb dialect: columns
SELECT table_name, column_name, data_type, is_nullable::bool, column_default, numeric_precision, numeric_scale, character_maximum_length,
  CASE is_generated WHEN 'ALWAYS' THEN true WHEN 'NEVER' THEN false ELSE is_generated::bool END AS is_generated, generation_expression, is_hidden::bool, crdb_sql_type
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position;
-- cockroachdb dialect: indexes
SELECT table_name, index_name, column_name, (NOT non_unique::bool) AS "unique", implicit::bool as implicit FROM information_schema.statistics
WHERE table_schema = 'public' ORDER BY 1, 2, seq_in_index;
-- cockroachdb dialect: keys
SELECT table_name, constraint_name, column_name FROM information_schema.key_column_usage WHERE table_schema = 'public' ORDER BY 1, 2, ordinal_position;
-- table comment
SELECT pgd.description as table_comment FROM pg_catalog.pg_description pgd WHERE pgd.objsubid = 0 AND pgd.objoid = 'pg_class'::regclass::oid;
-- isolation
show transaction isolation level;
-- hstore
SELECT t.oid, typarray FROM pg_type t JOIN pg_namespace ns ON typnamespace = ns.oid WHERE typname = 'hstore';
