-- databases
select N.oid::bigint as id, datname as name, D.description, datistemplate as is_template, datallowconn as allow_connections, pg_catalog.pg_get_userbyid(N.datdba) as "owner"
from pg_catalog.pg_database N left join pg_catalog.pg_shdescription D on N.oid = D.objoid order by case when datname = pg_catalog.current_database() then -1::bigint else N.oid::bigint end;
-- schemas
select N.oid::bigint as id, nspname as name, D.description, pg_catalog.pg_get_userbyid(N.nspowner) as "owner"
from pg_catalog.pg_namespace N left join pg_catalog.pg_description D on N.oid = D.objoid order by case when nspname = pg_catalog.current_schema() then -1::bigint else N.oid::bigint end;
-- state
select current_database() as a, current_schemas(false) as b;
-- tables
select T.relkind as table_kind, T.relname as table_name, T.oid as table_id, false as table_with_oids, T.reltablespace as tablespace_id,
  T.reloptions as options, T.relpersistence as persistence, (select pg_catalog.array_agg(inhparent::bigint order by inhseqno)::varchar from pg_catalog.pg_inherits where T.oid = inhrelid) as ancestors,
  T.relispartition as is_partition, pg_catalog.pg_get_partkeydef(T.oid) as partition_key, T.relam as am_id, pg_catalog.pg_get_userbyid(T.relowner) as "owner"
from pg_catalog.pg_class T where relnamespace = (select oid from pg_namespace where nspname = 'public')::oid and relkind in ('r', 'm', 'v', 'f', 'p') order by table_kind, table_id;
-- columns
with T as (select distinct T.oid as table_id, T.relname as table_name from pg_catalog.pg_class T, pg_catalog.pg_attribute A
  where T.relnamespace = (select oid from pg_namespace where nspname = 'public')::oid and T.relkind in ('r', 'm', 'v', 'f', 'p') and A.attrelid = T.oid)
select T.table_id, C.attnum as column_position, C.attname as column_name, C.atttypmod as type_mod, C.attndims as dimensions_number,
  pg_catalog.format_type(C.atttypid, C.atttypmod) as type_spec, C.atttypid as type_id, C.attnotnull as mandatory, pg_catalog.pg_get_expr(D.adbin, T.table_id) as column_default_expression,
  not C.attislocal as column_is_inherited, C.attisdropped as column_is_dropped, C.attidentity as identity_kind, C.attgenerated as generated
from T join pg_catalog.pg_attribute C on T.table_id = C.attrelid left join pg_catalog.pg_attrdef D on (C.attrelid, C.attnum) = (D.adrelid, D.adnum)
where attnum > 0 order by table_id, attnum;
-- indices
select tab.oid table_id, tab.relkind table_kind, ind_stor.relname index_name, ind_head.indexrelid index_id, ind_head.indisunique is_unique, ind_head.indisprimary is_primary,
  pg_catalog.pg_get_expr(ind_head.indpred, ind_head.indrelid) as condition, pg_catalog.array_to_string(array(
    select case when k.n > 0 then pg_catalog.pg_get_indexdef(ind_head.indexrelid, k.n::int, true) else '' end from generate_series(1, ind_head.indnkeyatts::int) as k(n)), ', ') as keys,
  am.amname as access_method
from pg_catalog.pg_class tab join pg_catalog.pg_index ind_head on ind_head.indrelid = tab.oid join pg_catalog.pg_class ind_stor on tab.relnamespace = ind_stor.relnamespace and ind_stor.oid = ind_head.indexrelid
  left join pg_catalog.pg_am am on ind_stor.relam = am.oid
where tab.relnamespace = (select oid from pg_namespace where nspname = 'public')::oid and tab.relkind in ('r', 'm', 'v', 'p') order by tab.relname, index_name;
-- constraints
select T.oid table_id, relkind table_kind, C.oid::bigint con_id, conname con_name, contype con_kind, conkey con_columns, conindid index_id, confrelid ref_table_id, condeferrable is_deferrable,
  condeferred is_init_deferred, confupdtype on_update, confdeltype on_delete, connoinherit no_inherit, pg_catalog.pg_get_expr(conbin, T.oid) con_expression, confkey ref_columns
from pg_catalog.pg_constraint C join pg_catalog.pg_class T on C.conrelid = T.oid where relkind in ('r', 'v', 'f', 'p') order by T.relname, conname;
-- sequences
select sq.seqrelid as sequence_id, cls.relname as sequence_name, pg_catalog.format_type(sq.seqtypid, null) as data_type, sq.seqstart as next_value,
  sq.seqincrement as inc_value, sq.seqmin as min_value, sq.seqmax as max_value, sq.seqcache as cache_size, sq.seqcycle as cycle_option, pg_catalog.pg_get_userbyid(cls.relowner) as "owner"
from pg_catalog.pg_sequence sq join pg_class cls on sq.seqrelid = cls.oid order by 3;
-- types
select T.oid as type_id, T.typname as type_name, T.typtype as type_sub_kind, T.typcategory as type_category, T.typrelid as class_id, T.typbasetype as base_type_id,
  case when T.typtype in ('c', 'e') then null else pg_catalog.format_type(T.typbasetype, T.typtypmod) end as type_def, T.typndims as dimensions_number, T.typdefault as default_expression, T.typnotnull as mandatory
from pg_catalog.pg_type T left outer join pg_catalog.pg_class C on T.typrelid = C.oid
where T.typnamespace = (select oid from pg_namespace where nspname = 'public')::oid and (T.typtype in ('d', 'e') or C.relkind = 'c'::"char") order by 1;
-- enum labels
select pg_catalog.array_agg(enumlabel::varchar order by enumsortorder) as labels, enumtypid from pg_catalog.pg_enum group by enumtypid order by 2;
-- views
select T.relkind as view_kind, T.oid as view_id, pg_catalog.pg_get_viewdef(T.oid, true) as source_text from pg_catalog.pg_class T
where T.relkind in ('v', 'm') and T.relnamespace = (select oid from pg_namespace where nspname = 'public')::oid order by 2;
-- roles
select R.oid::bigint as role_id, rolname as role_name, rolsuper is_super, rolinherit is_inherit, rolcreaterole can_createrole, rolcreatedb can_createdb, rolcanlogin can_login,
  rolconnlimit conn_limit, rolvaliduntil valid_until, rolbypassrls bypass_rls, rolconfig config from pg_catalog.pg_roles R order by 2;
-- comments
select D.objoid id, C.relkind::char as kind, D.objsubid sub_id, D.description from pg_catalog.pg_description D join pg_catalog.pg_class C on D.objoid = C.oid
where C.relnamespace = (select oid from pg_namespace where nspname = 'public')::oid and C.relkind != 'c' and D.classoid = 'pg_catalog.pg_class'::regclass order by 1, 3;
-- time zone
select current_setting('TimeZone');
-- is superuser
select usesuper from pg_user where usename = current_user;
-- age
select L.transactionid::varchar::bigint as transaction_id from pg_catalog.pg_locks L where L.transactionid is not null order by 1 limit 1;
