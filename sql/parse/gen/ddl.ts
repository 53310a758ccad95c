// Made by scripts/build-grammar.mjs from sql/parse/grammar/ddl.ne: change that file, then run `npm run grammar`.
// @ts-nocheck: nearley types everything it writes as any.
function id(d: any[]): any { return d[0]; }

import * as a from '../actions';
import * as d2 from '../ddl-actions';
import * as t from '../grammar-tokens';

const lexer = { has: () => false };
const ofType = (type) => ({ test: (token) => token.type === type });
const expression = ofType('expression');
const query = ofType('query');
const type = ofType('type');
const number = ofType('number');
const string = ofType('string');
const name = { test: t.isName };
const anyName = { test: t.isAnyName };
const stringLike = { test: t.isStringLike };
const anything = { test: () => true };

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
const refuse = (what) => () => what;

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
    {"name": "main", "symbols": ["createTable"], "postprocess": first},
    {"name": "main", "symbols": ["createIndex"], "postprocess": first},
    {"name": "main", "symbols": ["createView"], "postprocess": first},
    {"name": "main", "symbols": ["createSequence"], "postprocess": first},
    {"name": "main", "symbols": ["createType"], "postprocess": first},
    {"name": "main", "symbols": ["createSchema"], "postprocess": first},
    {"name": "main", "symbols": ["drop"], "postprocess": first},
    {"name": "main", "symbols": ["alter"], "postprocess": first},
    {"name": "main", "symbols": ["comment"], "postprocess": first},
    {"name": "dotted", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": one},
    {"name": "dotted", "symbols": ["dotted", {"literal":"."}, (lexer.has("anyName") ? {type: "anyName"} : anyName)], "postprocess": append},
    {"name": "qualified", "symbols": ["dotted"], "postprocess": (d) => a.qualifiedName(d[0])},
    {"name": "qualifieds", "symbols": ["qualified"], "postprocess": one},
    {"name": "qualifieds", "symbols": ["qualifieds", {"literal":","}, "qualified"], "postprocess": append},
    {"name": "names", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": one},
    {"name": "names", "symbols": ["names", {"literal":","}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": append},
    {"name": "optionalColumns", "symbols": [], "postprocess": none},
    {"name": "optionalColumns", "symbols": [{"literal":"("}, "names", {"literal":")"}], "postprocess": second},
    {"name": "optionalName", "symbols": [], "postprocess": nothing},
    {"name": "optionalName", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => a.nameOf(d[0])},
    {"name": "ifNotExists", "symbols": [], "postprocess": no},
    {"name": "ifNotExists", "symbols": [{"literal":"if"}, {"literal":"not"}, {"literal":"exists"}], "postprocess": yes},
    {"name": "ifExists", "symbols": [], "postprocess": no},
    {"name": "ifExists", "symbols": [{"literal":"if"}, {"literal":"exists"}], "postprocess": yes},
    {"name": "behavior", "symbols": [], "postprocess": nothing},
    {"name": "behavior", "symbols": [{"literal":"cascade"}], "postprocess": () => 'cascade'},
    {"name": "behavior", "symbols": [{"literal":"restrict"}], "postprocess": () => 'restrict'},
    {"name": "rest", "symbols": []},
    {"name": "rest", "symbols": ["rest", (lexer.has("anything") ? {type: "anything"} : anything)]},
    {"name": "sign", "symbols": [], "postprocess": () => 1},
    {"name": "sign", "symbols": [{"literal":"+"}], "postprocess": () => 1},
    {"name": "sign", "symbols": [{"literal":"-"}], "postprocess": () => -1},
    {"name": "integer", "symbols": ["sign", (lexer.has("number") ? {type: "number"} : number)], "postprocess": (d) => d2.integerOf(d[0], d[1])},
    {"name": "createTable", "symbols": [{"literal":"create"}, "persistence", {"literal":"table"}, "ifNotExists", "qualified", {"literal":"("}, "elements", {"literal":")"}, "tableTail"], "postprocess": (d) => ({ kind: 'CreateTable', name: d[4], ifNotExists: d[3], elements: d[6], unsupported: d[1] ?? d[8] })},
    {"name": "createTable", "symbols": [{"literal":"create"}, "persistence", {"literal":"table"}, "ifNotExists", "qualified", "optionalColumns", {"literal":"as"}, (lexer.has("query") ? {type: "query"} : query)], "postprocess": (d) => ({ kind: 'CreateTable', name: d[4], ifNotExists: d[3], elements: [], unsupported: 'CREATE TABLE … AS' })},
    {"name": "persistence", "symbols": [], "postprocess": nothing},
    {"name": "persistence", "symbols": [{"literal":"temp"}], "postprocess": refuse('a temporary object')},
    {"name": "persistence", "symbols": [{"literal":"temporary"}], "postprocess": refuse('a temporary object')},
    {"name": "persistence", "symbols": [{"literal":"local"}, {"literal":"temp"}], "postprocess": refuse('a temporary object')},
    {"name": "persistence", "symbols": [{"literal":"local"}, {"literal":"temporary"}], "postprocess": refuse('a temporary object')},
    {"name": "persistence", "symbols": [{"literal":"unlogged"}], "postprocess": nothing},
    {"name": "tableTail", "symbols": [], "postprocess": nothing},
    {"name": "tableTail", "symbols": [{"literal":"partition"}, "rest"], "postprocess": refuse('PARTITION BY')},
    {"name": "tableTail", "symbols": [{"literal":"locality"}, "rest"], "postprocess": refuse('LOCALITY')},
    {"name": "tableTail", "symbols": [{"literal":"interleave"}, "rest"], "postprocess": refuse('INTERLEAVE IN PARENT')},
    {"name": "tableTail", "symbols": [{"literal":"with"}, {"literal":"("}, "rest"], "postprocess": refuse('storage parameters of a table')},
    {"name": "tableTail", "symbols": [{"literal":"on"}, {"literal":"commit"}, "rest"], "postprocess": refuse('ON COMMIT')},
    {"name": "elements", "symbols": [], "postprocess": none},
    {"name": "elements", "symbols": ["someElements"], "postprocess": first},
    {"name": "someElements", "symbols": ["element"], "postprocess": one},
    {"name": "someElements", "symbols": ["someElements", {"literal":","}, "element"], "postprocess": append},
    {"name": "element", "symbols": ["column"], "postprocess": first},
    {"name": "element", "symbols": ["index"], "postprocess": first},
    {"name": "element", "symbols": ["constraint"], "postprocess": first},
    {"name": "element", "symbols": [{"literal":"family"}, "optionalName", {"literal":"("}, "names", {"literal":")"}], "postprocess": (d) => ({ kind: 'family', name: d[1], columns: d[3].map(a.nameOf) })},
    {"name": "element", "symbols": [{"literal":"like"}, "qualified", "rest"], "postprocess": (d) => ({ kind: 'like', table: d[1] })},
    {"name": "column", "symbols": [(lexer.has("name") ? {type: "name"} : name), (lexer.has("type") ? {type: "type"} : type), "qualifications"], "postprocess": (d) => ({ kind: 'column', name: a.nameOf(d[0]), type: d2.typeOf(d[1]), qualifications: d[2] })},
    {"name": "qualifications", "symbols": [], "postprocess": none},
    {"name": "qualifications", "symbols": ["qualifications", "qualification"], "postprocess": push},
    {"name": "qualification", "symbols": ["qualifier"], "postprocess": (d) => ({ name: null, qualification: d[0] })},
    {"name": "qualification", "symbols": [{"literal":"constraint"}, (lexer.has("name") ? {type: "name"} : name), "qualifier"], "postprocess": (d) => ({ name: a.nameOf(d[1]), qualification: d[2] })},
    {"name": "qualifier", "symbols": [{"literal":"not"}, {"literal":"null"}], "postprocess": () => ({ kind: 'nullable', nullable: false })},
    {"name": "qualifier", "symbols": [{"literal":"null"}], "postprocess": () => ({ kind: 'nullable', nullable: true })},
    {"name": "qualifier", "symbols": [{"literal":"not"}, {"literal":"visible"}], "postprocess": () => ({ kind: 'hidden' })},
    {"name": "qualifier", "symbols": [{"literal":"default"}, (lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": (d) => ({ kind: 'default', expr: d2.exprOf(d[1]) })},
    {"name": "qualifier", "symbols": [{"literal":"primary"}, {"literal":"key"}], "postprocess": () => ({ kind: 'primaryKey', hash: false })},
    {"name": "qualifier", "symbols": [{"literal":"primary"}, {"literal":"key"}, "hash"], "postprocess": () => ({ kind: 'primaryKey', hash: true })},
    {"name": "qualifier", "symbols": [{"literal":"unique"}], "postprocess": () => ({ kind: 'unique', withoutIndex: false })},
    {"name": "qualifier", "symbols": [{"literal":"unique"}, {"literal":"without"}, {"literal":"index"}], "postprocess": () => ({ kind: 'unique', withoutIndex: true })},
    {"name": "qualifier", "symbols": [{"literal":"check"}, {"literal":"("}, (lexer.has("expression") ? {type: "expression"} : expression), {"literal":")"}], "postprocess": (d) => ({ kind: 'check', expr: d2.exprOf(d[2]) })},
    {"name": "qualifier", "symbols": ["references"], "postprocess": (d) => ({ kind: 'references', references: d[0] })},
    {"name": "qualifier", "symbols": [{"literal":"collate"}, (lexer.has("stringLike") ? {type: "stringLike"} : stringLike)], "postprocess": (d) => ({ kind: 'collate', locale: a.nameOf(d[1]) })},
    {"name": "qualifier", "symbols": [{"literal":"family"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'family', family: a.nameOf(d[1]), create: false, ifNotExists: false })},
    {"name": "qualifier", "symbols": [{"literal":"create"}, {"literal":"family"}, "optionalName"], "postprocess": (d) => ({ kind: 'family', family: d[2], create: true, ifNotExists: false })},
    {"name": "qualifier", "symbols": [{"literal":"create"}, {"literal":"if"}, {"literal":"not"}, {"literal":"exists"}, {"literal":"family"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'family', family: a.nameOf(d[5]), create: true, ifNotExists: true })},
    {"name": "qualifier", "symbols": [{"literal":"as"}, {"literal":"("}, (lexer.has("expression") ? {type: "expression"} : expression), {"literal":")"}, "storage"], "postprocess": (d) => ({ kind: 'computed', expr: d2.exprOf(d[2]), virtual: d[4] })},
    {"name": "qualifier", "symbols": [{"literal":"generated"}, {"literal":"always"}, {"literal":"as"}, {"literal":"("}, (lexer.has("expression") ? {type: "expression"} : expression), {"literal":")"}, "storage"], "postprocess": (d) => ({ kind: 'computed', expr: d2.exprOf(d[4]), virtual: d[6] })},
    {"name": "qualifier", "symbols": [{"literal":"generated"}, {"literal":"always"}, {"literal":"as"}, {"literal":"identity"}, "identityOptions"], "postprocess": () => ({ kind: 'unsupported', what: 'GENERATED … AS IDENTITY' })},
    {"name": "qualifier", "symbols": [{"literal":"generated"}, {"literal":"by"}, {"literal":"default"}, {"literal":"as"}, {"literal":"identity"}, "identityOptions"], "postprocess": () => ({ kind: 'unsupported', what: 'GENERATED … AS IDENTITY' })},
    {"name": "qualifier", "symbols": [{"literal":"on"}, {"literal":"update"}, (lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": () => ({ kind: 'unsupported', what: 'ON UPDATE of a column' })},
    {"name": "storage", "symbols": [{"literal":"stored"}], "postprocess": no},
    {"name": "storage", "symbols": [{"literal":"virtual"}], "postprocess": yes},
    {"name": "identityOptions", "symbols": []},
    {"name": "identityOptions", "symbols": [{"literal":"("}, "sequenceOptions", {"literal":")"}]},
    {"name": "references", "symbols": [{"literal":"references"}, "qualified", "optionalColumns", "match", "actions"], "postprocess": (d) => d2.references(d[1], d[2], d[3], d[4])},
    {"name": "match", "symbols": [], "postprocess": () => 'SIMPLE'},
    {"name": "match", "symbols": [{"literal":"match"}, {"literal":"simple"}], "postprocess": () => 'SIMPLE'},
    {"name": "match", "symbols": [{"literal":"match"}, {"literal":"full"}], "postprocess": () => 'FULL'},
    {"name": "match", "symbols": [{"literal":"match"}, {"literal":"partial"}], "postprocess": () => 'PARTIAL'},
    {"name": "actions", "symbols": [], "postprocess": () => ({})},
    {"name": "actions", "symbols": ["onDelete"], "postprocess": first},
    {"name": "actions", "symbols": ["onUpdate"], "postprocess": first},
    {"name": "actions", "symbols": ["onDelete", "onUpdate"], "postprocess": (d) => ({ ...d[0], ...d[1] })},
    {"name": "actions", "symbols": ["onUpdate", "onDelete"], "postprocess": (d) => ({ ...d[0], ...d[1] })},
    {"name": "onDelete", "symbols": [{"literal":"on"}, {"literal":"delete"}, "action"], "postprocess": (d) => ({ onDelete: d[2] })},
    {"name": "onUpdate", "symbols": [{"literal":"on"}, {"literal":"update"}, "action"], "postprocess": (d) => ({ onUpdate: d[2] })},
    {"name": "action", "symbols": [{"literal":"no"}, {"literal":"action"}], "postprocess": () => 'NO ACTION'},
    {"name": "action", "symbols": [{"literal":"restrict"}], "postprocess": () => 'RESTRICT'},
    {"name": "action", "symbols": [{"literal":"cascade"}], "postprocess": () => 'CASCADE'},
    {"name": "action", "symbols": [{"literal":"set"}, {"literal":"null"}], "postprocess": () => 'SET NULL'},
    {"name": "action", "symbols": [{"literal":"set"}, {"literal":"default"}], "postprocess": () => 'SET DEFAULT'},
    {"name": "constraint", "symbols": ["constraintBody"], "postprocess": (d) => ({ kind: 'constraint', name: null, constraint: d[0] })},
    {"name": "constraint", "symbols": [{"literal":"constraint"}, (lexer.has("name") ? {type: "name"} : name), "constraintBody"], "postprocess": (d) => ({ kind: 'constraint', name: a.nameOf(d[1]), constraint: d[2] })},
    {"name": "constraintBody", "symbols": [{"literal":"primary"}, {"literal":"key"}, "indexParts"], "postprocess": (d) => ({ kind: 'primaryKey', body: d[2] })},
    {"name": "constraintBody", "symbols": [{"literal":"unique"}, "indexParts"], "postprocess": (d) => ({ kind: 'unique', body: d[1], withoutIndex: false })},
    {"name": "constraintBody", "symbols": [{"literal":"unique"}, {"literal":"without"}, {"literal":"index"}, "indexParts"], "postprocess": (d) => ({ kind: 'unique', body: d[3], withoutIndex: true })},
    {"name": "constraintBody", "symbols": [{"literal":"check"}, {"literal":"("}, (lexer.has("expression") ? {type: "expression"} : expression), {"literal":")"}], "postprocess": (d) => ({ kind: 'check', expr: d2.exprOf(d[2]) })},
    {"name": "constraintBody", "symbols": [{"literal":"foreign"}, {"literal":"key"}, {"literal":"("}, "names", {"literal":")"}, "references"], "postprocess": (d) => ({ kind: 'foreignKey', columns: d[3].map(a.nameOf), references: d[5] })},
    {"name": "index", "symbols": ["indexKind", {"literal":"index"}, "optionalName", "indexMethod", "indexParts"], "postprocess": (d) => ({ kind: 'index', name: d[2], ...d[0], body: { ...d[4], method: d[3] } })},
    {"name": "indexKind", "symbols": [], "postprocess": () => ({ unique: false, inverted: false })},
    {"name": "indexKind", "symbols": [{"literal":"unique"}], "postprocess": () => ({ unique: true, inverted: false })},
    {"name": "indexKind", "symbols": [{"literal":"inverted"}], "postprocess": () => ({ unique: false, inverted: true })},
    {"name": "indexKind", "symbols": [{"literal":"unique"}, {"literal":"inverted"}], "postprocess": () => ({ unique: true, inverted: true })},
    {"name": "indexMethod", "symbols": [], "postprocess": nothing},
    {"name": "indexMethod", "symbols": [{"literal":"using"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => a.nameOf(d[1])},
    {"name": "indexParts", "symbols": [{"literal":"("}, "indexColumns", {"literal":")"}, "indexHash", "indexStoring", "indexExtra", "indexWhere"], "postprocess": (d) => d2.indexBody([{ columns: d[1] }, ...d.slice(3)])},
    {"name": "indexColumns", "symbols": ["indexColumn"], "postprocess": one},
    {"name": "indexColumns", "symbols": ["indexColumns", {"literal":","}, "indexColumn"], "postprocess": append},
    {"name": "indexColumn", "symbols": [(lexer.has("name") ? {type: "name"} : name), "opClass", "direction"], "postprocess": (d) => ({ name: a.nameOf(d[0]), descending: d[2] })},
    {"name": "indexColumn", "symbols": [(lexer.has("expression") ? {type: "expression"} : expression), "direction"], "postprocess": (d) => ({ name: null, descending: d[1] })},
    {"name": "opClass", "symbols": []},
    {"name": "opClass", "symbols": [(lexer.has("name") ? {type: "name"} : name)]},
    {"name": "direction", "symbols": [], "postprocess": no},
    {"name": "direction", "symbols": [{"literal":"asc"}], "postprocess": no},
    {"name": "direction", "symbols": [{"literal":"desc"}], "postprocess": yes},
    {"name": "direction", "symbols": [{"literal":"asc"}, "nullsOrder"], "postprocess": no},
    {"name": "direction", "symbols": [{"literal":"desc"}, "nullsOrder"], "postprocess": yes},
    {"name": "nullsOrder", "symbols": [{"literal":"nulls"}, {"literal":"first"}]},
    {"name": "nullsOrder", "symbols": [{"literal":"nulls"}, {"literal":"last"}]},
    {"name": "hash", "symbols": [{"literal":"using"}, {"literal":"hash"}, {"literal":"with"}, {"literal":"bucket_count"}, {"literal":"="}, (lexer.has("number") ? {type: "number"} : number)]},
    {"name": "hash", "symbols": [{"literal":"using"}, {"literal":"hash"}]},
    {"name": "indexHash", "symbols": [], "postprocess": () => ({})},
    {"name": "indexHash", "symbols": ["hash"], "postprocess": () => ({ unsupported: 'USING HASH' })},
    {"name": "indexStoring", "symbols": [], "postprocess": () => ({})},
    {"name": "indexStoring", "symbols": ["storingWord", {"literal":"("}, "names", {"literal":")"}], "postprocess": (d) => ({ storing: d[2].map(a.nameOf) })},
    {"name": "storingWord", "symbols": [{"literal":"storing"}]},
    {"name": "storingWord", "symbols": [{"literal":"covering"}]},
    {"name": "storingWord", "symbols": [{"literal":"include"}]},
    {"name": "indexExtra", "symbols": [], "postprocess": () => ({})},
    {"name": "indexExtra", "symbols": [{"literal":"with"}, {"literal":"("}, "parameters", {"literal":")"}], "postprocess": () => ({ unsupported: 'storage parameters of an index' })},
    {"name": "indexExtra", "symbols": [{"literal":"interleave"}, {"literal":"in"}, {"literal":"parent"}, "qualified", "optionalColumns"], "postprocess": () => ({ unsupported: 'INTERLEAVE IN PARENT' })},
    {"name": "parameters", "symbols": ["parameter"]},
    {"name": "parameters", "symbols": ["parameters", {"literal":","}, "parameter"]},
    {"name": "parameter", "symbols": [(lexer.has("anyName") ? {type: "anyName"} : anyName)]},
    {"name": "parameter", "symbols": [(lexer.has("anyName") ? {type: "anyName"} : anyName), {"literal":"="}, (lexer.has("anything") ? {type: "anything"} : anything)]},
    {"name": "indexWhere", "symbols": [], "postprocess": () => ({})},
    {"name": "indexWhere", "symbols": [{"literal":"where"}, (lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": (d) => ({ where: d2.exprOf(d[1]) })},
    {"name": "createIndex", "symbols": [{"literal":"create"}, "indexKind", {"literal":"index"}, "concurrently", "indexNameOf", {"literal":"on"}, "qualified", "indexMethod", "indexParts", "partition"], "postprocess":  (d) => ({ kind: 'CreateIndex', table: d[6], ifNotExists: d[4].ifNotExists,
        index: { kind: 'index', name: d[4].name, ...d[1], body: { ...d[8], method: d[7], unsupported: d[8].unsupported ?? d[9] } } }) },
    {"name": "concurrently", "symbols": []},
    {"name": "concurrently", "symbols": [{"literal":"concurrently"}]},
    {"name": "indexNameOf", "symbols": [], "postprocess": () => ({ name: null, ifNotExists: false })},
    {"name": "indexNameOf", "symbols": [(lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ name: a.nameOf(d[0]), ifNotExists: false })},
    {"name": "indexNameOf", "symbols": [{"literal":"if"}, {"literal":"not"}, {"literal":"exists"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ name: a.nameOf(d[3]), ifNotExists: true })},
    {"name": "partition", "symbols": [], "postprocess": nothing},
    {"name": "partition", "symbols": [{"literal":"partition"}, "rest"], "postprocess": refuse('PARTITION BY')},
    {"name": "createView", "symbols": [{"literal":"create"}, "viewKind", {"literal":"view"}, "ifNotExists", "qualified", "optionalColumns", {"literal":"as"}, (lexer.has("query") ? {type: "query"} : query)], "postprocess": (d) => ({ kind: 'CreateView', name: d[4], ifNotExists: d[3], columns: d[5].map(a.nameOf), ...d2.queryOf(d[7]), unsupported: d[1] })},
    {"name": "viewKind", "symbols": [], "postprocess": nothing},
    {"name": "viewKind", "symbols": [{"literal":"or"}, {"literal":"replace"}], "postprocess": refuse('CREATE OR REPLACE VIEW')},
    {"name": "viewKind", "symbols": [{"literal":"temp"}], "postprocess": refuse('a temporary object')},
    {"name": "viewKind", "symbols": [{"literal":"temporary"}], "postprocess": refuse('a temporary object')},
    {"name": "createSequence", "symbols": [{"literal":"create"}, "persistence", {"literal":"sequence"}, "ifNotExists", "qualified", "sequenceOptions"], "postprocess": (d) => ({ kind: 'CreateSequence', name: d[4], ifNotExists: d[3], options: d[5], unsupported: d[1] })},
    {"name": "sequenceOptions", "symbols": [], "postprocess": none},
    {"name": "sequenceOptions", "symbols": ["sequenceOptions", "sequenceOption"], "postprocess": push},
    {"name": "sequenceOption", "symbols": [{"literal":"increment"}, "by", "integer"], "postprocess": (d) => d2.sequenceNumber('increment', d[2])},
    {"name": "sequenceOption", "symbols": [{"literal":"minvalue"}, "integer"], "postprocess": (d) => d2.sequenceNumber('minValue', d[1])},
    {"name": "sequenceOption", "symbols": [{"literal":"maxvalue"}, "integer"], "postprocess": (d) => d2.sequenceNumber('maxValue', d[1])},
    {"name": "sequenceOption", "symbols": [{"literal":"start"}, "withNoise", "integer"], "postprocess": (d) => d2.sequenceNumber('start', d[2])},
    {"name": "sequenceOption", "symbols": [{"literal":"cache"}, "integer"], "postprocess": (d) => d2.sequenceNumber('cache', d[1])},
    {"name": "sequenceOption", "symbols": [{"literal":"no"}, {"literal":"minvalue"}], "postprocess": () => ({ kind: 'noMinValue' })},
    {"name": "sequenceOption", "symbols": [{"literal":"no"}, {"literal":"maxvalue"}], "postprocess": () => ({ kind: 'noMaxValue' })},
    {"name": "sequenceOption", "symbols": [{"literal":"no"}, {"literal":"cycle"}], "postprocess": () => ({ kind: 'noCycle' })},
    {"name": "sequenceOption", "symbols": [{"literal":"cycle"}], "postprocess": () => ({ kind: 'unsupported', what: 'CYCLE of a sequence' })},
    {"name": "sequenceOption", "symbols": [{"literal":"virtual"}], "postprocess": () => ({ kind: 'unsupported', what: 'a virtual sequence' })},
    {"name": "sequenceOption", "symbols": [{"literal":"as"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": () => ({ kind: 'unsupported', what: 'AS of a sequence' })},
    {"name": "sequenceOption", "symbols": [{"literal":"owned"}, {"literal":"by"}, "qualified"], "postprocess": (d) => d[2].parts.length === 1 && d[2].parts[0] === 'none' ? { kind: 'noOwner' } : { kind: 'owner', column: d[2] }},
    {"name": "by", "symbols": []},
    {"name": "by", "symbols": [{"literal":"by"}]},
    {"name": "withNoise", "symbols": []},
    {"name": "withNoise", "symbols": [{"literal":"with"}]},
    {"name": "createType", "symbols": [{"literal":"create"}, {"literal":"type"}, "ifNotExists", "qualified", {"literal":"as"}, {"literal":"enum"}, {"literal":"("}, "labels", {"literal":")"}], "postprocess": (d) => ({ kind: 'CreateType', name: d[3], ifNotExists: d[2], labels: d[7] })},
    {"name": "labels", "symbols": [], "postprocess": none},
    {"name": "labels", "symbols": ["someLabels"], "postprocess": first},
    {"name": "someLabels", "symbols": [(lexer.has("string") ? {type: "string"} : string)], "postprocess": (d) => [a.nameOf(d[0])]},
    {"name": "someLabels", "symbols": ["someLabels", {"literal":","}, (lexer.has("string") ? {type: "string"} : string)], "postprocess": (d) => [...d[0], a.nameOf(d[2])]},
    {"name": "createSchema", "symbols": [{"literal":"create"}, {"literal":"schema"}, "ifNotExists", "qualified", "schemaOwner"], "postprocess": (d) => ({ kind: 'CreateSchema', name: d[3], ifNotExists: d[2], owner: d[4] })},
    {"name": "createSchema", "symbols": [{"literal":"create"}, {"literal":"schema"}, "ifNotExists", {"literal":"authorization"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'CreateSchema', name: null, ifNotExists: d[2], owner: a.nameOf(d[4]) })},
    {"name": "schemaOwner", "symbols": [], "postprocess": nothing},
    {"name": "schemaOwner", "symbols": [{"literal":"authorization"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => a.nameOf(d[1])},
    {"name": "drop", "symbols": [{"literal":"drop"}, "droppable", "ifExists", "qualifieds", "behavior"], "postprocess": (d) => ({ kind: 'DropObjects', object: d[1], names: d[3], ifExists: d[2], behavior: d[4] })},
    {"name": "drop", "symbols": [{"literal":"drop"}, {"literal":"index"}, "concurrently", "ifExists", "indexNames", "behavior"], "postprocess": (d) => ({ kind: 'DropIndex', indexes: d[4], ifExists: d[3], behavior: d[5] })},
    {"name": "droppable", "symbols": [{"literal":"table"}], "postprocess": () => 'TABLE'},
    {"name": "droppable", "symbols": [{"literal":"view"}], "postprocess": () => 'VIEW'},
    {"name": "droppable", "symbols": [{"literal":"sequence"}], "postprocess": () => 'SEQUENCE'},
    {"name": "droppable", "symbols": [{"literal":"type"}], "postprocess": () => 'TYPE'},
    {"name": "droppable", "symbols": [{"literal":"schema"}], "postprocess": () => 'SCHEMA'},
    {"name": "indexNames", "symbols": ["indexName"], "postprocess": one},
    {"name": "indexNames", "symbols": ["indexNames", {"literal":","}, "indexName"], "postprocess": append},
    {"name": "indexName", "symbols": ["qualified"], "postprocess": (d) => d2.indexName(d[0], null)},
    {"name": "indexName", "symbols": ["qualified", {"literal":"@"}, (lexer.has("anyName") ? {type: "anyName"} : anyName)], "postprocess": (d) => d2.indexName(d[0], d[2])},
    {"name": "alter", "symbols": [{"literal":"alter"}, {"literal":"table"}, "ifExists", "qualified", "commands"], "postprocess": (d) => ({ kind: 'AlterTable', table: d[3], ifExists: d[2], commands: d[4] })},
    {"name": "alter", "symbols": [{"literal":"alter"}, "renamed", "ifExists", "qualified", {"literal":"rename"}, {"literal":"to"}, "qualified"], "postprocess": (d) => ({ kind: 'RenameObject', object: d[1], name: d[3], ifExists: d[2], to: d[6] })},
    {"name": "renamed", "symbols": [{"literal":"table"}], "postprocess": () => 'TABLE'},
    {"name": "renamed", "symbols": [{"literal":"view"}], "postprocess": () => 'VIEW'},
    {"name": "renamed", "symbols": [{"literal":"sequence"}], "postprocess": () => 'SEQUENCE'},
    {"name": "renamed", "symbols": [{"literal":"database"}], "postprocess": () => 'DATABASE'},
    {"name": "commands", "symbols": ["command"], "postprocess": one},
    {"name": "commands", "symbols": ["commands", {"literal":","}, "command"], "postprocess": append},
    {"name": "command", "symbols": [{"literal":"add"}, "column"], "postprocess": (d) => ({ kind: 'addColumn', column: d[1], ifNotExists: false })},
    {"name": "command", "symbols": [{"literal":"add"}, {"literal":"if"}, {"literal":"not"}, {"literal":"exists"}, "column"], "postprocess": (d) => ({ kind: 'addColumn', column: d[4], ifNotExists: true })},
    {"name": "command", "symbols": [{"literal":"add"}, {"literal":"column"}, "ifNotExists", "column"], "postprocess": (d) => ({ kind: 'addColumn', column: d[3], ifNotExists: d[2] })},
    {"name": "command", "symbols": [{"literal":"add"}, "constraint", "notValid"], "postprocess": (d) => ({ kind: 'addConstraint', constraint: d[1], notValid: d[2], ifNotExists: false })},
    {"name": "command", "symbols": [{"literal":"add"}, {"literal":"constraint"}, {"literal":"if"}, {"literal":"not"}, {"literal":"exists"}, (lexer.has("name") ? {type: "name"} : name), "constraintBody", "notValid"], "postprocess":  (d) => ({ kind: 'addConstraint', constraint: { kind: 'constraint', name: a.nameOf(d[5]), constraint: d[6] },
        notValid: d[7], ifNotExists: true }) },
    {"name": "command", "symbols": [{"literal":"drop"}, "columnNoise", "ifExists", (lexer.has("name") ? {type: "name"} : name), "behavior"], "postprocess": (d) => ({ kind: 'dropColumn', column: a.nameOf(d[3]), ifExists: d[2], behavior: d[4] })},
    {"name": "command", "symbols": [{"literal":"drop"}, {"literal":"constraint"}, "ifExists", (lexer.has("name") ? {type: "name"} : name), "behavior"], "postprocess": (d) => ({ kind: 'dropConstraint', name: a.nameOf(d[3]), ifExists: d[2], behavior: d[4] })},
    {"name": "command", "symbols": [{"literal":"alter"}, "columnNoise", (lexer.has("name") ? {type: "name"} : name), {"literal":"set"}, {"literal":"default"}, (lexer.has("expression") ? {type: "expression"} : expression)], "postprocess": (d) => ({ kind: 'setDefault', column: a.nameOf(d[2]), expr: d2.exprOf(d[5]) })},
    {"name": "command", "symbols": [{"literal":"alter"}, "columnNoise", (lexer.has("name") ? {type: "name"} : name), {"literal":"drop"}, {"literal":"default"}], "postprocess": (d) => ({ kind: 'setDefault', column: a.nameOf(d[2]), expr: null })},
    {"name": "command", "symbols": [{"literal":"alter"}, "columnNoise", (lexer.has("name") ? {type: "name"} : name), {"literal":"set"}, {"literal":"not"}, {"literal":"null"}], "postprocess": (d) => ({ kind: 'setNotNull', column: a.nameOf(d[2]), notNull: true })},
    {"name": "command", "symbols": [{"literal":"alter"}, "columnNoise", (lexer.has("name") ? {type: "name"} : name), {"literal":"drop"}, {"literal":"not"}, {"literal":"null"}], "postprocess": (d) => ({ kind: 'setNotNull', column: a.nameOf(d[2]), notNull: false })},
    {"name": "command", "symbols": [{"literal":"alter"}, "columnNoise", (lexer.has("name") ? {type: "name"} : name), {"literal":"drop"}, {"literal":"stored"}], "postprocess": () => ({ kind: 'unsupported', what: 'ALTER TABLE … DROP STORED' })},
    {"name": "command", "symbols": [{"literal":"alter"}, "columnNoise", (lexer.has("name") ? {type: "name"} : name), "setData", {"literal":"type"}, (lexer.has("type") ? {type: "type"} : type), "rest"], "postprocess": () => ({ kind: 'unsupported', what: 'ALTER TABLE … ALTER COLUMN TYPE' })},
    {"name": "command", "symbols": [{"literal":"alter"}, {"literal":"primary"}, {"literal":"key"}, "rest"], "postprocess": () => ({ kind: 'unsupported', what: 'ALTER TABLE … ALTER PRIMARY KEY' })},
    {"name": "command", "symbols": [{"literal":"rename"}, {"literal":"column"}, (lexer.has("name") ? {type: "name"} : name), {"literal":"to"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'renameColumn', from: a.nameOf(d[2]), to: a.nameOf(d[4]) })},
    {"name": "command", "symbols": [{"literal":"rename"}, (lexer.has("name") ? {type: "name"} : name), {"literal":"to"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'renameColumn', from: a.nameOf(d[1]), to: a.nameOf(d[3]) })},
    {"name": "command", "symbols": [{"literal":"rename"}, {"literal":"constraint"}, (lexer.has("name") ? {type: "name"} : name), {"literal":"to"}, (lexer.has("name") ? {type: "name"} : name)], "postprocess": (d) => ({ kind: 'renameConstraint', from: a.nameOf(d[2]), to: a.nameOf(d[4]) })},
    {"name": "command", "symbols": ["otherCommand", "rest"], "postprocess": (d) => ({ kind: 'unsupported', what: `ALTER TABLE … ${d2.words(d[0])}` })},
    {"name": "columnNoise", "symbols": []},
    {"name": "columnNoise", "symbols": [{"literal":"column"}]},
    {"name": "setData", "symbols": []},
    {"name": "setData", "symbols": [{"literal":"set"}, {"literal":"data"}]},
    {"name": "notValid", "symbols": [], "postprocess": no},
    {"name": "notValid", "symbols": [{"literal":"not"}, {"literal":"valid"}], "postprocess": yes},
    {"name": "otherCommand", "symbols": [{"literal":"owner"}, {"literal":"to"}]},
    {"name": "otherCommand", "symbols": [{"literal":"set"}, {"literal":"schema"}]},
    {"name": "otherCommand", "symbols": [{"literal":"set"}, {"literal":"locality"}]},
    {"name": "otherCommand", "symbols": [{"literal":"set"}, {"literal":"("}]},
    {"name": "otherCommand", "symbols": [{"literal":"reset"}, {"literal":"("}]},
    {"name": "otherCommand", "symbols": [{"literal":"validate"}, {"literal":"constraint"}]},
    {"name": "otherCommand", "symbols": [{"literal":"partition"}, {"literal":"by"}]},
    {"name": "otherCommand", "symbols": [{"literal":"configure"}, {"literal":"zone"}]},
    {"name": "otherCommand", "symbols": [{"literal":"split"}, {"literal":"at"}]},
    {"name": "otherCommand", "symbols": [{"literal":"unsplit"}, {"literal":"at"}]},
    {"name": "otherCommand", "symbols": [{"literal":"unsplit"}, {"literal":"all"}]},
    {"name": "otherCommand", "symbols": [{"literal":"inject"}, {"literal":"statistics"}]},
    {"name": "otherCommand", "symbols": [{"literal":"experimental_audit"}, {"literal":"set"}]},
    {"name": "otherCommand", "symbols": [{"literal":"scatter"}], "postprocess": (d) => [d[0]]},
    {"name": "comment", "symbols": [{"literal":"comment"}, {"literal":"on"}, "commented", "qualified", {"literal":"is"}, "commentText"], "postprocess": (d) => ({ kind: 'CommentOn', object: d[2], name: d[3], index: null, comment: d[5] })},
    {"name": "comment", "symbols": [{"literal":"comment"}, {"literal":"on"}, {"literal":"index"}, "indexName", {"literal":"is"}, "commentText"], "postprocess": (d) => ({ kind: 'CommentOn', object: 'INDEX', name: d[3].table ?? { parts: [], location: 0 }, index: d[3].index, comment: d[5] })},
    {"name": "commented", "symbols": [{"literal":"database"}], "postprocess": () => 'DATABASE'},
    {"name": "commented", "symbols": [{"literal":"table"}], "postprocess": () => 'TABLE'},
    {"name": "commented", "symbols": [{"literal":"column"}], "postprocess": () => 'COLUMN'},
    {"name": "commentText", "symbols": [(lexer.has("string") ? {type: "string"} : string)], "postprocess": (d) => a.nameOf(d[0])},
    {"name": "commentText", "symbols": [{"literal":"null"}], "postprocess": nothing}
  ],
  ParserStart: "main",
};

export default grammar;
