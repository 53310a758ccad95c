// Made by scripts/build-grammar.mjs from sql/parse/grammar/privileges.ne: change that file, then run `npm run grammar`.
// @ts-nocheck: nearley types everything it writes as any.
function id(d: any[]): any { return d[0]; }

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

interface NearleyToken {
  value: any;
  [key: string]: any;
};

interface NearleyLexer {
  reset: (chunk: string, info: any) => void;
  next: () => NearleyToken | undefined;
  save: () => any;
  formatError: (token: never) => string;
  has: (tokenType: string) => boolean;
};

interface NearleyRule {
  name: string;
  symbols: NearleySymbol[];
  postprocess?: (d: any[], loc?: number, reject?: {}) => any;
};

type NearleySymbol = string | { literal: any } | { test: (token: any) => boolean };

interface Grammar {
  Lexer: NearleyLexer | undefined;
  ParserRules: NearleyRule[];
  ParserStart: string;
};

const grammar: Grammar = {
  Lexer: lexer,
  ParserRules: [
    {"name": "main", "symbols": ["role"], "postprocess": first},
    {"name": "main", "symbols": ["grant"], "postprocess": first},
    {"name": "main", "symbols": ["owned"], "postprocess": first},
    {"name": "main", "symbols": ["session"], "postprocess": first},
    {"name": "main", "symbols": ["show"], "postprocess": first},
    {"name": "ifNotExists", "symbols": [], "postprocess": no},
    {"name": "ifNotExists", "symbols": [{"literal":"if"}, {"literal":"not"}, {"literal":"exists"}], "postprocess": yes},
    {"name": "ifExists", "symbols": [], "postprocess": no},
    {"name": "ifExists", "symbols": [{"literal":"if"}, {"literal":"exists"}], "postprocess": yes},
    {"name": "dotted", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": one},
    {"name": "dotted", "symbols": ["dotted", {"literal":"."}, (lexer.has("anyName") ? {type: "anyName"} : anyName)], "postprocess": append},
    {"name": "qualified", "symbols": ["dotted"], "postprocess": (d) => a.qualifiedName(d[0])},
    {"name": "qualifieds", "symbols": ["qualified"], "postprocess": one},
    {"name": "qualifieds", "symbols": ["qualifieds", {"literal":","}, "qualified"], "postprocess": append},
    {"name": "names", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": one},
    {"name": "names", "symbols": ["names", {"literal":","}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": append},
    {"name": "roleSpec", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'name', name: a.nameOf(d[0]) })},
    {"name": "roleSpec", "symbols": [(lexer.has("string") ? {type: "string"} : string)], "postprocess": (d) => ({ kind: 'name', name: a.nameOf(d[0]) })},
    {"name": "roleSpec", "symbols": [{"literal":"current_user"}], "postprocess": () => ({ kind: 'currentUser', name: '' })},
    {"name": "roleSpec", "symbols": [{"literal":"current_role"}], "postprocess": () => ({ kind: 'currentUser', name: '' })},
    {"name": "roleSpec", "symbols": [{"literal":"session_user"}], "postprocess": () => ({ kind: 'sessionUser', name: '' })},
    {"name": "roleSpecs", "symbols": ["roleSpec"], "postprocess": one},
    {"name": "roleSpecs", "symbols": ["roleSpecs", {"literal":","}, "roleSpec"], "postprocess": append},
    {"name": "roleWord", "symbols": [{"literal":"role"}], "postprocess": yes},
    {"name": "roleWord", "symbols": [{"literal":"user"}], "postprocess": no},
    {"name": "role", "symbols": [{"literal":"create"}, "roleWord", "ifNotExists", "roleSpec", "with", "options"], "postprocess": (d) => ({ kind: 'CreateRole', isRole: d[1], ifNotExists: d[2], role: d[3], options: d[5] })},
    {"name": "role", "symbols": [{"literal":"alter"}, "roleWord", "ifExists", "roleSpec", "with", "options"], "postprocess": (d) => ({ kind: 'AlterRole', isRole: d[1], ifExists: d[2], role: d[3], options: d[5] })},
    {"name": "role", "symbols": [{"literal":"alter"}, "roleWord", "ifExists", "roleSpec", "inDatabase", "setting"], "postprocess": (d) => ({ kind: 'AlterRoleSet', isRole: d[1], ifExists: d[2], role: d[3], database: d[4], ...d[5] })},
    {"name": "role", "symbols": [{"literal":"alter"}, "roleWord", {"literal":"all"}, "inDatabase", "setting"], "postprocess": (d) => ({ kind: 'AlterRoleSet', isRole: d[1], ifExists: false, role: null, database: d[3], ...d[4] })},
    {"name": "role", "symbols": [{"literal":"drop"}, "roleWord", "ifExists", "roleSpecs"], "postprocess": (d) => ({ kind: 'DropRole', isRole: d[1], ifExists: d[2], roles: d[3] })},
    {"name": "with", "symbols": []},
    {"name": "with", "symbols": [{"literal":"with"}]},
    {"name": "options", "symbols": [], "postprocess": none},
    {"name": "options", "symbols": ["options", "option"], "postprocess": push},
    {"name": "option", "symbols": [(lexer.has("roleOption") ? {type: "roleOption"} : roleOption)], "postprocess": (d) => ({ name: d[0].text.toUpperCase(), value: null })},
    {"name": "option", "symbols": [{"literal":"password"}, "value"], "postprocess": (d) => ({ name: 'PASSWORD', value: d[1] })},
    {"name": "option", "symbols": [{"literal":"encrypted"}, {"literal":"password"}, "value"], "postprocess": (d) => ({ name: 'PASSWORD', value: d[2] })},
    {"name": "option", "symbols": [{"literal":"valid"}, {"literal":"until"}, "value"], "postprocess": (d) => ({ name: 'VALID UNTIL', value: d[2] })},
    {"name": "value", "symbols": [(lexer.has("string") ? {type: "string"} : string)], "postprocess": (d) => a.stringOf(d[0])},
    {"name": "value", "symbols": [(lexer.has("placeholder") ? {type: "placeholder"} : placeholder)], "postprocess": (d) => a.stringOf(d[0])},
    {"name": "value", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => a.stringOf(d[0])},
    {"name": "value", "symbols": [{"literal":"null"}], "postprocess": nothing},
    {"name": "inDatabase", "symbols": [], "postprocess": nothing},
    {"name": "inDatabase", "symbols": [{"literal":"in"}, {"literal":"database"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => a.nameOf(d[2])},
    {"name": "setting", "symbols": [{"literal":"set"}, "settingName", "assign", "expressions"], "postprocess": (d) => ({ variable: d[1], values: a.setValues(d[3]) })},
    {"name": "setting", "symbols": [{"literal":"reset"}, "settingName"], "postprocess": (d) => ({ variable: d[1], values: null })},
    {"name": "setting", "symbols": [{"literal":"reset"}, {"literal":"all"}], "postprocess": () => ({ variable: null, values: null })},
    {"name": "settingName", "symbols": ["dotted"], "postprocess": (d) => d[0].map(a.nameOf).join('.')},
    {"name": "assign", "symbols": [{"literal":"="}]},
    {"name": "assign", "symbols": [{"literal":"to"}]},
    {"name": "expressions", "symbols": [(lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": one},
    {"name": "expressions", "symbols": ["expressions", {"literal":","}, (lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": append},
    {"name": "grant", "symbols": [{"literal":"grant"}, "privileges", {"literal":"on"}, "target", {"literal":"to"}, "roleSpecs", "grantOption"], "postprocess": (d) => ({ kind: 'Grant', revoke: false, privileges: d[1], target: d[3], grantees: d[5], grantOption: d[6] })},
    {"name": "grant", "symbols": [{"literal":"revoke"}, "grantOptionFor", "privileges", {"literal":"on"}, "target", {"literal":"from"}, "roleSpecs"], "postprocess": (d) => ({ kind: 'Grant', revoke: true, privileges: d[2], target: d[4], grantees: d[6], grantOption: d[1] })},
    {"name": "grant", "symbols": [{"literal":"grant"}, "roleNames", {"literal":"to"}, "roleSpecs", "adminOption"], "postprocess": (d) => ({ kind: 'GrantRole', revoke: false, roles: d[1], members: d[3], adminOption: d[4] })},
    {"name": "grant", "symbols": [{"literal":"revoke"}, "adminOptionFor", "roleNames", {"literal":"from"}, "roleSpecs"], "postprocess": (d) => ({ kind: 'GrantRole', revoke: true, roles: d[2], members: d[4], adminOption: d[1] })},
    {"name": "grant", "symbols": [{"literal":"alter"}, {"literal":"default"}, {"literal":"privileges"}, "forRoles", "inSchemas", "defaults"], "postprocess": (d) => ({ kind: 'AlterDefaultPrivileges', forRoles: d[3], schemas: d[4], ...d[5] })},
    {"name": "roleNames", "symbols": ["names"], "postprocess": (d) => d[0].map(a.nameOf)},
    {"name": "privileges", "symbols": [{"literal":"all"}], "postprocess": () => ['ALL']},
    {"name": "privileges", "symbols": [{"literal":"all"}, {"literal":"privileges"}], "postprocess": () => ['ALL']},
    {"name": "privileges", "symbols": ["privilegeList"], "postprocess": first},
    {"name": "privilegeList", "symbols": [(lexer.has("privilege") ? {type: "privilege"} : privilege)], "postprocess": (d) => [a.nameOf(d[0]).toUpperCase()]},
    {"name": "privilegeList", "symbols": ["privilegeList", {"literal":","}, (lexer.has("privilege") ? {type: "privilege"} : privilege)], "postprocess": (d) => [...d[0], a.nameOf(d[2]).toUpperCase()]},
    {"name": "grantOption", "symbols": [], "postprocess": no},
    {"name": "grantOption", "symbols": [{"literal":"with"}, {"literal":"grant"}, {"literal":"option"}], "postprocess": yes},
    {"name": "grantOptionFor", "symbols": [], "postprocess": no},
    {"name": "grantOptionFor", "symbols": [{"literal":"grant"}, {"literal":"option"}, {"literal":"for"}], "postprocess": yes},
    {"name": "adminOption", "symbols": [], "postprocess": no},
    {"name": "adminOption", "symbols": [{"literal":"with"}, {"literal":"admin"}, {"literal":"option"}], "postprocess": yes},
    {"name": "adminOptionFor", "symbols": [], "postprocess": no},
    {"name": "adminOptionFor", "symbols": [{"literal":"admin"}, {"literal":"option"}, {"literal":"for"}], "postprocess": yes},
    {"name": "target", "symbols": [{"literal":"database"}, "names"], "postprocess": (d) => ({ kind: 'database', names: d[1].map(a.nameOf) })},
    {"name": "target", "symbols": [{"literal":"schema"}, "qualifieds"], "postprocess": (d) => ({ kind: 'schema', names: d[1] })},
    {"name": "target", "symbols": [{"literal":"type"}, "qualifieds"], "postprocess": (d) => ({ kind: 'type', names: d[1] })},
    {"name": "target", "symbols": [{"literal":"table"}, "patterns"], "postprocess": (d) => ({ kind: 'table', patterns: d[1] })},
    {"name": "target", "symbols": [{"literal":"sequence"}, "patterns"], "postprocess": (d) => ({ kind: 'table', patterns: d[1] })},
    {"name": "target", "symbols": [{"literal":"all"}, {"literal":"tables"}, {"literal":"in"}, {"literal":"schema"}, "qualifieds"], "postprocess": (d) => ({ kind: 'allTablesInSchema', names: d[4] })},
    {"name": "target", "symbols": ["startPatterns"], "postprocess": (d) => ({ kind: 'table', patterns: d[0] })},
    {"name": "patterns", "symbols": ["pattern"], "postprocess": one},
    {"name": "patterns", "symbols": ["patterns", {"literal":","}, "pattern"], "postprocess": append},
    {"name": "pattern", "symbols": ["dotted"], "postprocess": (d) => a.tablePattern(d[0], null, null)},
    {"name": "pattern", "symbols": ["dotted", {"literal":"."}, {"literal":"*"}], "postprocess": (d) => a.tablePattern(d[0], d[2], null)},
    {"name": "pattern", "symbols": [{"literal":"*"}], "postprocess": (d) => a.tablePattern([], d[0], null)},
    {"name": "startPatterns", "symbols": ["startPattern"], "postprocess": one},
    {"name": "startPatterns", "symbols": ["startPatterns", {"literal":","}, "pattern"], "postprocess": append},
    {"name": "startPattern", "symbols": ["startDotted"], "postprocess": (d) => a.tablePattern(d[0], null, null)},
    {"name": "startPattern", "symbols": ["startDotted", {"literal":"."}, {"literal":"*"}], "postprocess": (d) => a.tablePattern(d[0], d[2], null)},
    {"name": "startPattern", "symbols": [{"literal":"*"}], "postprocess": (d) => a.tablePattern([], d[0], null)},
    {"name": "startDotted", "symbols": [(lexer.has("grantTarget") ? {type: "grantTarget"} : grantTarget)], "postprocess": one},
    {"name": "startDotted", "symbols": ["startDotted", {"literal":"."}, (lexer.has("anyName") ? {type: "anyName"} : anyName)], "postprocess": append},
    {"name": "forRoles", "symbols": [], "postprocess": none},
    {"name": "forRoles", "symbols": [{"literal":"for"}, "roleWord", "roleSpecs"], "postprocess": third},
    {"name": "forRoles", "symbols": [{"literal":"for"}, {"literal":"all"}, {"literal":"roles"}], "postprocess": nothing},
    {"name": "inSchemas", "symbols": [], "postprocess": none},
    {"name": "inSchemas", "symbols": [{"literal":"in"}, {"literal":"schema"}, "qualifieds"], "postprocess": third},
    {"name": "defaults", "symbols": [{"literal":"grant"}, "privileges", {"literal":"on"}, "objects", {"literal":"to"}, "roleSpecs", "grantOption"], "postprocess": (d) => ({ revoke: false, privileges: d[1], objects: d[3], grantees: d[5], grantOption: d[6] })},
    {"name": "defaults", "symbols": [{"literal":"revoke"}, "grantOptionFor", "privileges", {"literal":"on"}, "objects", {"literal":"from"}, "roleSpecs"], "postprocess": (d) => ({ revoke: true, privileges: d[2], objects: d[4], grantees: d[6], grantOption: d[1] })},
    {"name": "objects", "symbols": [{"literal":"tables"}], "postprocess": () => 'tables'},
    {"name": "objects", "symbols": [{"literal":"sequences"}], "postprocess": () => 'sequences'},
    {"name": "objects", "symbols": [{"literal":"schemas"}], "postprocess": () => 'schemas'},
    {"name": "objects", "symbols": [{"literal":"types"}], "postprocess": () => 'types'},
    {"name": "owned", "symbols": [{"literal":"reassign"}, {"literal":"owned"}, {"literal":"by"}, "roleSpecs", {"literal":"to"}, "roleSpec"], "postprocess": (d) => ({ kind: 'ReassignOwned', from: d[3], to: d[5] })},
    {"name": "owned", "symbols": [{"literal":"drop"}, {"literal":"owned"}, {"literal":"by"}, "roleSpecs", "behavior"], "postprocess": (d) => ({ kind: 'DropOwned', roles: d[3], behavior: d[4] })},
    {"name": "behavior", "symbols": [], "postprocess": nothing},
    {"name": "behavior", "symbols": [{"literal":"cascade"}], "postprocess": () => 'cascade'},
    {"name": "behavior", "symbols": [{"literal":"restrict"}], "postprocess": () => 'restrict'},
    {"name": "session", "symbols": [{"literal":"set"}, "scope", {"literal":"role"}, "roleValue"], "postprocess": (d) => ({ kind: 'SetRole', role: d[3] })},
    {"name": "session", "symbols": [{"literal":"set"}, "scope", {"literal":"role"}, "assign", "roleValue"], "postprocess": (d) => ({ kind: 'SetRole', role: d[4] })},
    {"name": "session", "symbols": [{"literal":"reset"}, {"literal":"role"}], "postprocess": () => ({ kind: 'SetRole', role: null })},
    {"name": "session", "symbols": [{"literal":"set"}, "scope", {"literal":"session"}, {"literal":"authorization"}, {"literal":"default"}], "postprocess": () => ({ kind: 'SetSessionAuthorization', user: null })},
    {"name": "session", "symbols": [{"literal":"set"}, "scope", {"literal":"session"}, {"literal":"authorization"}, (lexer.has("stringLike") ? {type: "stringLike"} : stringLike)], "postprocess": (d) => ({ kind: 'SetSessionAuthorization', user: a.nameOf(d[4]) })},
    {"name": "session", "symbols": [{"literal":"reset"}, {"literal":"session"}, {"literal":"authorization"}], "postprocess": () => ({ kind: 'SetSessionAuthorization', user: null })},
    {"name": "scope", "symbols": []},
    {"name": "scope", "symbols": [{"literal":"session"}]},
    {"name": "roleValue", "symbols": [(lexer.has("stringLike") ? {type: "stringLike"} : stringLike)], "postprocess": (d) => p.roleValue(d[0])},
    {"name": "roleValue", "symbols": [(lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": (d) => p.roleValue(d[0])},
    {"name": "roleValue", "symbols": [{"literal":"default"}], "postprocess": nothing},
    {"name": "show", "symbols": [{"literal":"show"}, {"literal":"grants"}, {"literal":"on"}, {"literal":"role"}, "forGrantees"], "postprocess": (d) => ({ kind: 'ShowRoleGrants', roles: null, for: d[4] })},
    {"name": "show", "symbols": [{"literal":"show"}, {"literal":"grants"}, {"literal":"on"}, {"literal":"role"}, "roleNames", "forGrantees"], "postprocess": (d) => ({ kind: 'ShowRoleGrants', roles: d[4], for: d[5] })},
    {"name": "show", "symbols": [{"literal":"show"}, {"literal":"default"}, {"literal":"privileges"}, "forRoles"], "postprocess": (d) => ({ kind: 'ShowDefaultPrivileges', forRoles: d[3] })},
    {"name": "forGrantees", "symbols": [], "postprocess": nothing},
    {"name": "forGrantees", "symbols": [{"literal":"for"}, "roleSpecs"], "postprocess": second}
  ],
  ParserStart: "main",
};

export default grammar;
