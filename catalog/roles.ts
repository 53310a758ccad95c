import type { RoleMemberRow, RoleOptionRow, UserRow } from '../storage/ranges/user-rows';

/** Users and roles at one version of the catalog: who there is, what they may do, who is a member of whom. */

export const ADMIN_ROLE = 'admin';
export const PUBLIC_ROLE = 'public';
export const ROOT_USER = 'root';
export const NODE_USER = 'node';

export interface Role {
  readonly name: string;
  readonly isRole: boolean;
  /** By upper-case name; only options that were given are there (`NOLOGIN`, not `LOGIN`). */
  readonly options: ReadonlyMap<string, string | null>;
}

const NO_ROLES: ReadonlyMap<string, boolean> = new Map();

export class RoleGraph {
  private readonly roles = new Map<string, Role>();
  private readonly direct = new Map<string, Map<string, boolean>>();
  private readonly closures = new Map<string, ReadonlyMap<string, boolean>>();

  constructor(
    users: Iterable<UserRow>,
    options: Iterable<RoleOptionRow>,
    members: Iterable<RoleMemberRow>,
  ) {
    const optionsOf = new Map<string, Map<string, string | null>>();
    for (const { username, isRole } of users) {
      const own = new Map<string, string | null>();
      optionsOf.set(username, own);
      this.roles.set(username, { name: username, isRole, options: own });
    }
    for (const { username, option, value } of options) {
      optionsOf.get(username)?.set(option, value);
    }
    for (const { role, member, isAdmin } of members) {
      const of = this.direct.get(member) ?? new Map<string, boolean>();
      this.direct.set(member, of.set(role, isAdmin));
    }
  }

  get(name: string): Role | undefined {
    return this.roles.get(name);
  }

  /** By name. */
  all(): Role[] {
    return [...this.roles.values()];
  }

  /** Roles that `name` is a member of itself, with whether it may grant them. */
  directRoles(name: string): ReadonlyMap<string, boolean> {
    return this.direct.get(name) ?? NO_ROLES;
  }

  /** The same by way of other roles, too. */
  rolesOf(name: string): ReadonlyMap<string, boolean> {
    const known = this.closures.get(name);
    if (known !== undefined) return known;
    const found = new Map<string, boolean>();
    const open = [name];
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      for (const [role, isAdmin] of this.directRoles(member)) {
        if (!found.has(role)) open.push(role);
        found.set(role, isAdmin || found.get(role) === true);
      }
    }
    this.closures.set(name, found);
    return found;
  }

  isMember(name: string, role: string): boolean {
    return name === role || this.rolesOf(name).has(role);
  }

  isAdmin(name: string): boolean {
    return name === ROOT_USER || name === NODE_USER || this.isMember(name, ADMIN_ROLE);
  }

  /** A role option such as CREATEDB: the user's own (they are not inherited), and the admins'. */
  hasOption(name: string, option: string): boolean {
    return this.isAdmin(name) || this.roles.get(name)?.options.has(option) === true;
  }
}

export const NO_ROLE_GRAPH = new RoleGraph([], [], []);
