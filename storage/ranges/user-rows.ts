import { type Connection, statement } from './connection';

export interface UserRow {
  readonly username: string;
  /** Empty or null: the user has no password. */
  readonly hashedPassword: Uint8Array | null;
  readonly isRole: boolean;
}

export interface RoleOptionRow {
  readonly username: string;
  /** Upper case, e.g. `CREATEDB`, `VALID UNTIL`. */
  readonly option: string;
  readonly value: string | null;
}

export interface RoleMemberRow {
  readonly role: string;
  readonly member: string;
  readonly isAdmin: boolean;
}

interface RawUser {
  username: string;
  hashed_password: Uint8Array | null;
  is_role: number;
}

const userFromRaw = (raw: RawUser): UserRow => ({
  username: raw.username,
  hashedPassword: raw.hashed_password,
  isRole: raw.is_role !== 0,
});

export function getUser(db: Connection, username: string): UserRow | undefined {
  const raw = statement(db, 'SELECT * FROM users WHERE username = ?').get(username);
  return raw === undefined ? undefined : userFromRaw(raw as RawUser);
}

export function listUsers(db: Connection): UserRow[] {
  return (statement(db, 'SELECT * FROM users ORDER BY username').all() as RawUser[]).map(
    userFromRaw,
  );
}

export function putUser(db: Connection, user: UserRow): void {
  statement(db, 'INSERT OR REPLACE INTO users VALUES (?, ?, ?)').run(
    user.username,
    user.hashedPassword,
    user.isRole ? 1 : 0,
  );
}

/** Removes the user with its options and memberships. */
export function deleteUser(db: Connection, username: string): void {
  statement(db, 'DELETE FROM users WHERE username = ?').run(username);
  statement(db, 'DELETE FROM role_options WHERE username = ?').run(username);
  statement(db, 'DELETE FROM role_members WHERE role = ? OR member = ?').run(username, username);
}

export function listRoleOptions(db: Connection): RoleOptionRow[] {
  return statement(
    db,
    'SELECT * FROM role_options ORDER BY username, option',
  ).all() as RoleOptionRow[];
}

export function putRoleOption(db: Connection, row: RoleOptionRow): void {
  statement(db, 'INSERT OR REPLACE INTO role_options VALUES (?, ?, ?)').run(
    row.username,
    row.option,
    row.value,
  );
}

export function deleteRoleOption(db: Connection, username: string, option: string): void {
  statement(db, 'DELETE FROM role_options WHERE username = ? AND option = ?').run(username, option);
}

export function listRoleMembers(db: Connection): RoleMemberRow[] {
  const sql = 'SELECT role, member, is_admin FROM role_members ORDER BY role, member';
  const rows = statement(db, sql).all() as { role: string; member: string; is_admin: number }[];
  return rows.map(({ role, member, is_admin }) => ({ role, member, isAdmin: is_admin !== 0 }));
}

export function putRoleMember(db: Connection, row: RoleMemberRow): void {
  statement(db, 'INSERT OR REPLACE INTO role_members VALUES (?, ?, ?)').run(
    row.role,
    row.member,
    row.isAdmin ? 1 : 0,
  );
}

export function deleteRoleMember(db: Connection, role: string, member: string): void {
  statement(db, 'DELETE FROM role_members WHERE role = ? AND member = ?').run(role, member);
}
