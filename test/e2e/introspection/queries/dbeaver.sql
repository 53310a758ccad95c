-- databases
SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate ORDER BY datname;
-- schemas
SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass ORDER BY nspname;
-- tables
SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') AND c.relkind not in ('i', 'I', 'c') ORDER BY c.relname;
-- columns
SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value, dsc.description, dep.objid
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep on dep.refobjid = a.attrelid AND dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.relkind not in ('i', 'I', 'c') AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public')
ORDER BY c.relname, a.attnum;
-- constraints
SELECT c.oid, c.*, t.relname as tabrelname, rt.relnamespace as refnamespace, d.description,
  case when c.contype = 'c' then pg_catalog.pg_get_constraintdef(c.oid) else null end consrc_copy
FROM pg_catalog.pg_constraint c
INNER JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass
WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') ORDER BY t.relname, c.conname;
-- indexes
SELECT i.*, i.indkey as keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname as tabrelname, dsc.description,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr,
  pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size
FROM pg_catalog.pg_index i
INNER JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
INNER JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid = dsc.objoid
WHERE tc.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') ORDER BY tabrelname, c.relname;
-- data types
SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description
FROM pg_catalog.pg_type t
LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid = t.typelem
LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C')
  AND t.typtype = 'b' ORDER BY t.oid LIMIT 5;
-- enums
SELECT e.* FROM pg_catalog.pg_enum e ORDER BY e.enumtypid, e.enumsortorder;
-- roles
SELECT a.oid, a.*, pd.description FROM pg_catalog.pg_roles a
left join pg_catalog.pg_shdescription pd on a.oid = pd.objoid ORDER BY a.rolname;
-- role members
SELECT a.oid, a.*, m.admin_option FROM pg_auth_members m, pg_roles a WHERE m.roleid = a.oid;
-- sequences
SELECT c.relname, seq.* FROM pg_catalog.pg_sequence seq JOIN pg_class c ON c.oid = seq.seqrelid ORDER BY c.relname;
-- session
SELECT current_schema(), session_user;
-- search path
SHOW search_path;
-- settings
select * from pg_catalog.pg_settings where name = 'standard_conforming_strings';
-- sessions
SELECT sa.usename, sa.state FROM pg_catalog.pg_stat_activity sa WHERE sa.pid = pg_backend_pid();
-- locks
SELECT count(*) FROM pg_catalog.pg_locks;
-- triggers
SELECT x.oid, x.*, p.pronamespace as func_schema_id, d.description FROM pg_catalog.pg_trigger x
LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid = x.tgfoid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = x.oid AND d.objsubid = 0 WHERE NOT x.tgisinternal;
-- rules
SELECT r.oid, r.*, d.description FROM pg_catalog.pg_rewrite r
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = r.oid AND d.objsubid = 0;
-- inheritance
SELECT i.*, c.relnamespace FROM pg_catalog.pg_inherits i, pg_catalog.pg_class c WHERE i.inhrelid = 1 AND c.oid = i.inhparent ORDER BY i.inhseqno;
-- view
select pg_catalog.pg_get_viewdef((SELECT oid FROM pg_class WHERE relkind = 'v' ORDER BY relname LIMIT 1), true);
-- tablespaces
SELECT t.oid, t.*, pg_tablespace_location(t.oid) loc FROM pg_catalog.pg_tablespace t ORDER BY t.oid;
-- extensions
SELECT e.oid, e.*, n.nspname as schema_name FROM pg_extension e join pg_namespace n on n.oid = e.extnamespace ORDER BY e.oid;
-- foreign servers
SELECT s.*, fdw.fdwname FROM pg_catalog.pg_foreign_server s JOIN pg_foreign_data_wrapper fdw on fdw.oid = s.srvfdw;
-- casts
SELECT count(*) FROM pg_catalog.pg_cast;
-- access methods
SELECT am.oid, am.* FROM pg_catalog.pg_am am ORDER BY am.oid;
-- collations
SELECT c.collname FROM pg_catalog.pg_collation c ORDER BY c.oid LIMIT 1;
-- event triggers
SELECT * FROM pg_catalog.pg_event_trigger;
-- proc
SELECT p.oid, p.*, pg_catalog.pg_get_expr(p.proargdefaults, 0) as arg_defaults, d.description FROM pg_catalog.pg_proc p
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = p.oid WHERE p.proname = 'lower' ORDER BY p.oid LIMIT 1;
-- statistics of tables
SELECT c.relname, pg_catalog.pg_total_relation_size(c.oid) >= 0 as total_rel_size, pg_catalog.pg_relation_size(c.oid) >= 0 as rel_size
FROM pg_class c WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') AND c.relkind = 'r' ORDER BY 1;
