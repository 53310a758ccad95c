# ALTER: part of ddl.ne, which includes this file and has the pieces that both use.
@lexer lexer

alter -> "alter" "table" ifExists qualified commands
  {% (d) => ({ kind: 'AlterTable', table: d[3], ifExists: d[2], commands: d[4] }) %}
       | "alter" renamed ifExists qualified "rename" "to" qualified
  {% (d) => ({ kind: 'RenameObject', object: d[1], name: d[3], ifExists: d[2], to: d[6] }) %}
       | "alter" "index" ifExists indexName "rename" "to" %name
  {% (d) => ({ kind: 'RenameIndex', index: d[3], ifExists: d[2], to: a.nameOf(d[6]) }) %}
       | "alter" moved ifExists qualified "set" "schema" %name
  {% (d) => ({ kind: 'SetSchema', object: d[1], name: d[3], ifExists: d[2], schema: a.nameOf(d[6]) }) %}
       | "alter" owned ifExists qualified "owner" "to" role
  {% (d) => ({ kind: 'OwnerTo', object: d[1], name: d[3], ifExists: d[2], owner: d[6] }) %}
       | "alter" "type" qualified typeAction {% (d) => ({ kind: 'AlterType', name: d[2], action: d[3] }) %}
       | "alter" "sequence" ifExists qualified someSequenceOptions
  {% (d) => ({ kind: 'AlterSequence', name: d[3], ifExists: d[2], options: d[4] }) %}
       | "alter" zoneTarget "configure" "zone" zoneAction
  {% (d) => ({ kind: 'ConfigureZone', target: d[1], action: d[4] }) %}
       | "alter" "database" %name "convert" "to" "schema" rest
  {% () => ({ kind: 'Unsupported', what: 'ALTER DATABASE … CONVERT TO SCHEMA' }) %}
       | "alter" "database" %name regionChange {% (d) => ({ kind: 'AlterRegions', database: a.nameOf(d[2]), action: d[3] }) %}
       | "alter" "table" ifExists qualified "set" locality
  {% (d) => ({ kind: 'SetLocality', table: d[3], ifExists: d[2], locality: d[5] }) %}
       | "alter" "database" %name otherOfDatabase rest
  {% (d) => ({ kind: 'Unsupported', what: `ALTER DATABASE … ${d2.words(d[3])}` }) %}
       | "alter" "index" indexName otherOfIndex rest
  {% (d) => ({ kind: 'Unsupported', what: `ALTER INDEX … ${d2.words(d[3])}` }) %}
       | "alter" "range" rangeWords "relocate" rest {% () => ({ kind: 'Unsupported', what: 'ALTER RANGE … RELOCATE' }) %}
rangeWords -> null
            | "default"
            | %name
            | %number
renamed -> "table" {% () => 'TABLE' %}
         | "view" {% () => 'VIEW' %}
         | "materialized" "view" {% () => 'MATERIALIZED VIEW' %}
         | "sequence" {% () => 'SEQUENCE' %}
         | "database" {% () => 'DATABASE' %}
         | "schema" {% () => 'SCHEMA' %}
         | "type" {% () => 'TYPE' %}
moved -> "table" {% () => 'TABLE' %}
       | "view" {% () => 'VIEW' %}
       | "materialized" "view" {% () => 'MATERIALIZED VIEW' %}
       | "sequence" {% () => 'SEQUENCE' %}
       | "type" {% () => 'TYPE' %}
owned -> moved {% first %}
       | "database" {% () => 'DATABASE' %}
       | "schema" {% () => 'SCHEMA' %}
role -> %name {% (d) => a.nameOf(d[0]) %}
      | "current_user" {% nothing %}
      | "session_user" {% nothing %}

regionChange -> "add" "region" ifNotExists %stringLike
  {% (d) => ({ kind: 'add', region: a.nameOf(d[3]), ifNotExists: d[2] }) %}
              | "drop" "region" ifExists %stringLike
  {% (d) => ({ kind: 'drop', region: a.nameOf(d[3]), ifExists: d[2] }) %}
              | "primary" "region" optionalEquals %stringLike {% (d) => ({ kind: 'primary', region: a.nameOf(d[3]) }) %}
              | "set" "primary" "region" optionalEquals %stringLike
  {% (d) => ({ kind: 'primary', region: a.nameOf(d[4]) }) %}
              | "survive" optionalEquals survivedFailure {% (d) => ({ kind: 'survive', survival: d[2] }) %}
survivedFailure -> "zone" "failure" {% () => 'zone' %}
                 | "region" "failure" {% () => 'region' %}
optionalEquals -> null
                | "="
otherOfDatabase -> "placement" {% (d) => [d[0]] %}
                 | "set" %name {% (d) => [d[0]] %}
                 | "reset" %name {% (d) => [d[0]] %}
otherOfIndex -> "partition" "by"
              | "split" "at"
              | "unsplit" "at"
              | "unsplit" "all"
              | "scatter" {% (d) => [d[0]] %}
              | "relocate" {% (d) => [d[0]] %}
              | "experimental_relocate" {% (d) => [d[0]] %}

# ---- types ----

typeAction -> "add" "value" ifNotExists %string placement
  {% (d) => ({ kind: 'addValue', label: a.nameOf(d[3]), ifNotExists: d[2], placement: d[4] }) %}
            | "rename" "value" %string "to" %string
  {% (d) => ({ kind: 'renameValue', from: a.nameOf(d[2]), to: a.nameOf(d[4]) }) %}
            | "drop" "value" %string {% (d) => ({ kind: 'dropValue', label: a.nameOf(d[2]) }) %}
placement -> null {% nothing %}
           | "before" %string {% (d) => ({ before: true, label: a.nameOf(d[1]) }) %}
           | "after" %string {% (d) => ({ before: false, label: a.nameOf(d[1]) }) %}

# ---- sequences ----

someSequenceOptions -> alteredOption {% one %}
                     | someSequenceOptions alteredOption {% push %}
alteredOption -> sequenceOption {% first %}
               | "restart" {% () => ({ kind: 'restart', value: null }) %}
               | "restart" withNoise integer {% (d) => ({ kind: 'restart', value: d[2] }) %}

# ---- zones ----

zoneTarget -> "database" %name {% (d) => ({ kind: 'database', name: a.nameOf(d[1]) }) %}
            | "table" qualified {% (d) => ({ kind: 'table', name: d[1] }) %}
            | "index" indexName {% (d) => ({ kind: 'index', index: d[1] }) %}
            | "range" zoneName {% (d) => ({ kind: 'range', name: a.nameOf(d[1]) }) %}
            | "partition" %name "of" "table" qualified
  {% (d) => ({ kind: 'partition', partition: a.nameOf(d[1]), table: d[4], index: null }) %}
            | "partition" %name "of" "index" indexName
  {% (d) => ({ kind: 'partition', partition: a.nameOf(d[1]), table: null, index: d[4] }) %}
zoneName -> %name {% first %}
          | "default" {% first %}
zoneAction -> "discard" {% () => ({ kind: 'discard' }) %}
            | "using" "default" {% () => ({ kind: 'default' }) %}
            | "using" zoneSettings {% (d) => ({ kind: 'set', settings: d[1] }) %}
zoneSettings -> zoneSetting {% one %}
              | zoneSettings "," zoneSetting {% append %}
zoneSetting -> dotted "=" zoneValue {% (d) => ({ name: d[0].map(a.nameOf).join('.'), value: d[2] }) %}
             | dotted "=" "copy" "from" "parent" {% (d) => ({ name: d[0].map(a.nameOf).join('.'), value: null }) %}
zoneValue -> %string {% (d) => ({ kind: 'string', text: a.nameOf(d[0]) }) %}
           | integer {% (d) => ({ kind: 'int', text: String(d[0]) }) %}
           | "true" {% () => ({ kind: 'bool', text: 'true' }) %}
           | "false" {% () => ({ kind: 'bool', text: 'false' }) %}

# ---- commands of ALTER TABLE ----

commands -> command {% one %}
          | commands "," command {% append %}
command -> "add" column {% (d) => ({ kind: 'addColumn', column: d[1], ifNotExists: false }) %}
         | "add" "if" "not" "exists" column {% (d) => ({ kind: 'addColumn', column: d[4], ifNotExists: true }) %}
         | "add" "column" ifNotExists column {% (d) => ({ kind: 'addColumn', column: d[3], ifNotExists: d[2] }) %}
         | "add" constraint notValid
  {% (d) => ({ kind: 'addConstraint', constraint: d[1], notValid: d[2], ifNotExists: false }) %}
         | "add" "constraint" "if" "not" "exists" %name constraintBody notValid
  {% (d) => ({ kind: 'addConstraint', constraint: { kind: 'constraint', name: a.nameOf(d[5]), constraint: d[6] },
      notValid: d[7], ifNotExists: true }) %}
         | "drop" columnNoise ifExists %name behavior
  {% (d) => ({ kind: 'dropColumn', column: a.nameOf(d[3]), ifExists: d[2], behavior: d[4] }) %}
         | "drop" "constraint" ifExists %name behavior
  {% (d) => ({ kind: 'dropConstraint', name: a.nameOf(d[3]), ifExists: d[2], behavior: d[4] }) %}
         | "alter" columnNoise %name columnChange {% (d) => ({ ...d[3], column: a.nameOf(d[2]) }) %}
         | "alter" "primary" "key" "using" "columns" "(" indexColumns ")" indexHash
  {% (d) => ({ kind: 'alterPrimaryKey', body: d2.indexBody([{ columns: d[6] }, d[8]]) }) %}
         | "alter" "constraint" %name rest {% () => ({ kind: 'unsupported', what: 'ALTER TABLE … ALTER CONSTRAINT' }) %}
         | "rename" "column" %name "to" %name {% (d) => ({ kind: 'renameColumn', from: a.nameOf(d[2]), to: a.nameOf(d[4]) }) %}
         | "rename" %name "to" %name {% (d) => ({ kind: 'renameColumn', from: a.nameOf(d[1]), to: a.nameOf(d[3]) }) %}
         | "rename" "constraint" %name "to" %name
  {% (d) => ({ kind: 'renameConstraint', from: a.nameOf(d[2]), to: a.nameOf(d[4]) }) %}
         | "validate" "constraint" %name {% (d) => ({ kind: 'validateConstraint', name: a.nameOf(d[2]) }) %}
         | "set" "(" storageValues ")" {% (d) => ({ kind: 'setStorage', parameters: d[2] }) %}
         | "reset" "(" storageNames ")" {% (d) => ({ kind: 'resetStorage', names: d[2] }) %}
         | otherCommand rest {% (d) => ({ kind: 'unsupported', what: `ALTER TABLE … ${d2.words(d[0])}` }) %}
columnChange -> "set" "default" %expression {% (d) => ({ kind: 'setDefault', expr: d2.exprOf(d[2]) }) %}
              | "drop" "default" {% () => ({ kind: 'setDefault', expr: null }) %}
              | "set" "on" "update" %expression {% (d) => ({ kind: 'setOnUpdate', expr: d2.exprOf(d[3]) }) %}
              | "drop" "on" "update" {% () => ({ kind: 'setOnUpdate', expr: null }) %}
              | "set" "not" "null" {% () => ({ kind: 'setNotNull', notNull: true }) %}
              | "drop" "not" "null" {% () => ({ kind: 'setNotNull', notNull: false }) %}
              | "set" "visible" {% () => ({ kind: 'setVisible', visible: true }) %}
              | "set" "not" "visible" {% () => ({ kind: 'setVisible', visible: false }) %}
              | "drop" "stored" {% () => ({ kind: 'dropStored' }) %}
              | setData "type" %type newCollation conversion
  {% (d) => ({ kind: 'alterColumnType', type: d2.typeOf(d[2]), collate: d[3], using: d[4] }) %}
newCollation -> null {% nothing %}
              | "collate" %stringLike {% (d) => a.nameOf(d[1]) %}
conversion -> null {% nothing %}
            | "using" %expression {% (d) => d2.exprOf(d[1]) %}
columnNoise -> null
             | "column"
setData -> null
         | "set" "data"
notValid -> null {% no %}
          | "not" "valid" {% yes %}
storageValues -> storageValue {% one %}
               | storageValues "," storageValue {% append %}
storageValue -> %anyName "=" %string {% (d) => ({ name: a.nameOf(d[0]), value: a.nameOf(d[2]) }) %}
              | %anyName "=" integer {% (d) => ({ name: a.nameOf(d[0]), value: String(d[2]) }) %}
              | %anyName "=" %anyName {% (d) => ({ name: a.nameOf(d[0]), value: a.nameOf(d[2]) }) %}
storageNames -> %anyName {% (d) => [a.nameOf(d[0])] %}
              | storageNames "," %anyName {% (d) => [...d[0], a.nameOf(d[2])] %}
otherCommand -> "partition" "by"
              | "partition" "all" "by"
              | "split" "at"
              | "unsplit" "at"
              | "unsplit" "all"
              | "inject" "statistics"
              | "experimental_audit" "set"
              | "relocate" {% (d) => [d[0]] %}
              | "experimental_relocate" {% (d) => [d[0]] %}
              | "scatter" {% (d) => [d[0]] %}
