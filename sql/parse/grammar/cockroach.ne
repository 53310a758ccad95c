# CockroachDB's own statements: RESTORE, BACKUP, SHOW, jobs, databases, settings, transactions.
#
# Terminals are GrammarTokens (../grammar-tokens.ts): "literals" are keywords in lower case and signs; %expression, %query and
# %statement are stretches that were folded because another parser reads them. Postprocessors build the AST (../ast.ts).
# Compiled by scripts/build-grammar.mjs.

@preprocessor typescript
@{%
import * as a from '../actions';
import * as o from '../backup-options';
import * as t from '../grammar-tokens';

const lexer = { has: () => false };
const ofType = (type) => ({ test: (token) => token.type === type });
const expression = ofType('expression');
const query = ofType('query');
const statement = ofType('statement');
const number = ofType('number');
const name = { test: t.isName };
const anyName = { test: t.isAnyName };
const setting = { test: t.isSetting };
const grantTarget = { test: t.isGrantTarget };
const stringLike = { test: t.isStringLike };
const text = { test: (token) => token.type === 'string' || token.type === 'placeholder' };
const restoreFlag = o.restoreOption.none;
const restoreValue = o.restoreOption.one;
const restoreList = o.restoreOption.list;
const backupFlag = o.backupOption.none;
const backupValue = o.backupOption.one;
const backupList = o.backupOption.list;

const nothing = () => null;
const yes = () => true;
const no = () => false;
const first = (d) => d[0];
const one = (d) => [d[0]];
const append = (d) => [...d[0], d[2]];
const word = (d) => d[0].text.toUpperCase();
%}
@lexer lexer

main -> restore {% first %}
      | backup {% first %}
      | showBackup {% first %}
      | showJobs {% first %}
      | controlJobs {% first %}
      | cancel {% first %}
      | schedules {% first %}
      | database {% first %}
      | show {% first %}
      | session {% first %}
      | transaction {% first %}
      | prepared {% first %}
      | explain {% first %}
      | files {% first %}
      | external {% first %}

# ---- pieces ----

names -> %name {% one %}
       | names "," %name {% append %}

dotted -> %name {% one %}
        | dotted "." %anyName {% append %}

qualified -> dotted {% (d) => a.qualifiedName(d[0]) %}

uris -> %stringLike {% (d) => [a.stringOf(d[0])] %}
      | "(" uriTokens ")" {% (d) => d[1].map(a.stringOf) %}

uriTokens -> %stringLike {% one %}
           | uriTokens "," %stringLike {% append %}

uriSets -> uris {% one %}
         | uriSets "," uris {% append %}

asOf -> null {% nothing %}
      | "as" "of" "system" "time" %expression {% (d) => a.asOfOf(d[4]) %}

expressions -> %expression {% one %}
             | expressions "," %expression {% append %}

keyValues -> keyValue {% one %}
           | keyValues "," keyValue {% append %}
keyValue -> %anyName {% (d) => a.keyValue(d[0], null) %}
          | %anyName "=" %stringLike {% (d) => a.keyValue(d[0], d[2]) %}
keyValueWith -> null {% () => [] %}
              | "with" keyValues {% (d) => d[1] %}
              | "with" "options" "(" keyValues ")" {% (d) => d[3] %}

# ---- RESTORE and BACKUP ----

restore -> "restore" targets "from" source asOf restoreWith
  {% (d) => ({ kind: 'Restore', targets: d[1], source: d[3], asOf: d[4], options: o.restoreOptions(d[5]) }) %}

targets -> null {% () => ({ kind: 'cluster' }) %}
         | "database" names {% (d) => ({ kind: 'databases', names: d[1].map(a.nameOf) }) %}
         | patterns {% (d) => ({ kind: 'tables', patterns: d[0] }) %}
         | "table" patterns {% (d) => ({ kind: 'tables', patterns: d[1] }) %}
         | "tenant" %number {% (d) => ({ kind: 'tenant', id: Number(a.nameOf(d[1])) }) %}
         | "system" "users" {% () => ({ kind: 'systemUsers' }) %}

patterns -> pattern {% one %}
          | patterns "," pattern {% append %}
pattern -> dotted {% (d) => a.tablePattern(d[0], null, null) %}
         | dotted "as" %name {% (d) => a.tablePattern(d[0], null, d[2]) %}
         | dotted "." "*" {% (d) => a.tablePattern(d[0], d[2], null) %}
         | "*" {% (d) => a.tablePattern([], d[0], null) %}

source -> uriSets {% (d) => ({ kind: 'layers', layers: d[0] }) %}
        | %stringLike "in" uriSets
  {% (d) => ({ kind: 'collection', subdirectory: a.subdirectoryOf(d[0]), collection: d[2][0], incrementals: d[2].slice(1) }) %}

restoreWith -> null {% () => [] %}
             | "with" restoreOptions {% (d) => d[1] %}
             | "with" "options" "(" restoreOptions ")" {% (d) => d[3] %}
restoreOptions -> restoreOption {% one %}
                | restoreOptions "," restoreOption {% append %}
restoreOption -> %restoreFlag {% (d) => ({ name: d[0], values: [] }) %}
               | %restoreValue "=" %stringLike {% (d) => ({ name: d[0], values: [d[2]] }) %}
               | %restoreList "=" %stringLike {% (d) => ({ name: d[0], values: [d[2]] }) %}
               | %restoreList "=" "(" uriTokens ")" {% (d) => ({ name: d[0], values: d[3] }) %}

backup -> "backup" targets destination backupWith
  {% (d) => ({ kind: 'Backup', targets: d[1], destination: d[2].destination, asOf: d[2].asOf, options: o.backupOptions(d[3]) }) %}

destination -> "into" uris asOf
  {% (d) => ({ destination: { kind: 'collection', subdirectory: null, collection: d[1] }, asOf: d[2] }) %}
             | "into" %stringLike "in" uris asOf
  {% (d) => ({ destination: { kind: 'collection', subdirectory: a.subdirectoryOf(d[1]), collection: d[3] }, asOf: d[4] }) %}
             | "to" uris asOf
  {% (d) => ({ destination: { kind: 'path', to: d[1], incrementalFrom: [] }, asOf: d[2] }) %}
             | "to" uris asOf "incremental" "from" uriTokens
  {% (d) => ({ destination: { kind: 'path', to: d[1], incrementalFrom: d[5].map(a.stringOf) }, asOf: d[2] }) %}

backupWith -> null {% () => [] %}
            | "with" backupOptions {% (d) => d[1] %}
            | "with" "options" "(" backupOptions ")" {% (d) => d[3] %}
backupOptions -> backupOption {% one %}
               | backupOptions "," backupOption {% append %}
backupOption -> %backupFlag {% (d) => ({ name: d[0], values: [] }) %}
              | %backupValue "=" %stringLike {% (d) => ({ name: d[0], values: [d[2]] }) %}
              | %backupList "=" %stringLike {% (d) => ({ name: d[0], values: [d[2]] }) %}
              | %backupList "=" "(" uriTokens ")" {% (d) => ({ name: d[0], values: d[3] }) %}

showBackup -> "show" "backups" "in" uris keyValueWith
  {% (d) => ({ kind: 'ShowBackups', collection: d[3], options: d[4] }) %}
            | "show" "backup" details backupPath keyValueWith
  {% (d) => ({ kind: 'ShowBackup', details: d[2], source: d[3], options: d[4] }) %}
details -> null {% () => 'default' %}
         | "schemas" {% () => 'schemas' %}
         | "files" {% () => 'files' %}
         | "ranges" {% () => 'ranges' %}
backupPath -> uris {% (d) => ({ kind: 'path', path: d[0] }) %}
            | subdirectory "in" uris
  {% (d) => ({ kind: 'collection', subdirectory: d[0], collection: d[2] }) %}
subdirectory -> %stringLike {% (d) => a.subdirectoryOf(d[0]) %}
              | "from" %stringLike {% (d) => a.subdirectoryOf(d[1]) %}

# ---- files ----

# What `ootheca userfile` and `ootheca nodelocal` send.
files -> "file" "put" %stringLike {% (d) => ({ kind: 'FileWrite', action: 'put', argument: a.stringOf(d[2]) }) %}
       | "file" "data" %stringLike {% (d) => ({ kind: 'FileWrite', action: 'data', argument: a.stringOf(d[2]) }) %}
       | "file" "end" {% (d) => ({ kind: 'FileWrite', action: 'end', argument: null }) %}
       | "file" "delete" %stringLike {% (d) => ({ kind: 'FileWrite', action: 'delete', argument: a.stringOf(d[2]) }) %}
       | "file" "list" %stringLike {% (d) => ({ kind: 'FileRead', uri: a.stringOf(d[2]), offset: null }) %}
       | "file" "get" %stringLike "at" %stringLike
  {% (d) => ({ kind: 'FileRead', uri: a.stringOf(d[2]), offset: a.stringOf(d[4]) }) %}

external -> "create" "external" "connection" ifNotExists %stringLike "as" %stringLike
  {% (d) => ({ kind: 'CreateExternalConnection', name: a.stringOf(d[4]), ifNotExists: d[3], uri: a.stringOf(d[6]) }) %}
          | "drop" "external" "connection" %stringLike
  {% (d) => ({ kind: 'DropExternalConnection', name: a.stringOf(d[3]) }) %}
          | "show" "external" "connections" {% () => ({ kind: 'ShowExternalConnections', name: null, create: false }) %}
          | "show" "external" "connection" %stringLike
  {% (d) => ({ kind: 'ShowExternalConnections', name: a.stringOf(d[3]), create: false }) %}
          | "show" "create" "external" "connection" %stringLike
  {% (d) => ({ kind: 'ShowExternalConnections', name: a.stringOf(d[4]), create: true }) %}
          | "show" "create" "all" "external" "connections"
  {% () => ({ kind: 'ShowExternalConnections', name: null, create: true }) %}

# ---- jobs ----

showJobs -> "show" automatic "jobs"
  {% (d) => ({ kind: 'ShowJobs', automatic: d[1], whenComplete: false, jobs: null, forSchedules: false }) %}
          | "show" "jobs" whenComplete %query
  {% (d) => ({ kind: 'ShowJobs', automatic: false, whenComplete: d[2], jobs: a.jobsByQuery(d[3]), forSchedules: false }) %}
          | "show" "job" whenComplete %expression
  {% (d) => ({ kind: 'ShowJobs', automatic: false, whenComplete: d[2], jobs: a.jobById(d[3]), forSchedules: false }) %}
          | "show" "jobs" ofSchedules
  {% (d) => ({ kind: 'ShowJobs', automatic: false, whenComplete: false, jobs: d[2], forSchedules: true }) %}
automatic -> null {% no %}
           | "automatic" {% yes %}
whenComplete -> null {% no %}
              | "when" "complete" {% yes %}
ofSchedules -> "for" "schedules" %query {% (d) => a.jobsByQuery(d[2]) %}
             | "for" "schedule" %expression {% (d) => a.jobById(d[2]) %}

controlJobs -> jobCommand jobsMeant reason
  {% (d) => ({ kind: 'ControlJobs', command: d[0], jobs: d[1].jobs, forSchedules: d[1].forSchedules, reason: d[2] }) %}
jobCommand -> "pause" {% word %}
            | "resume" {% word %}
            | "cancel" {% word %}
jobsMeant -> "job" %expression {% (d) => ({ jobs: a.jobById(d[1]), forSchedules: false }) %}
           | "jobs" %query {% (d) => ({ jobs: a.jobsByQuery(d[1]), forSchedules: false }) %}
           | "jobs" ofSchedules {% (d) => ({ jobs: d[1], forSchedules: true }) %}
cancel -> "cancel" cancelled ifExists %expression
  {% (d) => ({ kind: 'Cancel', what: d[1], ids: a.idsOf(d[3]), ifExists: d[2] }) %}
cancelled -> "query" {% () => 'QUERY' %}
           | "queries" {% () => 'QUERY' %}
           | "session" {% () => 'SESSION' %}
           | "sessions" {% () => 'SESSION' %}
reason -> null {% nothing %}
        | "with" "reason" "=" %stringLike {% (d) => a.nameOf(d[3]) %}

# ---- schedules ----

schedules -> "create" "schedule" scheduleLabel "for" "backup" targets "into" uris backupWith "recurring" %text fullBackup scheduleOptions
  {% (d) => ({
    kind: 'CreateSchedule', ...d[2], backup: a.backupInto(d[5], d[7], o.backupOptions(d[8])),
    recurrence: a.stringOf(d[10]), fullBackup: d[11], options: d[12],
  }) %}
           | "show" whichSchedules "schedules" ofExecutor
  {% (d) => ({ kind: 'ShowSchedules', which: d[1], executor: d[3], schedules: null }) %}
           | "show" "schedule" %expression
  {% (d) => ({ kind: 'ShowSchedules', which: 'ALL', executor: null, schedules: a.jobById(d[2]) }) %}
           | "show" "create" "schedule" %expression
  {% (d) => ({ kind: 'ShowCreateSchedules', schedules: a.jobById(d[3]) }) %}
           | "show" "create" "all" "schedules" {% () => ({ kind: 'ShowCreateSchedules', schedules: null }) %}
           | scheduleCommand "schedule" %expression
  {% (d) => ({ kind: 'ControlSchedules', command: d[0], schedules: a.jobById(d[2]) }) %}
           | scheduleCommand "schedules" %query
  {% (d) => ({ kind: 'ControlSchedules', command: d[0], schedules: a.jobsByQuery(d[2]) }) %}
scheduleLabel -> null {% () => ({ label: null, ifNotExists: false }) %}
               | %stringLike {% (d) => ({ label: a.stringOf(d[0]), ifNotExists: false }) %}
               | "if" "not" "exists" %stringLike {% (d) => ({ label: a.stringOf(d[3]), ifNotExists: true }) %}
fullBackup -> null {% nothing %}
            | "full" "backup" "always" {% () => 'ALWAYS' %}
            | "full" "backup" %text {% (d) => a.stringOf(d[2]) %}
scheduleOptions -> null {% () => [] %}
                 | "with" "schedule" "options" keyValues {% (d) => d[3] %}
                 | "with" "schedule" "options" "(" keyValues ")" {% (d) => d[4] %}
whichSchedules -> null {% () => 'ALL' %}
                | "running" {% word %}
                | "paused" {% word %}
ofExecutor -> null {% nothing %}
            | "for" "backup" {% () => 'BACKUP' %}
            | "for" "sql" "statistics" {% () => 'SQL STATISTICS' %}
scheduleCommand -> "pause" {% word %}
                 | "resume" {% word %}
                 | "drop" {% word %}

# ---- databases ----

database -> "create" "database" ifNotExists %name withNoise databaseParts
  {% (d) => ({
    kind: 'CreateDatabase', name: a.nameOf(d[3]), ifNotExists: d[2], owner: null, template: null, encoding: null,
    lcCollate: null, lcCtype: null, connectionLimit: null, primaryRegion: null, regions: [], survive: null, ...a.once(d[5]),
  }) %}
          | "drop" "database" ifExists %name behavior
  {% (d) => ({ kind: 'DropDatabase', name: a.nameOf(d[3]), ifExists: d[2], behavior: d[4] }) %}
ifNotExists -> null {% no %}
             | "if" "not" "exists" {% yes %}
ifExists -> null {% no %}
          | "if" "exists" {% yes %}
behavior -> null {% nothing %}
          | "cascade" {% () => 'cascade' %}
          | "restrict" {% () => 'restrict' %}
withNoise -> null
           | "with"
databaseParts -> null {% () => [] %}
               | databaseParts databasePart {% (d) => [...d[0], d[1]] %}
databasePart -> "template" equals %stringLike {% (d) => ({ token: d[0], part: { template: a.nameOf(d[2]) } }) %}
              | "encoding" equals %stringLike {% (d) => ({ token: d[0], part: { encoding: a.nameOf(d[2]) } }) %}
              | "lc_collate" equals %stringLike {% (d) => ({ token: d[0], part: { lcCollate: a.nameOf(d[2]) } }) %}
              | "lc_ctype" equals %stringLike {% (d) => ({ token: d[0], part: { lcCtype: a.nameOf(d[2]) } }) %}
              | "owner" equals %stringLike {% (d) => ({ token: d[0], part: { owner: a.nameOf(d[2]) } }) %}
              | "connection" "limit" equals sign %number
  {% (d) => ({ token: d[0], part: { connectionLimit: d[3] * Number(a.nameOf(d[4])) } }) %}
              | "primary" "region" equals %stringLike {% (d) => ({ token: d[0], part: { primaryRegion: a.nameOf(d[3]) } }) %}
              | "regions" equals uriTokens {% (d) => ({ token: d[0], part: { regions: d[2].map(a.nameOf) } }) %}
              | "survive" equals "zone" "failure" {% (d) => ({ token: d[0], part: { survive: 'zone' } }) %}
              | "survive" equals "region" "failure" {% (d) => ({ token: d[0], part: { survive: 'region' } }) %}
equals -> null
        | "="
sign -> null {% () => 1 %}
      | "-" {% () => -1 %}

# ---- SHOW ----

show -> "show" "databases" withComment {% (d) => ({ kind: 'ShowDatabases', withComment: d[2] }) %}
      | "show" "schemas" fromName {% (d) => ({ kind: 'ShowSchemas', database: d[2] }) %}
      | "show" "tables" withComment {% (d) => ({ kind: 'ShowTables', from: null, withComment: d[2] }) %}
      | "show" "tables" "from" qualified withComment {% (d) => ({ kind: 'ShowTables', from: d[3], withComment: d[4] }) %}
      | "show" "columns" "from" qualified withComment {% (d) => ({ kind: 'ShowColumns', table: d[3], withComment: d[4] }) %}
      | "show" "create" createKind qualified {% (d) => ({ kind: 'ShowCreate', object: d[2], name: d[3] }) %}
      | "show" "create" "all" allKind {% (d) => ({ kind: 'ShowCreateAll', objects: d[3] }) %}
      | "show" indexWord "from" qualified withComment
  {% (d) => ({ kind: 'ShowIndexes', target: { kind: 'table', table: d[3] }, withComment: d[4] }) %}
      | "show" indexWord "from" "database" %name withComment
  {% (d) => ({ kind: 'ShowIndexes', target: { kind: 'database', database: a.nameOf(d[4]) }, withComment: d[5] }) %}
      | "show" constraintWord "from" qualified {% (d) => ({ kind: 'ShowConstraints', table: d[3] }) %}
      | "show" "sequences" fromName {% (d) => ({ kind: 'ShowSequences', database: d[2] }) %}
      | "show" "types" {% () => ({ kind: 'ShowTypes' }) %}
      | "show" "enums" {% () => ({ kind: 'ShowEnums', from: null }) %}
      | "show" "enums" "from" qualified {% (d) => ({ kind: 'ShowEnums', from: d[3] }) %}
      | "show" "ranges" "from" "table" qualified {% (d) => ({ kind: 'ShowRanges', target: 'TABLE', name: d[4], index: null }) %}
      | "show" "ranges" "from" "database" qualified
  {% (d) => ({ kind: 'ShowRanges', target: 'DATABASE', name: d[4], index: null }) %}
      | "show" "ranges" "from" "index" qualified
  {% (d) => ({ kind: 'ShowRanges', target: 'INDEX', name: d[4], index: null }) %}
      | "show" "ranges" "from" "index" qualified "@" %anyName
  {% (d) => ({ kind: 'ShowRanges', target: 'INDEX', name: d[4], index: a.nameOf(d[6]) }) %}
      | "show" "zone" "configuration" fromOrFor zoneTarget {% (d) => ({ kind: 'ShowZone', target: d[4] }) %}
      | "show" "zone" "configurations" {% () => ({ kind: 'ShowZones' }) %}
      | "show" "all" "zone" "configurations" {% () => ({ kind: 'ShowZones' }) %}
      | "show" "users" {% () => ({ kind: 'ShowUsers' }) %}
      | "show" "roles" {% () => ({ kind: 'ShowRoles' }) %}
      | "show" "grants" grantsOn grantsFor {% (d) => ({ kind: 'ShowGrants', on: d[2], for: d[3] }) %}
      | "show" "cluster" "setting" dotted {% (d) => ({ kind: 'ShowClusterSetting', name: d[3].map(a.nameOf).join('.') }) %}
      | "show" "cluster" "setting" "all" {% () => ({ kind: 'ShowAllClusterSettings', all: true }) %}
      | "show" "cluster" "settings" {% () => ({ kind: 'ShowAllClusterSettings', all: false }) %}
      | "show" "all" "cluster" "settings" {% () => ({ kind: 'ShowAllClusterSettings', all: true }) %}
      | "show" "public" "cluster" "settings" {% () => ({ kind: 'ShowAllClusterSettings', all: false }) %}
      | "show" "all" {% () => ({ kind: 'ShowAll' }) %}
      | "show" "time" "zone" {% (d) => ({ kind: 'ShowVariable', name: 'timezone', location: a.locationOf(d[1]) }) %}
      | "show" "names" {% (d) => ({ kind: 'ShowVariable', name: 'client_encoding', location: a.locationOf(d[1]) }) %}
      | "show" "transaction" "isolation" "level"
  {% (d) => ({ kind: 'ShowVariable', name: 'transaction_isolation', location: a.locationOf(d[1]) }) %}
      | "show" "transaction" "priority"
  {% (d) => ({ kind: 'ShowVariable', name: 'transaction_priority', location: a.locationOf(d[1]) }) %}
      | "show" "transaction" "status" {% () => ({ kind: 'ShowTransactionStatus' }) %}
      | "show" liveScope live {% (d) => ({ kind: 'ShowLive', what: d[2] }) %}
      | "show" "partitions" "from" partitioned qualified
  {% (d) => ({ kind: 'ShowPartitions', of: d[3], name: d[4] }) %}
      | "show" "regions" {% () => ({ kind: 'ShowRegions', from: 'EVERYWHERE', database: null }) %}
      | "show" "regions" "from" "cluster" {% () => ({ kind: 'ShowRegions', from: 'CLUSTER', database: null }) %}
      | "show" "regions" "from" "database" {% () => ({ kind: 'ShowRegions', from: 'DATABASE', database: null }) %}
      | "show" "regions" "from" "database" %name
  {% (d) => ({ kind: 'ShowRegions', from: 'DATABASE', database: a.nameOf(d[4]) }) %}
      | "show" "regions" "from" "all" "databases" {% () => ({ kind: 'ShowRegions', from: 'ALL', database: null }) %}
      | "show" "survival" "goal" "from" "database" {% () => ({ kind: 'ShowSurvivalGoal', database: null }) %}
      | "show" "survival" "goal" "from" "database" %name
  {% (d) => ({ kind: 'ShowSurvivalGoal', database: a.nameOf(d[5]) }) %}
      | "show" "syntax" %stringLike {% (d) => ({ kind: 'ShowSyntax', text: a.nameOf(d[2]) }) %}
      | "show" "statistics" "for" "table" qualified {% (d) => ({ kind: 'ShowStatistics', table: d[4] }) %}
      | "show" "savepoint" "status" {% () => ({ kind: 'ShowSavepointStatus' }) %}
      | "show" settingName {% (d) => ({ kind: 'ShowVariable', ...d[1] }) %}
      | "show" "session" settingName {% (d) => ({ kind: 'ShowVariable', ...d[2] }) %}

liveScope -> null
           | "all"
           | "cluster"
           | "local"
           | "all" "cluster"
           | "all" "local"
live -> "sessions" {% word %}
      | "queries" {% word %}
      | "transactions" {% word %}
partitioned -> "table" {% word %}
             | "index" {% word %}
             | "database" {% word %}
withComment -> null {% no %}
             | "with" "comment" {% yes %}
fromName -> null {% nothing %}
          | "from" %name {% (d) => a.nameOf(d[1]) %}
createKind -> null {% nothing %}
            | "table" {% word %}
            | "view" {% word %}
            | "sequence" {% word %}
            | "database" {% word %}
allKind -> "tables" {% word %}
         | "schemas" {% word %}
         | "types" {% word %}
indexWord -> "index" | "indexes" | "keys"
constraintWord -> "constraint" | "constraints"

grantsOn -> null {% nothing %}
          | "on" grantKind patterns {% (d) => ({ kind: d[1], names: d[2] }) %}
          | "on" grantPatterns {% (d) => ({ kind: 'table', names: d[1] }) %}
grantKind -> "table" {% () => 'table' %}
           | "database" {% () => 'database' %}
           | "schema" {% () => 'schema' %}
           | "type" {% () => 'type' %}
grantPatterns -> grantPattern {% one %}
               | grantPatterns "," pattern {% append %}
grantPattern -> grantDotted {% (d) => a.tablePattern(d[0], null, null) %}
              | grantDotted "." "*" {% (d) => a.tablePattern(d[0], d[2], null) %}
              | "*" {% (d) => a.tablePattern([], d[0], null) %}
grantDotted -> %grantTarget {% one %}
             | grantDotted "." %anyName {% append %}
grantsFor -> null {% nothing %}
           | "for" names {% (d) => d[1].map(a.nameOf) %}

settingName -> settingParts
  {% (d) => ({ name: d[0].map(a.nameOf).join('.'), location: a.locationOf(d[0][0]) }) %}
settingParts -> %setting {% one %}
              | settingParts "." %anyName {% append %}

# ---- session settings ----

session -> "set" scope settingName assign expressions
  {% (d) => ({ kind: 'SetVariable', scope: d[1], name: d[2].name, values: a.setValues(d[4]), location: d[2].location }) %}
         | "set" scope "time" "zone" %expression
  {% (d) => ({ kind: 'SetVariable', scope: d[1], name: 'timezone', values: a.timeZoneValues([d[4]]), location: a.locationOf(d[2]) }) %}
         | "set" scope "names" %expression
  {% (d) => ({ kind: 'SetVariable', scope: d[1], name: 'client_encoding', values: a.setValues([d[3]]), location: a.locationOf(d[2]) }) %}
         | "set" "cluster" "setting" dotted assign %expression
  {% (d) => ({ kind: 'SetClusterSetting', name: d[3].map(a.nameOf).join('.'), value: (a.setValues([d[5]]) ?? [null])[0] }) %}
         | "reset" "cluster" "setting" dotted
  {% (d) => ({ kind: 'SetClusterSetting', name: d[3].map(a.nameOf).join('.'), value: null }) %}
         | "reset" settingName {% (d) => ({ kind: 'ResetVariable', ...d[1] }) %}
         | "reset" "session" settingName {% (d) => ({ kind: 'ResetVariable', ...d[2] }) %}
         | "reset" "time" "zone" {% (d) => ({ kind: 'ResetVariable', name: 'timezone', location: a.locationOf(d[1]) }) %}
         | "reset" "all" {% () => ({ kind: 'ResetAll' }) %}
         | "use" %expression {% (d) => ({ kind: 'Use', database: a.setValue(d[1]) }) %}
         | "discard" "all" {% () => ({ kind: 'Discard', what: 'ALL' }) %}
         | "discard" "sequences" {% () => ({ kind: 'Discard', what: 'SEQUENCES' }) %}
         | "discard" "plans" {% () => ({ kind: 'Discard', what: 'PLANS' }) %}
         | "discard" "temp" {% () => ({ kind: 'Discard', what: 'TEMP' }) %}
         | "discard" "temporary" {% () => ({ kind: 'Discard', what: 'TEMP' }) %}
scope -> null {% () => 'session' %}
       | "session" {% () => 'session' %}
       | "local" {% () => 'local' %}
assign -> "=" | "to"

# ---- transactions ----

transaction -> "begin" transactionNoise modes {% (d) => ({ kind: 'Begin', modes: d[2] }) %}
             | "start" "transaction" modes {% (d) => ({ kind: 'Begin', modes: d[2] }) %}
             | "commit" transactionNoise {% () => ({ kind: 'Commit' }) %}
             | "end" transactionNoise {% () => ({ kind: 'Commit' }) %}
             | "abort" transactionNoise {% () => ({ kind: 'Rollback' }) %}
             | "rollback" transactionNoise {% () => ({ kind: 'Rollback' }) %}
             | "rollback" transactionNoise "to" %name {% (d) => ({ kind: 'RollbackToSavepoint', name: a.nameOf(d[3]) }) %}
             | "rollback" transactionNoise "to" "savepoint" %name
  {% (d) => ({ kind: 'RollbackToSavepoint', name: a.nameOf(d[4]) }) %}
             | "savepoint" %name {% (d) => ({ kind: 'Savepoint', name: a.nameOf(d[1]) }) %}
             | "release" %name {% (d) => ({ kind: 'ReleaseSavepoint', name: a.nameOf(d[1]) }) %}
             | "release" "savepoint" %name {% (d) => ({ kind: 'ReleaseSavepoint', name: a.nameOf(d[2]) }) %}
             | "set" "transaction" someModes
  {% (d) => ({ kind: 'SetTransaction', sessionDefault: false, modes: a.transactionModes(d[2]) }) %}
             | "set" "session" "transaction" someModes
  {% (d) => ({ kind: 'SetTransaction', sessionDefault: false, modes: a.transactionModes(d[3]) }) %}
             | "set" "session" "characteristics" "as" "transaction" someModes
  {% (d) => ({ kind: 'SetTransaction', sessionDefault: true, modes: a.transactionModes(d[5]) }) %}
transactionNoise -> null
                  | "transaction"
                  | "work"
modes -> null {% () => a.transactionModes([]) %}
       | someModes {% (d) => a.transactionModes(d[0]) %}
someModes -> mode {% one %}
           | someModes "," mode {% append %}
           | someModes mode {% (d) => [...d[0], d[1]] %}
mode -> "isolation" "level" isolation {% (d) => ({ isolation: d[2] }) %}
      | "priority" priority {% (d) => ({ priority: d[1] }) %}
      | "read" "only" {% () => ({ readOnly: true }) %}
      | "read" "write" {% () => ({ readOnly: false }) %}
      | "deferrable" {% () => ({ deferrable: true }) %}
      | "not" "deferrable" {% () => ({ deferrable: false }) %}
      | "as" "of" "system" "time" %expression {% (d) => ({ asOf: a.asOfOf(d[4]) }) %}
isolation -> "serializable" {% word %}
           | "snapshot" {% word %}
           | "repeatable" "read" {% () => 'REPEATABLE READ' %}
           | "read" "committed" {% () => 'READ COMMITTED' %}
           | "read" "uncommitted" {% () => 'READ UNCOMMITTED' %}
priority -> "low" {% word %}
          | "normal" {% word %}
          | "high" {% word %}

# ---- PREPARE and EXPLAIN ----

prepared -> "prepare" %name prepareTypes "as" %statement
  {% (d) => ({ kind: 'Prepare', name: a.nameOf(d[1]), types: d[2].map(a.textOf), statement: a.statementOf(d[4]), sql: a.textOf(d[4]) }) %}
          | "execute" %name prepareTypes discardRows
  {% (d) => ({ kind: 'Execute', name: a.nameOf(d[1]), arguments: d[2].map(a.expressionOf) }) %}
          | "deallocate" prepareNoise %name {% (d) => ({ kind: 'Deallocate', name: a.nameOf(d[2]) }) %}
          | "deallocate" prepareNoise "all" {% () => ({ kind: 'Deallocate', name: null }) %}
prepareTypes -> null {% () => [] %}
              | "(" expressions ")" {% (d) => d[1] %}
discardRows -> null
             | "discard" "rows"
prepareNoise -> null
              | "prepare"

explain -> "explain" analyze explainOptions %statement
  {% (d) => ({ kind: 'Explain', analyze: d[1], options: d[2], statement: a.statementOf(d[3]) }) %}
analyze -> null {% no %}
         | "analyze" {% yes %}
         | "analyse" {% yes %}
explainOptions -> null {% () => [] %}
                | "verbose" {% () => ['VERBOSE'] %}
                | "(" explainWords ")" {% (d) => d[1].map((t) => a.nameOf(t).toUpperCase()) %}
explainWords -> %anyName {% one %}
              | explainWords "," %anyName {% append %}

# ---- zones, as in alter.ne ----

fromOrFor -> "from" | "for"
zoneTarget -> "database" %name {% (d) => ({ kind: 'database', name: a.nameOf(d[1]) }) %}
            | "table" qualified {% (d) => ({ kind: 'table', name: d[1] }) %}
            | "index" qualified {% (d) => ({ kind: 'index', index: { table: null, index: d[1].parts.at(-1) ?? '' } }) %}
            | "index" qualified "@" %anyName
  {% (d) => ({ kind: 'index', index: { table: d[1], index: a.nameOf(d[3]) } }) %}
            | "range" zoneName {% (d) => ({ kind: 'range', name: a.nameOf(d[1]) }) %}
            | "partition" %name "of" "table" qualified
  {% (d) => ({ kind: 'partition', partition: a.nameOf(d[1]), table: d[4], index: null }) %}
            | "partition" %name "of" "index" qualified "@" %anyName
  {% (d) => ({ kind: 'partition', partition: a.nameOf(d[1]), table: null, index: { table: d[4], index: a.nameOf(d[6]) } }) %}
zoneName -> %name {% (d) => d[0] %}
          | "default" {% (d) => d[0] %}
