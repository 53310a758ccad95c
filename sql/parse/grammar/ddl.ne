# Statements that change the schema. See cockroach.ne for how terminals are made; %type, %expression and %query are folds
# (../ddl-tokens.ts). What is known and not done carries its name in `unsupported`.
# Compiled by scripts/build-grammar.mjs.

@preprocessor typescript
@{%
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
%}
@lexer lexer

main -> createTable {% first %}
      | createIndex {% first %}
      | createView {% first %}
      | createSequence {% first %}
      | createType {% first %}
      | createSchema {% first %}
      | drop {% first %}
      | alter {% first %}
      | comment {% first %}

# ---- pieces ----

dotted -> %name {% one %}
        | dotted "." %anyName {% append %}
qualified -> dotted {% (d) => a.qualifiedName(d[0]) %}
qualifieds -> qualified {% one %}
            | qualifieds "," qualified {% append %}
names -> %name {% one %}
       | names "," %name {% append %}
optionalColumns -> null {% none %}
                 | "(" names ")" {% second %}
optionalName -> null {% nothing %}
              | %name {% (d) => a.nameOf(d[0]) %}
ifNotExists -> null {% no %}
             | "if" "not" "exists" {% yes %}
ifExists -> null {% no %}
          | "if" "exists" {% yes %}
behavior -> null {% nothing %}
          | "cascade" {% () => 'cascade' %}
          | "restrict" {% () => 'restrict' %}
rest -> null
      | rest %anything
sign -> null {% () => 1 %}
      | "+" {% () => 1 %}
      | "-" {% () => -1 %}
integer -> sign %number {% (d) => d2.integerOf(d[0], d[1]) %}

# ---- CREATE TABLE ----

createTable -> "create" persistence "table" ifNotExists qualified "(" elements ")" tableTail
  {% (d) => ({ kind: 'CreateTable', name: d[4], ifNotExists: d[3], elements: d[6], unsupported: d[1] ?? d[8] }) %}
             | "create" persistence "table" ifNotExists qualified optionalColumns "as" %query
  {% (d) => ({ kind: 'CreateTable', name: d[4], ifNotExists: d[3], elements: [], unsupported: 'CREATE TABLE … AS' }) %}
persistence -> null {% nothing %}
             | "temp" {% refuse('a temporary object') %}
             | "temporary" {% refuse('a temporary object') %}
             | "local" "temp" {% refuse('a temporary object') %}
             | "local" "temporary" {% refuse('a temporary object') %}
             | "unlogged" {% nothing %}
tableTail -> null {% nothing %}
           | "partition" rest {% refuse('PARTITION BY') %}
           | "locality" rest {% refuse('LOCALITY') %}
           | "interleave" rest {% refuse('INTERLEAVE IN PARENT') %}
           | "with" "(" rest {% refuse('storage parameters of a table') %}
           | "on" "commit" rest {% refuse('ON COMMIT') %}

elements -> null {% none %}
          | someElements {% first %}
someElements -> element {% one %}
              | someElements "," element {% append %}
element -> column {% first %}
         | index {% first %}
         | constraint {% first %}
         | "family" optionalName "(" names ")"
  {% (d) => ({ kind: 'family', name: d[1], columns: d[3].map(a.nameOf) }) %}
         | "like" qualified rest {% (d) => ({ kind: 'like', table: d[1] }) %}

column -> %name %type qualifications
  {% (d) => ({ kind: 'column', name: a.nameOf(d[0]), type: d2.typeOf(d[1]), qualifications: d[2] }) %}
qualifications -> null {% none %}
                | qualifications qualification {% push %}
qualification -> qualifier {% (d) => ({ name: null, qualification: d[0] }) %}
               | "constraint" %name qualifier {% (d) => ({ name: a.nameOf(d[1]), qualification: d[2] }) %}
qualifier -> "not" "null" {% () => ({ kind: 'nullable', nullable: false }) %}
           | "null" {% () => ({ kind: 'nullable', nullable: true }) %}
           | "not" "visible" {% () => ({ kind: 'hidden' }) %}
           | "default" %expression {% (d) => ({ kind: 'default', expr: d2.exprOf(d[1]) }) %}
           | "primary" "key" {% () => ({ kind: 'primaryKey', hash: false }) %}
           | "primary" "key" hash {% () => ({ kind: 'primaryKey', hash: true }) %}
           | "unique" {% () => ({ kind: 'unique', withoutIndex: false }) %}
           | "unique" "without" "index" {% () => ({ kind: 'unique', withoutIndex: true }) %}
           | "check" "(" %expression ")" {% (d) => ({ kind: 'check', expr: d2.exprOf(d[2]) }) %}
           | references {% (d) => ({ kind: 'references', references: d[0] }) %}
           | "collate" %stringLike {% (d) => ({ kind: 'collate', locale: a.nameOf(d[1]) }) %}
           | "family" %name
  {% (d) => ({ kind: 'family', family: a.nameOf(d[1]), create: false, ifNotExists: false }) %}
           | "create" "family" optionalName
  {% (d) => ({ kind: 'family', family: d[2], create: true, ifNotExists: false }) %}
           | "create" "if" "not" "exists" "family" %name
  {% (d) => ({ kind: 'family', family: a.nameOf(d[5]), create: true, ifNotExists: true }) %}
           | "as" "(" %expression ")" storage {% (d) => ({ kind: 'computed', expr: d2.exprOf(d[2]), virtual: d[4] }) %}
           | "generated" "always" "as" "(" %expression ")" storage
  {% (d) => ({ kind: 'computed', expr: d2.exprOf(d[4]), virtual: d[6] }) %}
           | "generated" "always" "as" "identity" identityOptions
  {% () => ({ kind: 'unsupported', what: 'GENERATED … AS IDENTITY' }) %}
           | "generated" "by" "default" "as" "identity" identityOptions
  {% () => ({ kind: 'unsupported', what: 'GENERATED … AS IDENTITY' }) %}
           | "on" "update" %expression {% () => ({ kind: 'unsupported', what: 'ON UPDATE of a column' }) %}
storage -> "stored" {% no %}
         | "virtual" {% yes %}
identityOptions -> null
                 | "(" sequenceOptions ")"

references -> "references" qualified optionalColumns match actions
  {% (d) => d2.references(d[1], d[2], d[3], d[4]) %}
match -> null {% () => 'SIMPLE' %}
       | "match" "simple" {% () => 'SIMPLE' %}
       | "match" "full" {% () => 'FULL' %}
       | "match" "partial" {% () => 'PARTIAL' %}
actions -> null {% () => ({}) %}
         | onDelete {% first %}
         | onUpdate {% first %}
         | onDelete onUpdate {% (d) => ({ ...d[0], ...d[1] }) %}
         | onUpdate onDelete {% (d) => ({ ...d[0], ...d[1] }) %}
onDelete -> "on" "delete" action {% (d) => ({ onDelete: d[2] }) %}
onUpdate -> "on" "update" action {% (d) => ({ onUpdate: d[2] }) %}
action -> "no" "action" {% () => 'NO ACTION' %}
        | "restrict" {% () => 'RESTRICT' %}
        | "cascade" {% () => 'CASCADE' %}
        | "set" "null" {% () => 'SET NULL' %}
        | "set" "default" {% () => 'SET DEFAULT' %}

constraint -> constraintBody {% (d) => ({ kind: 'constraint', name: null, constraint: d[0] }) %}
            | "constraint" %name constraintBody
  {% (d) => ({ kind: 'constraint', name: a.nameOf(d[1]), constraint: d[2] }) %}
constraintBody -> "primary" "key" indexParts {% (d) => ({ kind: 'primaryKey', body: d[2] }) %}
                | "unique" indexParts {% (d) => ({ kind: 'unique', body: d[1], withoutIndex: false }) %}
                | "unique" "without" "index" indexParts {% (d) => ({ kind: 'unique', body: d[3], withoutIndex: true }) %}
                | "check" "(" %expression ")" {% (d) => ({ kind: 'check', expr: d2.exprOf(d[2]) }) %}
                | "foreign" "key" "(" names ")" references
  {% (d) => ({ kind: 'foreignKey', columns: d[3].map(a.nameOf), references: d[5] }) %}

# ---- indexes ----

index -> indexKind "index" optionalName indexMethod indexParts
  {% (d) => ({ kind: 'index', name: d[2], ...d[0], body: { ...d[4], method: d[3] } }) %}
indexKind -> null {% () => ({ unique: false, inverted: false }) %}
           | "unique" {% () => ({ unique: true, inverted: false }) %}
           | "inverted" {% () => ({ unique: false, inverted: true }) %}
           | "unique" "inverted" {% () => ({ unique: true, inverted: true }) %}
indexMethod -> null {% nothing %}
             | "using" %name {% (d) => a.nameOf(d[1]) %}
indexParts -> "(" indexColumns ")" indexHash indexStoring indexExtra indexWhere
  {% (d) => d2.indexBody([{ columns: d[1] }, ...d.slice(3)]) %}
indexColumns -> indexColumn {% one %}
              | indexColumns "," indexColumn {% append %}
indexColumn -> %name opClass direction {% (d) => ({ name: a.nameOf(d[0]), descending: d[2] }) %}
             | %expression direction {% (d) => ({ name: null, descending: d[1] }) %}
opClass -> null
         | %name
direction -> null {% no %}
           | "asc" {% no %}
           | "desc" {% yes %}
           | "asc" nullsOrder {% no %}
           | "desc" nullsOrder {% yes %}
nullsOrder -> "nulls" "first"
            | "nulls" "last"
hash -> "using" "hash" "with" "bucket_count" "=" %number
      | "using" "hash"
indexHash -> null {% () => ({}) %}
           | hash {% () => ({ unsupported: 'USING HASH' }) %}
indexStoring -> null {% () => ({}) %}
              | storingWord "(" names ")" {% (d) => ({ storing: d[2].map(a.nameOf) }) %}
storingWord -> "storing" | "covering" | "include"
indexExtra -> null {% () => ({}) %}
            | "with" "(" parameters ")" {% () => ({ unsupported: 'storage parameters of an index' }) %}
            | "interleave" "in" "parent" qualified optionalColumns {% () => ({ unsupported: 'INTERLEAVE IN PARENT' }) %}
parameters -> parameter
            | parameters "," parameter
parameter -> %anyName
           | %anyName "=" %anything
indexWhere -> null {% () => ({}) %}
            | "where" %expression {% (d) => ({ where: d2.exprOf(d[1]) }) %}

createIndex -> "create" indexKind "index" concurrently indexNameOf "on" qualified indexMethod indexParts partition
  {% (d) => ({ kind: 'CreateIndex', table: d[6], ifNotExists: d[4].ifNotExists,
      index: { kind: 'index', name: d[4].name, ...d[1], body: { ...d[8], method: d[7], unsupported: d[8].unsupported ?? d[9] } } }) %}
concurrently -> null
              | "concurrently"
indexNameOf -> null {% () => ({ name: null, ifNotExists: false }) %}
             | %name {% (d) => ({ name: a.nameOf(d[0]), ifNotExists: false }) %}
             | "if" "not" "exists" %name {% (d) => ({ name: a.nameOf(d[3]), ifNotExists: true }) %}
partition -> null {% nothing %}
           | "partition" rest {% refuse('PARTITION BY') %}

# ---- views, sequences, types, schemas ----

createView -> "create" viewKind "view" ifNotExists qualified optionalColumns "as" %query
  {% (d) => ({ kind: 'CreateView', name: d[4], ifNotExists: d[3], columns: d[5].map(a.nameOf), ...d2.queryOf(d[7]), unsupported: d[1] }) %}
viewKind -> null {% nothing %}
          | "or" "replace" {% refuse('CREATE OR REPLACE VIEW') %}
          | "temp" {% refuse('a temporary object') %}
          | "temporary" {% refuse('a temporary object') %}

createSequence -> "create" persistence "sequence" ifNotExists qualified sequenceOptions
  {% (d) => ({ kind: 'CreateSequence', name: d[4], ifNotExists: d[3], options: d[5], unsupported: d[1] }) %}
sequenceOptions -> null {% none %}
                 | sequenceOptions sequenceOption {% push %}
sequenceOption -> "increment" by integer {% (d) => d2.sequenceNumber('increment', d[2]) %}
                | "minvalue" integer {% (d) => d2.sequenceNumber('minValue', d[1]) %}
                | "maxvalue" integer {% (d) => d2.sequenceNumber('maxValue', d[1]) %}
                | "start" withNoise integer {% (d) => d2.sequenceNumber('start', d[2]) %}
                | "cache" integer {% (d) => d2.sequenceNumber('cache', d[1]) %}
                | "no" "minvalue" {% () => ({ kind: 'noMinValue' }) %}
                | "no" "maxvalue" {% () => ({ kind: 'noMaxValue' }) %}
                | "no" "cycle" {% () => ({ kind: 'noCycle' }) %}
                | "cycle" {% () => ({ kind: 'unsupported', what: 'CYCLE of a sequence' }) %}
                | "virtual" {% () => ({ kind: 'unsupported', what: 'a virtual sequence' }) %}
                | "as" %name {% () => ({ kind: 'unsupported', what: 'AS of a sequence' }) %}
                | "owned" "by" qualified {% (d) => d[2].parts.length === 1 && d[2].parts[0] === 'none' ? { kind: 'noOwner' } : { kind: 'owner', column: d[2] } %}
by -> null
    | "by"
withNoise -> null
           | "with"

createType -> "create" "type" ifNotExists qualified "as" "enum" "(" labels ")"
  {% (d) => ({ kind: 'CreateType', name: d[3], ifNotExists: d[2], labels: d[7] }) %}
labels -> null {% none %}
        | someLabels {% first %}
someLabels -> %string {% (d) => [a.nameOf(d[0])] %}
            | someLabels "," %string {% (d) => [...d[0], a.nameOf(d[2])] %}

createSchema -> "create" "schema" ifNotExists qualified schemaOwner
  {% (d) => ({ kind: 'CreateSchema', name: d[3], ifNotExists: d[2], owner: d[4] }) %}
              | "create" "schema" ifNotExists "authorization" %name
  {% (d) => ({ kind: 'CreateSchema', name: null, ifNotExists: d[2], owner: a.nameOf(d[4]) }) %}
schemaOwner -> null {% nothing %}
             | "authorization" %name {% (d) => a.nameOf(d[1]) %}

# ---- DROP ----

drop -> "drop" droppable ifExists qualifieds behavior
  {% (d) => ({ kind: 'DropObjects', object: d[1], names: d[3], ifExists: d[2], behavior: d[4] }) %}
      | "drop" "index" concurrently ifExists indexNames behavior
  {% (d) => ({ kind: 'DropIndex', indexes: d[4], ifExists: d[3], behavior: d[5] }) %}
droppable -> "table" {% () => 'TABLE' %}
           | "view" {% () => 'VIEW' %}
           | "sequence" {% () => 'SEQUENCE' %}
           | "type" {% () => 'TYPE' %}
           | "schema" {% () => 'SCHEMA' %}
indexNames -> indexName {% one %}
            | indexNames "," indexName {% append %}
indexName -> qualified {% (d) => d2.indexName(d[0], null) %}
           | qualified "@" %anyName {% (d) => d2.indexName(d[0], d[2]) %}

# ---- COMMENT ----

comment -> "comment" "on" commented qualified "is" commentText
  {% (d) => ({ kind: 'CommentOn', object: d[2], name: d[3], index: null, comment: d[5] }) %}
         | "comment" "on" "index" indexName "is" commentText
  {% (d) => ({ kind: 'CommentOn', object: 'INDEX', name: d[3].table ?? { parts: [], location: 0 }, index: d[3].index, comment: d[5] }) %}
commented -> "database" {% () => 'DATABASE' %}
           | "table" {% () => 'TABLE' %}
           | "column" {% () => 'COLUMN' %}
commentText -> %string {% (d) => a.nameOf(d[0]) %}
             | "null" {% nothing %}

@include "./alter.ne"
