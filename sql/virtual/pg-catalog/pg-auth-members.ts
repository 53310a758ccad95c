import { BOOL, OID } from '../../../catalog/types/table';
import { listRoleMembers } from '../../../storage/ranges/user-rows';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

export const pgAuthMembers = systemTable({
  schema: 'pg_catalog',
  name: 'pg_auth_members',
  volatile: true,
  columns: { roleid: OID, member: OID, grantor: OID, admin_option: BOOL },
  *rows({ engine }) {
    for (const { role, member, isAdmin } of listRoleMembers(engine.db))
      yield { roleid: roleOid(role), member: roleOid(member), admin_option: isAdmin };
  },
});
