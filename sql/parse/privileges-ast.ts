import type { QualifiedName, SetValue, StringOrPlaceholder, TablePattern } from './ast';

/** Statements about users, roles and privileges. */

/** A user or role as it is named: CURRENT_USER and SESSION_USER are found out when the statement runs. */
export interface RoleSpec {
  readonly kind: 'name' | 'currentUser' | 'sessionUser';
  /** Empty but for `name`. */
  readonly name: string;
}

export interface RoleOption {
  /** Upper case, e.g. `NOLOGIN`, `VALID UNTIL`. */
  readonly name: string;
  /** Null for NULL and for options without a value. */
  readonly value: StringOrPlaceholder | null;
}

interface RoleStatement {
  /** Which word was used: messages repeat it. */
  readonly isRole: boolean;
}

export interface CreateRoleStatement extends RoleStatement {
  readonly kind: 'CreateRole';
  readonly role: RoleSpec;
  readonly ifNotExists: boolean;
  readonly options: readonly RoleOption[];
}

export interface AlterRoleStatement extends RoleStatement {
  readonly kind: 'AlterRole';
  readonly role: RoleSpec;
  readonly ifExists: boolean;
  readonly options: readonly RoleOption[];
}

export interface AlterRoleSetStatement extends RoleStatement {
  readonly kind: 'AlterRoleSet';
  /** Null: ALL. */
  readonly role: RoleSpec | null;
  readonly ifExists: boolean;
  readonly database: string | null;
  /** Null: RESET ALL. */
  readonly variable: string | null;
  /** Null: RESET, or SET … TO DEFAULT. */
  readonly values: readonly SetValue[] | null;
}

export interface DropRoleStatement extends RoleStatement {
  readonly kind: 'DropRole';
  readonly roles: readonly RoleSpec[];
  readonly ifExists: boolean;
}

export interface GrantRoleStatement {
  readonly kind: 'GrantRole';
  readonly revoke: boolean;
  readonly roles: readonly string[];
  readonly members: readonly RoleSpec[];
  /** WITH ADMIN OPTION, ADMIN OPTION FOR. */
  readonly adminOption: boolean;
}

export type PrivilegeTarget =
  | { readonly kind: 'database'; readonly names: readonly string[] }
  | { readonly kind: 'schema' | 'type'; readonly names: readonly QualifiedName[] }
  | { readonly kind: 'table'; readonly patterns: readonly TablePattern[] }
  | { readonly kind: 'allTablesInSchema'; readonly names: readonly QualifiedName[] };

export interface GrantStatement {
  readonly kind: 'Grant';
  readonly revoke: boolean;
  /** Upper case; `ALL`. */
  readonly privileges: readonly string[];
  readonly target: PrivilegeTarget;
  readonly grantees: readonly RoleSpec[];
  /** WITH GRANT OPTION, GRANT OPTION FOR: of later versions. */
  readonly grantOption: boolean;
}

export interface AlterDefaultPrivilegesStatement {
  readonly kind: 'AlterDefaultPrivileges';
  /** Null: ALL ROLES; empty: the current user. */
  readonly forRoles: readonly RoleSpec[] | null;
  readonly schemas: readonly QualifiedName[];
  readonly revoke: boolean;
  readonly privileges: readonly string[];
  readonly objects: 'tables' | 'sequences' | 'schemas' | 'types';
  readonly grantees: readonly RoleSpec[];
  readonly grantOption: boolean;
}

export interface ReassignOwnedStatement {
  readonly kind: 'ReassignOwned';
  readonly from: readonly RoleSpec[];
  readonly to: RoleSpec;
}

export interface DropOwnedStatement {
  readonly kind: 'DropOwned';
  readonly roles: readonly RoleSpec[];
  readonly behavior: 'cascade' | 'restrict' | null;
}

/** `null`: back to the session's user (NONE, DEFAULT). */
export interface SetRoleStatement {
  readonly kind: 'SetRole';
  readonly role: string | null;
}

export interface SetSessionAuthorizationStatement {
  readonly kind: 'SetSessionAuthorization';
  readonly user: string | null;
}

export interface ShowRoleGrantsStatement {
  readonly kind: 'ShowRoleGrants';
  /** Null: all of them. */
  readonly roles: readonly string[] | null;
  readonly for: readonly RoleSpec[] | null;
}

export interface ShowDefaultPrivilegesStatement {
  readonly kind: 'ShowDefaultPrivileges';
  /** Null: ALL ROLES; empty: the current user. */
  readonly forRoles: readonly RoleSpec[] | null;
}

export type PrivilegeStatement =
  | CreateRoleStatement
  | AlterRoleStatement
  | AlterRoleSetStatement
  | DropRoleStatement
  | GrantRoleStatement
  | GrantStatement
  | AlterDefaultPrivilegesStatement
  | ReassignOwnedStatement
  | DropOwnedStatement
  | SetRoleStatement
  | SetSessionAuthorizationStatement
  | ShowRoleGrantsStatement
  | ShowDefaultPrivilegesStatement;
