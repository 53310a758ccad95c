import { lineTables } from '../line-tables';

/** Catalogs of what v21.2 has not: triggers, rules, publications … Columns as PostgreSQL 13 has them. */

const TABLES: Readonly<Record<string, string>> = {
  pg_aggregate:
    'aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, aggfinalfn regproc, ' +
    'aggcombinefn regproc, aggserialfn regproc, aggdeserialfn regproc, aggmtransfn regproc, ' +
    'aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra bool, aggmfinalextra bool, ' +
    'aggsortop oid, aggtranstype oid, aggtransspace int4, aggmtranstype oid, aggmtransspace int4, ' +
    'agginitval text, aggminitval text',
  pg_amop:
    'oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, ' +
    'amoppurpose char, amopopr oid, amopmethod oid, amopsortfamily oid',
  pg_amproc:
    'oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype oid, amprocnum int2, amproc regproc',
  pg_available_extensions: 'name name, default_version text, installed_version text, comment text',
  pg_cast:
    'oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char',
  pg_conversion:
    'oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, contoencoding int4, ' +
    'conproc oid, condefault bool',
  pg_cursors:
    'name text, statement text, is_holdable bool, is_binary bool, is_scrollable bool, ' +
    'creation_time timestamptz',
  pg_event_trigger:
    'oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, evttags _text',
  pg_extension:
    'oid oid, extname name, extowner oid, extnamespace oid, extrelocatable bool, extversion text, ' +
    'extconfig text, extcondition text',
  pg_foreign_data_wrapper:
    'oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl _text, fdwoptions _text',
  pg_foreign_server:
    'oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, srvacl _text, ' +
    'srvoptions _text',
  pg_foreign_table: 'ftrelid oid, ftserver oid, ftoptions _text',
  pg_init_privs: 'objoid oid, classoid oid, objsubid int4, privtype char, initprivs _text',
  pg_inherits: 'inhrelid oid, inhparent oid, inhseqno int4',
  pg_largeobject: 'loid oid, pageno int4, data bytea',
  pg_largeobject_metadata: 'oid oid, lomowner oid, lomacl _text',
  pg_locks:
    'locktype text, database oid, relation oid, page int4, tuple int2, virtualxid text, ' +
    'transactionid int8, classid oid, objid oid, objsubid int2, virtualtransaction text, pid int4, ' +
    'mode text, granted bool, fastpath bool',
  pg_opclass:
    'oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, ' +
    'opcintype oid, opcdefault bool, opckeytype oid',
  pg_operator:
    'oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge bool, ' +
    'oprcanhash bool, oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, ' +
    'oprcode oid, oprrest oid, oprjoin oid',
  pg_opfamily: 'oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid',
  pg_partitioned_table:
    'partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2vector, ' +
    'partclass oidvector, partcollation oidvector, partexprs text',
  pg_policy:
    'oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles _oid, ' +
    'polqual text, polwithcheck text',
  pg_policies:
    'schemaname name, tablename name, policyname name, permissive text, roles _name, cmd text, ' +
    'qual text, with_check text',
  pg_prepared_statements:
    'name text, statement text, prepare_time timestamptz, parameter_types _regtype, from_sql bool',
  pg_prepared_xacts: 'transaction int8, gid text, prepared timestamptz, owner name, database name',
  pg_publication:
    'oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, ' +
    'pubdelete bool, pubtruncate bool, pubviaroot bool',
  pg_publication_rel: 'oid oid, prpubid oid, prrelid oid',
  pg_publication_tables: 'pubname name, schemaname name, tablename name',
  pg_range:
    'rngtypid oid, rngsubtype oid, rngcollation oid, rngsubopc oid, rngcanonical oid, rngsubdiff oid',
  pg_replication_origin: 'roident oid, roname text',
  pg_rewrite:
    'oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead bool, ' +
    'ev_qual text, ev_action text',
  pg_rules: 'schemaname name, tablename name, rulename name, definition text',
  pg_seclabel: 'objoid oid, classoid oid, objsubid int4, provider text, label text',
  pg_seclabels:
    'objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, ' +
    'provider text, label text',
  pg_shdepend:
    'dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype char',
  pg_shseclabel: 'objoid oid, classoid oid, provider text, label text',
  pg_statistic_ext:
    'oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, ' +
    'stxkeys int2vector, stxkind _char',
  pg_stats:
    'schemaname name, tablename name, attname name, inherited bool, null_frac float4, avg_width int4, ' +
    'n_distinct float4',
  pg_subscription:
    'oid oid, subdbid oid, subname name, subowner oid, subenabled bool, subconninfo text, ' +
    'subslotname name, subsynccommit text, subpublications _text',
  pg_subscription_rel: 'srsubid oid, srrelid oid, srsubstate char, srsublsn text',
  pg_timezone_abbrevs: 'abbrev text, utc_offset interval, is_dst bool',
  pg_trigger:
    'oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, ' +
    'tgisinternal bool, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, tgdeferrable bool, ' +
    'tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs bytea, tgqual text, tgoldtable name, ' +
    'tgnewtable name',
  pg_ts_config: 'oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid',
  pg_ts_dict:
    'oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, dictinitoption text',
  pg_user_mapping: 'oid oid, umuser oid, umserver oid, umoptions _text',
};

export const emptyPgTables = lineTables('pg_catalog', TABLES);
