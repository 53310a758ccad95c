import { arrayOf, OID, STRING } from '../../../catalog/types/table';
import { listStartSettings } from '../../../storage/ranges/role-setting-rows';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

/** 0: every role. */
const ALL_ROLES = 0;

export const pgDbRoleSetting = systemTable({
  schema: 'pg_catalog',
  name: 'pg_db_role_setting',
  volatile: true,
  columns: { setdatabase: OID, setrole: OID, setconfig: arrayOf(STRING) },
  *rows({ engine }) {
    for (const { databaseId, role, settings } of listStartSettings(engine.db))
      yield {
        setdatabase: databaseId,
        setrole: role === '' ? ALL_ROLES : roleOid(role),
        setconfig: settings,
      };
  },
});
