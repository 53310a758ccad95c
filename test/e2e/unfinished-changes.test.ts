import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { clone, create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  ConstraintValidity,
  IndexDescriptor_Direction,
  IndexDescriptorSchema,
} from '../../catalog/descriptor/gen/index_pb';
import {
  ColumnDescriptorSchema,
  ComputedColumnSwapSchema,
  ConstraintToUpdateSchema,
  ConstraintToUpdate_ConstraintType as ConstraintType,
  DescriptorMutationSchema,
  DescriptorMutation_Direction as Direction,
  ForeignKeyConstraintSchema,
  MaterializedViewRefreshSchema,
  PrimaryKeySwapSchema,
  type TableDescriptor,
} from '../../catalog/descriptor/gen/table_pb';
import { editBackup, type ManifestEditor } from '../support/edit-backup';
import { answer } from '../support/expected-answers';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';

/**
 * Every kind of schema change that a backup can be taken in the middle of, by changing the descriptors of a backup: how it ends
 * when the rows allow it, and when they don't.
 */

const LAYER = '2026/11/22-171336.11';
const PLAIN = ['--no-align', '--tuples-only'];

type Step = MessageInitShape<typeof DescriptorMutationSchema>;

function mutate(table: TableDescriptor, step: Step): void {
  const given = { mutationId: 1, direction: Direction.ADD, ...step };
  table.mutations.push(create(DescriptorMutationSchema, given));
}

function columnNamed(table: TableDescriptor, name: string) {
  const found = table.columns.find((column) => column.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
}

/** A column of the type of another one. */
function addColumn(
  table: TableDescriptor,
  name: string,
  like: string,
  more: MessageInitShape<typeof ColumnDescriptorSchema>,
  mutationId = 1,
): number {
  const { type } = columnNamed(table, like);
  const id = table.nextColumnId++;
  const value = create(ColumnDescriptorSchema, { id, name, nullable: true, ...more });
  if (type !== undefined) value.type = type;
  table.families[0]?.columnIds.push(id);
  table.families[0]?.columnNames.push(name);
  mutate(table, { mutationId, descriptor: { case: 'column', value } });
  return id;
}

function newIndex(
  table: TableDescriptor,
  name: string,
  columns: readonly string[],
  more: MessageInitShape<typeof IndexDescriptorSchema> = {},
) {
  const ids = columns.map((column) => columnNamed(table, column).id);
  return create(IndexDescriptorSchema, {
    id: table.nextIndexId++,
    name,
    keyColumnNames: [...columns],
    keyColumnIds: ids,
    keyColumnDirections: columns.map(() => IndexDescriptor_Direction.ASC),
    keySuffixColumnIds: (table.primaryIndex?.keyColumnIds ?? []).filter((id) => !ids.includes(id)),
    version: 2,
    ...more,
  });
}

function addConstraint(
  table: TableDescriptor,
  value: MessageInitShape<typeof ConstraintToUpdateSchema>,
): void {
  mutate(table, {
    descriptor: { case: 'constraint', value: create(ConstraintToUpdateSchema, value) },
  });
}

function addCheck(table: TableDescriptor, name: string, expr: string, column: string): void {
  const columnIds = [columnNamed(table, column).id];
  const check = { name, expr, columnIds, validity: ConstraintValidity.Validating };
  addConstraint(table, { constraintType: ConstraintType.CHECK, name, check });
  // As in backups of a change that has come so far.
  const { descriptor } = table.mutations.at(-1) ?? {};
  const made = descriptor?.case === 'constraint' ? descriptor.value.check : undefined;
  if (made !== undefined) table.checks.push(made);
}

function addNotNull(table: TableDescriptor, column: string): void {
  const { id } = columnNamed(table, column);
  const name = `${column}_auto_not_null`;
  addConstraint(table, {
    constraintType: ConstraintType.NOT_NULL,
    name,
    notNullColumn: id,
    check: { name, expr: `${column} IS NOT NULL`, columnIds: [id], isNonNullConstraint: true },
  });
}

function addUnique(table: TableDescriptor, name: string, column: string): void {
  const columnIds = [columnNamed(table, column).id];
  addConstraint(table, {
    constraintType: ConstraintType.UNIQUE_WITHOUT_INDEX,
    name,
    uniqueWithoutIndexConstraint: {
      tableId: table.id,
      name,
      columnIds,
      validity: ConstraintValidity.Validating,
    },
  });
}

interface Case {
  readonly edit: (backup: ManifestEditor) => void;
  /** Of the jobs in their order: status, description without its prefix, error. */
  readonly jobs: readonly string[];
  /** Queries and what they answer. */
  readonly shown: Readonly<Record<string, string>>;
}

const columnsOf = (table: string): string =>
  `SELECT string_agg(column_name, ',') FROM (SELECT column_name FROM [SHOW COLUMNS FROM ${table}])`;
const constraintsOf = (table: string): string =>
  `SELECT string_agg(constraint_name, ',') FROM (SELECT constraint_name FROM [SHOW CONSTRAINTS FROM ${table}] ORDER BY 1)`;
const indexesOf = (table: string): string =>
  `SELECT string_agg(index_name, ',') FROM (SELECT DISTINCT index_name FROM [SHOW INDEXES FROM ${table}] ORDER BY 1)`;

const CASES: Readonly<Record<string, Case>> = {
  dropped_column: {
    edit({ table }) {
      const customers = table('customers');
      const value = columnNamed(customers, 'created');
      customers.columns = customers.columns.filter((column) => column !== value);
      mutate(customers, { direction: Direction.DROP, descriptor: { case: 'column', value } });
    },
    jobs: ['succeeded|schema change on customers dropping column created|'],
    shown: {
      [columnsOf('customers')]: 'id,name,email',
      'SELECT count(email), max(name) FROM customers': '50|Customer 9',
      "INSERT INTO customers VALUES (51, 'n', 'e') RETURNING id": '51',
    },
  },
  added_columns: {
    edit({ table }) {
      const customers = table('customers');
      addColumn(customers, 'label', 'name', { computeExpr: `concat(name, '!':::STRING)` });
      addColumn(customers, 'n', 'id', { defaultExpr: '7:::INT8', nullable: false });
      addColumn(customers, 'nothing', 'email', {});
    },
    jobs: [
      'succeeded|schema change on customers adding column label STRING; schema change on customers adding column n INT8; schema change on customers adding column nothing STRING|',
    ],
    shown: {
      [columnsOf('customers')]: 'id,name,email,created,label,n,nothing',
      'SELECT label, n, nothing IS NULL FROM customers WHERE id = 3': 'Customer 3!|7|t',
      "INSERT INTO customers (id, name) VALUES (51, 'x') RETURNING label, n": 'x!|7',
    },
  },
  rolled_back_column: {
    edit({ table }) {
      const customers = table('customers');
      addColumn(customers, 'gone', 'id', {});
      const [step] = customers.mutations;
      if (step !== undefined) Object.assign(step, { direction: Direction.DROP, rollback: true });
    },
    jobs: ['succeeded|rollback for schema change on customers dropping column gone|'],
    shown: { [columnsOf('customers')]: 'id,name,email,created' },
  },
  column_type: {
    edit({ table }) {
      const accounts = table('accounts');
      const old = columnNamed(accounts, 'opened');
      const newColumnId = addColumn(accounts, 'opened_1', 'id', {
        computeExpr: 'id + 1:::INT8',
      });
      const value = create(ComputedColumnSwapSchema, { newColumnId, oldColumnId: old.id });
      mutate(accounts, { descriptor: { case: 'computedColumnSwap', value } });
    },
    jobs: [
      'succeeded|schema change on accounts adding column opened_1 INT8; schema change on accounts changing the type of a column|',
    ],
    shown: {
      [columnsOf('accounts')]: 'id,customer_id,balance,opened,st',
      "SELECT data_type FROM [SHOW COLUMNS FROM accounts] WHERE column_name = 'opened'": 'INT8',
      'SELECT opened FROM accounts WHERE id = 9': '10',
    },
  },
  index_violated: {
    edit({ table }) {
      const accounts = table('accounts');
      const value = newIndex(accounts, 'one_each', ['customer_id'], { unique: true });
      mutate(accounts, { descriptor: { case: 'index', value } });
    },
    jobs: [
      'failed|schema change on accounts adding index one_each for accounts (customer_id ASC)|duplicate key value violates unique constraint "one_each"',
    ],
    shown: {
      [indexesOf('accounts')]: 'accounts_customer_id_idx,primary',
      'SELECT count(*) FROM accounts': '200',
    },
  },
  unique_index: {
    edit({ table }) {
      const accounts = table('accounts');
      const more = { unique: true, predicate: 'id <= 50:::INT8' };
      const value = newIndex(accounts, 'first', ['customer_id'], more);
      mutate(accounts, { descriptor: { case: 'index', value } });
    },
    jobs: [
      'succeeded|schema change on accounts adding index first for accounts (customer_id ASC)|',
    ],
    shown: { [indexesOf('accounts')]: 'accounts_customer_id_idx,first,primary' },
  },
  check_violated: {
    edit({ table }) {
      addCheck(table('accounts'), 'rich', 'balance > 100:::DECIMAL', 'balance');
    },
    jobs: [
      "failed|schema change on accounts adding constraint rich|validation of CHECK \"balance > 100:::DECIMAL\" failed on row: id=1, customer_id=2, balance=37.25, opened='2021-01-02', st='open'",
    ],
    shown: {
      [constraintsOf('accounts')]: 'check_balance,fk_customer_id_ref_customers,primary',
      "INSERT INTO accounts VALUES (1000, 1, 5, NULL, 'open') RETURNING id": '1000',
    },
  },
  not_null: {
    edit({ table }) {
      addNotNull(table('customers'), 'email');
    },
    jobs: ['succeeded|schema change on customers adding constraint email_auto_not_null|'],
    shown: {
      "SELECT is_nullable FROM [SHOW COLUMNS FROM customers] WHERE column_name = 'email'": 'f',
      [constraintsOf('customers')]: 'customers_email_key,primary',
    },
  },
  not_null_violated: {
    edit({ table }) {
      addNotNull(table('transfers'), 'memo');
    },
    jobs: [
      'failed|schema change on transfers adding constraint memo_auto_not_null|validation of NOT NULL constraint failed: validation of CHECK "memo IS NOT NULL" failed',
    ],
    shown: {
      "SELECT is_nullable FROM [SHOW COLUMNS FROM transfers] WHERE column_name = 'memo'": 't',
    },
  },
  unique_without_index: {
    edit({ table }) {
      addUnique(table('customers'), 'one_name', 'name');
    },
    jobs: ['succeeded|schema change on customers adding constraint one_name|'],
    shown: { [constraintsOf('customers')]: 'customers_email_key,one_name,primary' },
  },
  unique_without_index_violated: {
    edit({ table }) {
      addUnique(table('accounts'), 'one_account', 'customer_id');
    },
    jobs: [
      'failed|schema change on accounts adding constraint one_account|could not create unique constraint "one_account"',
    ],
    shown: { [constraintsOf('accounts')]: 'check_balance,fk_customer_id_ref_customers,primary' },
  },
  foreign_key: {
    edit({ table }) {
      // Both tables have it already, not yet validated.
      for (const key of [table('accounts').outboundFks[0], table('customers').inboundFks[0]]) {
        if (key !== undefined) key.validity = ConstraintValidity.Validating;
      }
      const [key] = table('accounts').outboundFks;
      if (key === undefined) throw new Error('no foreign key');
      addConstraint(table('accounts'), {
        constraintType: ConstraintType.FOREIGN_KEY,
        name: key.name,
        foreignKey: clone(ForeignKeyConstraintSchema, key),
      });
    },
    jobs: ['succeeded|schema change on accounts adding constraint fk_customer_id_ref_customers|'],
    shown: {
      "SELECT details, validated FROM [SHOW CONSTRAINTS FROM accounts] WHERE constraint_type = 'FOREIGN KEY'":
        'FOREIGN KEY (customer_id) REFERENCES customers(id)|t',
      'DELETE FROM customers WHERE id = 1': 'violates foreign key constraint',
    },
  },
  foreign_key_violated: {
    edit({ table }) {
      const [origin, target] = [table('transfers'), table('customers')];
      addConstraint(origin, {
        constraintType: ConstraintType.FOREIGN_KEY,
        name: 'fk',
        foreignKey: {
          name: 'fk',
          originTableId: origin.id,
          originColumnIds: [columnNamed(origin, 'from_id').id],
          referencedTableId: target.id,
          referencedColumnIds: [columnNamed(target, 'id').id],
          validity: ConstraintValidity.Validating,
        },
      });
    },
    jobs: [
      'failed|schema change on transfers adding constraint fk|foreign key violation: "transfers" row (from_id)=(51) has no match in "customers"',
    ],
    shown: {
      [constraintsOf('transfers')]: 'fk_from_id_ref_accounts,fk_to_id_ref_accounts,primary',
    },
  },
  dropped_constraints: {
    edit({ table }) {
      const accounts = table('accounts');
      const [check] = accounts.checks;
      const [foreignKey] = accounts.outboundFks;
      if (check === undefined || foreignKey === undefined) throw new Error('no constraints');
      const { CHECK, FOREIGN_KEY } = ConstraintType;
      addConstraint(accounts, { constraintType: CHECK, name: check.name, check });
      addConstraint(accounts, { constraintType: FOREIGN_KEY, name: foreignKey.name, foreignKey });
      for (const step of accounts.mutations) step.direction = Direction.DROP;
    },
    jobs: [
      'succeeded|schema change on accounts dropping constraint check_balance; schema change on accounts dropping constraint fk_customer_id_ref_customers|',
    ],
    shown: {
      [constraintsOf('accounts')]: 'primary',
      "INSERT INTO accounts VALUES (1000, 999, -5, NULL, 'open') RETURNING id": '1000',
      'DELETE FROM customers WHERE id = 2 RETURNING id': '2',
    },
  },
  primary_key: {
    edit({ table }) {
      const customers = table('customers');
      const [name = 0] = [columnNamed(customers, 'name').id];
      const key = newIndex(customers, 'new_primary_key', ['name'], {
        unique: true,
        encodingType: 1,
        keySuffixColumnIds: [],
      });
      const former = newIndex(customers, 'customers_id_key', ['id'], {
        unique: true,
        keySuffixColumnIds: [name],
      });
      const email = newIndex(customers, 'email_rewrite_for_primary_key_change', ['email'], {
        unique: true,
        keySuffixColumnIds: [name],
      });
      for (const value of [key, former, email]) {
        mutate(customers, { descriptor: { case: 'index', value } });
      }
      const value = create(PrimaryKeySwapSchema, {
        oldPrimaryIndexId: 1,
        newPrimaryIndexId: key.id,
        oldIndexes: customers.indexes.map((index) => index.id),
        newIndexes: [email.id],
      });
      mutate(customers, { descriptor: { case: 'primaryKeySwap', value } });
    },
    jobs: ['succeeded|schema change on customers changing primary key to (name ASC)|'],
    shown: {
      "SELECT string_agg(column_name, ',') FROM (SELECT column_name FROM [SHOW INDEXES FROM customers] WHERE index_name = 'primary' AND NOT storing)":
        'name',
      [indexesOf('customers')]: 'customers_email_key,customers_id_key,primary',
      "SELECT id FROM customers WHERE name = 'Customer 7'": '7',
      "SELECT id FROM customers@customers_email_key WHERE email = 'c7@example.com'": '7',
      'INSERT INTO customers (id, name) VALUES (7, $$x$$)': 'customers_id_key',
    },
  },
  one_after_another: {
    edit({ table }) {
      const customers = table('customers');
      const id = addColumn(customers, 'must', 'id', { nullable: false });
      const value = newIndex(customers, 'by_must', ['id'], {
        keyColumnIds: [id],
        keyColumnNames: ['must'],
      });
      mutate(customers, { mutationId: 2, descriptor: { case: 'index', value } });
      addColumn(customers, 'fine', 'id', { defaultExpr: '1:::INT8' }, 3);
    },
    jobs: [
      'failed|schema change on customers adding column must INT8|null value in column "must" violates not-null constraint',
      'failed|schema change on customers adding index by_must for customers (must ASC)|index "by_must" contains unknown column "must"',
      'succeeded|schema change on customers adding column fine INT8|',
    ],
    shown: {
      [columnsOf('customers')]: 'id,name,email,created,fine',
      [indexesOf('customers')]: 'customers_email_key,primary',
      'ALTER TABLE customers ADD COLUMN must INT8': '',
    },
  },
  enum_values: {
    edit({ type }) {
      const status = type('status');
      const [, closed] = status.enumMembers;
      if (closed === undefined) throw new Error('no member');
      Object.assign(closed, { capability: 1, direction: 2 });
      status.enumMembers.push({
        ...closed,
        logicalRepresentation: 'frozen',
        physicalRepresentation: Uint8Array.of(0xf0),
        capability: 1,
        direction: 1,
      });
    },
    jobs: ['succeeded|type|'],
    shown: {
      "SELECT values FROM [SHOW ENUMS] WHERE name = 'status'": '{open,frozen}',
      "UPDATE accounts SET st = 'frozen' WHERE id = 1 RETURNING st": 'frozen',
    },
  },
  enum_value_in_use: {
    edit({ type }) {
      const [open, closed] = type('status').enumMembers;
      Object.assign(open ?? {}, { capability: 1, direction: 2 });
      Object.assign(closed ?? {}, { capability: 1, direction: 1 });
    },
    jobs: [
      'failed|type|could not remove enum value "open" as it is being used in a default expresion of "accounts"',
    ],
    shown: {
      "SELECT values FROM [SHOW ENUMS] WHERE name = 'status'": '{open}',
      "UPDATE accounts SET st = 'open' WHERE id = 1 RETURNING st": 'open',
    },
  },
  left_out: {
    edit({ table }) {
      table('transfers').state = 3; // OFFLINE
      table('old').state = 2; // DROP
    },
    jobs: [],
    shown: {
      "SELECT string_agg(table_name, ',') FROM (SELECT table_name FROM [SHOW TABLES] ORDER BY 1)":
        'accounts,customers,rich',
    },
  },
};

describePsql('schema changes that a backup was taken in the middle of', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  const ask = (database: string, statement: string): string => {
    try {
      return server.psql(database, [statement], PLAIN).trimEnd();
    } catch (error) {
      return String(error);
    }
  };
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  test.each(Object.entries(CASES))('%s', (name, { edit, jobs, shown }) => {
    cpSync(join(fixturesDir, 'backups', 'bank'), join(io.path, name), { recursive: true });
    editBackup(join(io.path, name, LAYER), edit);
    const restore = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/${name}' WITH new_db_name = '${name}'`;
    const [jobId] = server.psql('defaultdb', [restore], PLAIN).split('|');
    const ended = ask(
      'defaultdb',
      `SELECT status, regexp_replace(description, '^RESTORING: (type)?( [0-9]+)?', '\\1'), error FROM [SHOW JOBS]
       WHERE job_id > ${jobId} AND description LIKE 'RESTORING: %' ORDER BY job_id`,
    );
    const lines = ended === '' ? [] : ended.split('\n');
    expect(lines.length).toBe(jobs.length);
    for (const [i, line] of lines.entries()) expect(line).toContain(jobs[i]);
    for (const [statement, expected] of Object.entries(shown)) {
      expect([statement, ask(name, statement)]).toEqual([
        statement,
        expect.stringContaining(expected),
      ]);
    }
  });
});

describePsql('unfinished changes of sequences, views, and of a server that is killed', () => {
  const KILLS = 3;
  const io = temporaryDirectory();
  const store = temporaryDirectory();
  let server: OothecaProcess;
  const start = async (): Promise<OothecaProcess> =>
    OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io.path}`]);
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
    store.remove();
  });

  test('a column with numbers of a sequence; a materialized view that was being refreshed', () => {
    const layer = '2026/11/22-171335.87';
    cpSync(join(fixturesDir, 'backups', 'alltypes'), join(io.path, 'all'), { recursive: true });
    editBackup(join(io.path, 'all', layer), ({ table }) => {
      const sequence = table('serials_id_seq');
      const id = addColumn(table('serials'), 'num', 'r', {
        defaultExpr: `nextval(${sequence.id}:::REGCLASS)`,
        usesSequenceIds: [sequence.id],
        nullable: false,
      });
      sequence.dependedOnBy[0]?.columnIds.push(id);
      const mat = table('mat');
      if (mat.primaryIndex === undefined) throw new Error('no key');
      const newPrimaryIndex = clone(IndexDescriptorSchema, mat.primaryIndex);
      newPrimaryIndex.id = mat.nextIndexId++;
      const value = create(MaterializedViewRefreshSchema, { newPrimaryIndex });
      mutate(mat, { descriptor: { case: 'materializedViewRefresh', value } });
    });
    server.psql('defaultdb', [`RESTORE DATABASE alltypes FROM LATEST IN 'nodelocal://1/all'`]);
    const ask = (statement: string): string => server.psql('alltypes', [statement], PLAIN);
    expect(ask(`SELECT DISTINCT status FROM [SHOW JOBS]`)).toBe('succeeded\n');
    expect(ask('SELECT id, num FROM serials ORDER BY id')).toBe('1|3\n2|4\n');
    expect(ask(`INSERT INTO serials (v) VALUES ('x') RETURNING id + num`)).toBe('11\n');
    const expected = answer(join(fixturesDir, 'expected/alltypes'), 'public.mat.csv');
    expect(server.psql('alltypes', ['SELECT * FROM mat ORDER BY 1, 2'])).toBe(expected);
  });

  test('kill -9 at any time: each change is made once', async () => {
    cpSync(join(fixturesDir, 'backups', 'bank'), join(io.path, 'bank'), { recursive: true });
    editBackup(join(io.path, 'bank', LAYER), ({ table }) => {
      const customers = table('customers');
      for (const i of [1, 2, 3, 4, 5]) {
        addColumn(customers, `n${i}`, 'id', { defaultExpr: `${i}:::INT8`, nullable: false }, i);
      }
    });
    for (let i = 0; i < KILLS; i++) {
      const restore = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank' WITH detached, new_db_name = 'k${i}'`;
      server.psql('defaultdb', [restore]);
      await new Promise((resolve) => setTimeout(resolve, 150 + 200 * i));
      await server.stop('SIGKILL');
      server = await start();
    }
    const ended = `SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS])`;
    server.psql('defaultdb', [ended, ended]); // the second: those that the first made
    for (let i = 0; i < KILLS; i++) {
      const select = `SELECT count(*), sum(n1 + n2 + n3 + n4 + n5) FROM customers`;
      expect(server.psql(`k${i}`, [select], PLAIN)).toBe('50|750\n');
    }
    const jobs = `SELECT count(*), count(DISTINCT status), max(status) FROM [SHOW JOBS] WHERE description LIKE 'RESTORING: %customers%'`;
    expect(server.psql('defaultdb', [jobs], PLAIN)).toBe(`${5 * KILLS}|1|succeeded\n`);
  }, 300_000);
});
