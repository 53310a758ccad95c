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
      | truncate {% first %}
      | extension {% first %}
      | refresh {% first %}
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
  {% (d) => ({ kind: 'CreateTable', name: d[4], ifNotExists: d[3], temporary: d[1], elements: d[6], ...d[8] }) %}
             | "create" persistence "table" ifNotExists qualified asColumns "as" %query asData
  {% (d) => ({ kind: 'CreateTableAs', name: d[4], ifNotExists: d[3], temporary: d[1], elements: d[5], ...d2.queryOf(d[7]), unsupported: d[8] }) %}
asData -> null {% nothing %}
        | "with" "data" {% nothing %}
        | "with" "no" "data" {% refuse('CREATE TABLE … AS … WITH NO DATA') %}
persistence -> null {% no %}
             | "temp" {% yes %}
             | "temporary" {% yes %}
             | "local" "temp" {% yes %}
             | "local" "temporary" {% yes %}
             | "global" "temp" {% yes %}
             | "global" "temporary" {% yes %}
             | "unlogged" {% no %}
tableTail -> tailWords {% first %}
           | tailWords locality {% (d) => ({ ...d[0], locality: d[1] }) %}
           | refusedTail {% (d) => ({ ...d2.NO_TAIL, unsupported: d[0] }) %}
tailWords -> null {% () => d2.NO_TAIL %}
           | "with" "(" parameters ")" {% (d) => ({ ...d2.NO_TAIL, parameters: d[2] }) %}
           | onCommit {% () => ({ ...d2.NO_TAIL, onCommit: true }) %}
           | "with" "(" parameters ")" onCommit {% (d) => ({ ...d2.NO_TAIL, parameters: d[2], onCommit: true }) %}
locality -> "locality" "global" {% () => ({ kind: 'global' }) %}
          | "locality" "regional" {% () => ({ kind: 'table', region: null }) %}
          | "locality" "regional" homeRegion {% (d) => ({ kind: 'table', region: d[2] }) %}
          | "locality" "regional" "by" "table" {% () => ({ kind: 'table', region: null }) %}
          | "locality" "regional" "by" "table" homeRegion {% (d) => ({ kind: 'table', region: d[4] }) %}
          | "locality" "regional" "by" "row" {% () => ({ kind: 'row', column: null }) %}
          | "locality" "regional" "by" "row" "as" %name {% (d) => ({ kind: 'row', column: a.nameOf(d[5]) }) %}
homeRegion -> "in" "primary" "region" {% nothing %}
            | "in" %stringLike {% (d) => a.nameOf(d[1]) %}
onCommit -> "on" "commit" "preserve" "rows"
refusedTail -> "partition" rest {% refuse('PARTITION BY') %}
             | "interleave" rest {% refuse('INTERLEAVE IN PARENT') %}
             | "inherits" rest {% refuse('INHERITS') %}
             | "tablespace" rest {% refuse('TABLESPACE') %}
             | "on" "commit" "delete" "rows" {% refuse('unimplemented: ON COMMIT DELETE ROWS') %}
             | "on" "commit" "drop" {% refuse('unimplemented: ON COMMIT DROP') %}

asColumns -> null {% none %}
           | "(" asElements ")" {% second %}
asElements -> asElement {% one %}
            | asElements "," asElement {% append %}
asElement -> %name {% (d) => ({ kind: 'asColumn', name: a.nameOf(d[0]), primaryKey: false, family: null }) %}
           | %name "primary" "key" {% (d) => ({ kind: 'asColumn', name: a.nameOf(d[0]), primaryKey: true, family: null }) %}
           | "primary" "key" "(" names ")" {% (d) => ({ kind: 'asKey', name: null, columns: d[3].map(a.nameOf) }) %}
           | "constraint" %name "primary" "key" "(" names ")"
  {% (d) => ({ kind: 'asKey', name: a.nameOf(d[1]), columns: d[5].map(a.nameOf) }) %}
           | "family" optionalName "(" names ")"
  {% (d) => ({ kind: 'family', name: d[1], columns: d[3].map(a.nameOf) }) %}

elements -> null {% none %}
          | someElements {% first %}
someElements -> element {% one %}
              | someElements "," element {% append %}
element -> column {% first %}
         | index {% first %}
         | constraint {% first %}
         | "family" optionalName "(" names ")"
  {% (d) => ({ kind: 'family', name: d[1], columns: d[3].map(a.nameOf) }) %}
         | "like" qualified likeOptions {% (d) => ({ kind: 'like', table: d[1], options: d[2] }) %}
likeOptions -> null {% none %}
             | likeOptions likeOption {% push %}
likeOption -> "including" %anyName {% (d) => ({ include: true, what: d[1].text.toLowerCase() }) %}
            | "excluding" %anyName {% (d) => ({ include: false, what: d[1].text.toLowerCase() }) %}

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
           | "primary" "key" {% () => ({ kind: 'primaryKey', hash: null }) %}
           | "primary" "key" hash {% (d) => ({ kind: 'primaryKey', hash: d[2] }) %}
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
  {% (d) => ({ kind: 'identity', always: true, options: d[4] }) %}
           | "generated" "by" "default" "as" "identity" identityOptions
  {% (d) => ({ kind: 'identity', always: false, options: d[5] }) %}
           | "on" "update" %expression {% (d) => ({ kind: 'onUpdate', expr: d2.exprOf(d[2]) }) %}
storage -> "stored" {% no %}
         | "virtual" {% yes %}
identityOptions -> null {% none %}
                 | "(" someIdentityOptions ")" {% second %}
someIdentityOptions -> null {% none %}
                     | someIdentityOptions sequenceOption {% push %}
                     | someIdentityOptions "sequence" "name" qualified
  {% (d) => [...d[0], { kind: 'name', name: d[3] }] %}

references -> "references" qualified optionalColumns match actions deferrable
  {% (d) => d2.references(d[1], d[2], d[3], { ...d[4], unsupported: d[5] }) %}
deferrable -> null {% nothing %}
            | "deferrable" {% refuse('DEFERRABLE') %}
            | "deferrable" "initially" "deferred" {% refuse('DEFERRABLE') %}
            | "deferrable" "initially" "immediate" {% refuse('DEFERRABLE') %}
            | "initially" "deferred" {% refuse('INITIALLY DEFERRED') %}
            | "initially" "immediate" {% refuse('INITIALLY IMMEDIATE') %}
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
indexColumn -> %name opClass direction {% (d) => ({ name: a.nameOf(d[0]), expr: null, operatorClass: d[1], descending: d[2] }) %}
             | %expression direction {% (d) => ({ name: null, expr: d2.indexExprOf(d[0]), operatorClass: null, descending: d[1] }) %}
opClass -> null {% nothing %}
         | %name {% (d) => a.nameOf(d[0]) %}
direction -> null {% no %}
           | "asc" {% no %}
           | "desc" {% yes %}
           | "asc" nullsOrder {% no %}
           | "desc" nullsOrder {% yes %}
nullsOrder -> "nulls" "first"
            | "nulls" "last"
hash -> "using" "hash" "with" "bucket_count" "=" %number {% (d) => Number(d2.integerOf(1, d[5])) %}
      | "using" "hash" {% () => 0 %}
indexHash -> null {% () => ({}) %}
           | hash {% (d) => ({ buckets: d[0] }) %}
indexStoring -> null {% () => ({}) %}
              | storingWord "(" names ")" {% (d) => ({ storing: d[2].map(a.nameOf) }) %}
storingWord -> "storing" | "covering" | "include"
indexExtra -> null {% () => ({}) %}
            | "with" "(" parameters ")" {% (d) => ({ parameters: d[2] }) %}
            | "interleave" "in" "parent" qualified optionalColumns {% () => ({ unsupported: 'INTERLEAVE IN PARENT' }) %}
            | "tablespace" %name {% () => ({ unsupported: 'TABLESPACE' }) %}
            | "nulls" "not" "distinct" {% () => ({ unsupported: 'NULLS NOT DISTINCT' }) %}
            | "nulls" "distinct" {% () => ({}) %}
parameters -> parameter {% one %}
            | parameters "," parameter {% append %}
parameter -> %anyName {% (d) => ({ name: a.nameOf(d[0]), value: null }) %}
           | %anyName "=" parameterValue {% (d) => ({ name: a.nameOf(d[0]), value: d[2] }) %}
parameterValue -> %string {% (d) => `'${a.nameOf(d[0])}'` %}
                | %anyName {% (d) => a.nameOf(d[0]) %}
                | sign %number {% (d) => (d[0] < 0 ? '-' : '') + d2.numberText(d[1]) %}
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
  {% (d) => ({ kind: 'CreateView', name: d[4], ifNotExists: d[3], columns: d[5].map(a.nameOf), ...d2.queryOf(d[7]), ...d[1], withData: true }) %}
            | "create" "materialized" "view" ifNotExists qualified optionalColumns "as" %query withData
  {% (d) => ({ kind: 'CreateView', name: d[4], ifNotExists: d[3], columns: d[5].map(a.nameOf), ...d2.queryOf(d[7]), ...d2.MATERIALIZED_VIEW, withData: d[8] }) %}
viewKind -> null {% () => d2.PLAIN_VIEW %}
          | "or" "replace" {% () => ({ ...d2.PLAIN_VIEW, replace: true }) %}
          | "temp" {% () => ({ ...d2.PLAIN_VIEW, temporary: true }) %}
          | "temporary" {% () => ({ ...d2.PLAIN_VIEW, temporary: true }) %}
          | "or" "replace" "temp" {% () => ({ ...d2.PLAIN_VIEW, replace: true, temporary: true }) %}
          | "or" "replace" "temporary" {% () => ({ ...d2.PLAIN_VIEW, replace: true, temporary: true }) %}
withData -> null {% yes %}
          | "with" "data" {% yes %}
          | "with" "no" "data" {% no %}

refresh -> "refresh" "materialized" "view" qualified withData
  {% (d) => ({ kind: 'RefreshView', name: d[3], concurrently: false, withData: d[4] }) %}
         | "refresh" "materialized" "view" "concurrently" qualified withData
  {% (d) => ({ kind: 'RefreshView', name: d[4], concurrently: true, withData: d[5] }) %}

extension -> "create" "extension" ifNotExists %anyName
  {% (d) => ({ kind: 'CreateExtension', name: a.nameOf(d[3]), ifNotExists: d[2] }) %}
           | "create" "extension" ifNotExists %anyName "with" "schema" %name
  {% (d) => ({ kind: 'CreateExtension', name: a.nameOf(d[3]), ifNotExists: d[2] }) %}
           | "create" "extension" ifNotExists %anyName "schema" %name
  {% (d) => ({ kind: 'CreateExtension', name: a.nameOf(d[3]), ifNotExists: d[2] }) %}

truncate -> "truncate" tableNoise qualifieds behavior
  {% (d) => ({ kind: 'Truncate', tables: d[2], behavior: d[3] }) %}
tableNoise -> null
            | "table"

createSequence -> "create" persistence "sequence" ifNotExists qualified sequenceOptions
  {% (d) => ({ kind: 'CreateSequence', name: d[4], ifNotExists: d[3], options: d[5], temporary: d[1] }) %}
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
                | "cycle" {% () => ({ kind: 'unsupported', what: 'unimplemented: CYCLE option' }) %}
                | "virtual" {% () => ({ kind: 'virtual' }) %}
                | "as" %name {% (d) => ({ kind: 'as', type: a.nameOf(d[1]) }) %}
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
           | "materialized" "view" {% () => 'MATERIALIZED VIEW' %}
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
