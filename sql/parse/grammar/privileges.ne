# Users, roles and privileges. See cockroach.ne for how terminals are made; %expression is the value of a setting.
# Compiled by scripts/build-grammar.mjs.

@preprocessor typescript
@{%
import * as a from '../actions';
import * as p from '../privilege-actions';
import * as t from '../grammar-tokens';

const lexer = { has: () => false };
const ofType = (type) => ({ test: (token) => token.type === type });
const expression = ofType('expression');
const string = ofType('string');
const placeholder = ofType('placeholder');
const name = { test: p.isRoleName };
const anyName = { test: t.isAnyName };
const stringLike = { test: t.isStringLike };
const grantTarget = { test: p.isPrivilegeTarget };
const privilege = { test: p.isPrivilege };
const roleOption = { test: p.isRoleOption };

const nothing = () => null;
const yes = () => true;
const no = () => false;
const first = (d) => d[0];
const second = (d) => d[1];
const third = (d) => d[2];
const one = (d) => [d[0]];
const append = (d) => [...d[0], d[2]];
const push = (d) => [...d[0], d[1]];
const none = () => [];
%}
@lexer lexer

main -> role {% first %}
      | grant {% first %}
      | owned {% first %}
      | session {% first %}
      | show {% first %}

# ---- pieces ----

ifNotExists -> null {% no %}
             | "if" "not" "exists" {% yes %}
ifExists -> null {% no %}
          | "if" "exists" {% yes %}
dotted -> %name {% one %}
        | dotted "." %anyName {% append %}
qualified -> dotted {% (d) => a.qualifiedName(d[0]) %}
qualifieds -> qualified {% one %}
            | qualifieds "," qualified {% append %}
names -> %name {% one %}
       | names "," %name {% append %}

roleSpec -> %name {% (d) => ({ kind: 'name', name: a.nameOf(d[0]) }) %}
          | %string {% (d) => ({ kind: 'name', name: a.nameOf(d[0]) }) %}
          | "current_user" {% () => ({ kind: 'currentUser', name: '' }) %}
          | "current_role" {% () => ({ kind: 'currentUser', name: '' }) %}
          | "session_user" {% () => ({ kind: 'sessionUser', name: '' }) %}
roleSpecs -> roleSpec {% one %}
           | roleSpecs "," roleSpec {% append %}
roleWord -> "role" {% yes %}
          | "user" {% no %}

# ---- roles ----

role -> "create" roleWord ifNotExists roleSpec with options
  {% (d) => ({ kind: 'CreateRole', isRole: d[1], ifNotExists: d[2], role: d[3], options: d[5] }) %}
      | "alter" roleWord ifExists roleSpec with options
  {% (d) => ({ kind: 'AlterRole', isRole: d[1], ifExists: d[2], role: d[3], options: d[5] }) %}
      | "alter" roleWord ifExists roleSpec inDatabase setting
  {% (d) => ({ kind: 'AlterRoleSet', isRole: d[1], ifExists: d[2], role: d[3], database: d[4], ...d[5] }) %}
      | "alter" roleWord "all" inDatabase setting
  {% (d) => ({ kind: 'AlterRoleSet', isRole: d[1], ifExists: false, role: null, database: d[3], ...d[4] }) %}
      | "drop" roleWord ifExists roleSpecs
  {% (d) => ({ kind: 'DropRole', isRole: d[1], ifExists: d[2], roles: d[3] }) %}
with -> null
      | "with"
options -> null {% none %}
         | options option {% push %}
option -> %roleOption {% (d) => ({ name: d[0].text.toUpperCase(), value: null }) %}
        | "password" value {% (d) => ({ name: 'PASSWORD', value: d[1] }) %}
        | "encrypted" "password" value {% (d) => ({ name: 'PASSWORD', value: d[2] }) %}
        | "valid" "until" value {% (d) => ({ name: 'VALID UNTIL', value: d[2] }) %}
value -> %string {% (d) => a.stringOf(d[0]) %}
       | %placeholder {% (d) => a.stringOf(d[0]) %}
       | %name {% (d) => a.stringOf(d[0]) %}
       | "null" {% nothing %}
inDatabase -> null {% nothing %}
            | "in" "database" %name {% (d) => a.nameOf(d[2]) %}
setting -> "set" settingName assign expressions
  {% (d) => ({ variable: d[1], values: a.setValues(d[3]) }) %}
         | "reset" settingName {% (d) => ({ variable: d[1], values: null }) %}
         | "reset" "all" {% () => ({ variable: null, values: null }) %}
settingName -> dotted {% (d) => d[0].map(a.nameOf).join('.') %}
assign -> "=" | "to"
expressions -> %expression {% one %}
             | expressions "," %expression {% append %}

# ---- GRANT, REVOKE ----

grant -> "grant" privileges "on" target "to" roleSpecs grantOption
  {% (d) => ({ kind: 'Grant', revoke: false, privileges: d[1], target: d[3], grantees: d[5], grantOption: d[6] }) %}
       | "revoke" grantOptionFor privileges "on" target "from" roleSpecs
  {% (d) => ({ kind: 'Grant', revoke: true, privileges: d[2], target: d[4], grantees: d[6], grantOption: d[1] }) %}
       | "grant" roleNames "to" roleSpecs adminOption
  {% (d) => ({ kind: 'GrantRole', revoke: false, roles: d[1], members: d[3], adminOption: d[4] }) %}
       | "revoke" adminOptionFor roleNames "from" roleSpecs
  {% (d) => ({ kind: 'GrantRole', revoke: true, roles: d[2], members: d[4], adminOption: d[1] }) %}
       | "alter" "default" "privileges" forRoles inSchemas defaults
  {% (d) => ({ kind: 'AlterDefaultPrivileges', forRoles: d[3], schemas: d[4], ...d[5] }) %}
roleNames -> names {% (d) => d[0].map(a.nameOf) %}
privileges -> "all" {% () => ['ALL'] %}
            | "all" "privileges" {% () => ['ALL'] %}
            | privilegeList {% first %}
privilegeList -> %privilege {% (d) => [a.nameOf(d[0]).toUpperCase()] %}
               | privilegeList "," %privilege {% (d) => [...d[0], a.nameOf(d[2]).toUpperCase()] %}
grantOption -> null {% no %}
             | "with" "grant" "option" {% yes %}
grantOptionFor -> null {% no %}
                | "grant" "option" "for" {% yes %}
adminOption -> null {% no %}
             | "with" "admin" "option" {% yes %}
adminOptionFor -> null {% no %}
                | "admin" "option" "for" {% yes %}
target -> "database" names {% (d) => ({ kind: 'database', names: d[1].map(a.nameOf) }) %}
        | "schema" qualifieds {% (d) => ({ kind: 'schema', names: d[1] }) %}
        | "type" qualifieds {% (d) => ({ kind: 'type', names: d[1] }) %}
        | "table" patterns {% (d) => ({ kind: 'table', patterns: d[1] }) %}
        | "sequence" patterns {% (d) => ({ kind: 'table', patterns: d[1] }) %}
        | "all" "tables" "in" "schema" qualifieds {% (d) => ({ kind: 'allTablesInSchema', names: d[4] }) %}
        | startPatterns {% (d) => ({ kind: 'table', patterns: d[0] }) %}
patterns -> pattern {% one %}
          | patterns "," pattern {% append %}
pattern -> dotted {% (d) => a.tablePattern(d[0], null, null) %}
         | dotted "." "*" {% (d) => a.tablePattern(d[0], d[2], null) %}
         | "*" {% (d) => a.tablePattern([], d[0], null) %}
startPatterns -> startPattern {% one %}
               | startPatterns "," pattern {% append %}
startPattern -> startDotted {% (d) => a.tablePattern(d[0], null, null) %}
              | startDotted "." "*" {% (d) => a.tablePattern(d[0], d[2], null) %}
              | "*" {% (d) => a.tablePattern([], d[0], null) %}
startDotted -> %grantTarget {% one %}
             | startDotted "." %anyName {% append %}

forRoles -> null {% none %}
          | "for" roleWord roleSpecs {% third %}
          | "for" "all" "roles" {% nothing %}
inSchemas -> null {% none %}
           | "in" "schema" qualifieds {% third %}
defaults -> "grant" privileges "on" objects "to" roleSpecs grantOption
  {% (d) => ({ revoke: false, privileges: d[1], objects: d[3], grantees: d[5], grantOption: d[6] }) %}
          | "revoke" grantOptionFor privileges "on" objects "from" roleSpecs
  {% (d) => ({ revoke: true, privileges: d[2], objects: d[4], grantees: d[6], grantOption: d[1] }) %}
objects -> "tables" {% () => 'tables' %}
         | "sequences" {% () => 'sequences' %}
         | "schemas" {% () => 'schemas' %}
         | "types" {% () => 'types' %}

# ---- what roles own ----

owned -> "reassign" "owned" "by" roleSpecs "to" roleSpec
  {% (d) => ({ kind: 'ReassignOwned', from: d[3], to: d[5] }) %}
       | "drop" "owned" "by" roleSpecs behavior
  {% (d) => ({ kind: 'DropOwned', roles: d[3], behavior: d[4] }) %}
behavior -> null {% nothing %}
          | "cascade" {% () => 'cascade' %}
          | "restrict" {% () => 'restrict' %}

# ---- whose rights a session has ----

session -> "set" scope "role" roleValue {% (d) => ({ kind: 'SetRole', role: d[3] }) %}
         | "set" scope "role" assign roleValue {% (d) => ({ kind: 'SetRole', role: d[4] }) %}
         | "reset" "role" {% () => ({ kind: 'SetRole', role: null }) %}
         | "set" scope "session" "authorization" "default" {% () => ({ kind: 'SetSessionAuthorization', user: null }) %}
         | "set" scope "session" "authorization" %stringLike
  {% (d) => ({ kind: 'SetSessionAuthorization', user: a.nameOf(d[4]) }) %}
         | "reset" "session" "authorization" {% () => ({ kind: 'SetSessionAuthorization', user: null }) %}
scope -> null
       | "session"
roleValue -> %stringLike {% (d) => p.roleValue(d[0]) %}
           | %expression {% (d) => p.roleValue(d[0]) %}
           | "default" {% nothing %}

# ---- SHOW ----

show -> "show" "grants" "on" "role" forGrantees {% (d) => ({ kind: 'ShowRoleGrants', roles: null, for: d[4] }) %}
      | "show" "grants" "on" "role" roleNames forGrantees
  {% (d) => ({ kind: 'ShowRoleGrants', roles: d[4], for: d[5] }) %}
      | "show" "default" "privileges" forRoles {% (d) => ({ kind: 'ShowDefaultPrivileges', forRoles: d[3] }) %}
forGrantees -> null {% nothing %}
             | "for" roleSpecs {% second %}
