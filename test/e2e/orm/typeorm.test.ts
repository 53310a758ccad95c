import {
  DataSource,
  EntitySchema,
  In,
  type MigrationInterface,
  MoreThan,
  type QueryRunner,
  Table,
  TableColumn,
  TableForeignKey,
  TableIndex,
} from 'typeorm';
import { type OrmServer, startOrmServer } from './support';

/**
 * TypeORM with its `cockroachdb` driver: a schema synchronised from entities (and found unchanged by a second look, which
 * reads the whole catalog), migrations through its query runner up and down, then repositories and query builders.
 */

interface Customer {
  id: string;
  name: string;
  email: string;
  kind: 'person' | 'company';
  settings: Record<string, unknown>;
  labels: string[];
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
  version: number;
  orders: Order[];
}

interface Order {
  id: string;
  placed: Date;
  total: string;
  note: string | null;
  customer: Customer;
  lines: Line[];
  tags: Tag[];
}

interface Line {
  orderId: string;
  position: number;
  product: string;
  amount: number;
  order: Order;
}

interface Tag {
  id: string;
  name: string;
}

const customers = new EntitySchema<Customer>({
  name: 'customer',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    name: { type: 'varchar', length: 80 },
    email: { type: String, unique: true },
    kind: { type: 'enum', enum: ['person', 'company'], default: 'person' },
    settings: { type: 'jsonb', default: {} },
    labels: { type: 'varchar', array: true },
    createdAt: { type: 'timestamptz', createDate: true },
    updatedAt: { type: 'timestamptz', updateDate: true },
    deletedAt: { type: 'timestamptz', deleteDate: true, nullable: true },
    version: { type: Number, version: true },
  },
  relations: {
    orders: { type: 'one-to-many', target: 'order', inverseSide: 'customer' },
  },
  indices: [{ name: 'customer_name', columns: ['name', 'kind'] }],
  checks: [{ name: 'customer_has_name', expression: `"name" <> ''` }],
});

const orders = new EntitySchema<Order>({
  name: 'order',
  columns: {
    id: { type: 'bigint', primary: true, generated: 'increment' },
    placed: { type: 'date', default: () => 'current_date()' },
    total: { type: 'decimal', precision: 12, scale: 2, default: 0 },
    note: { type: 'text', nullable: true },
  },
  relations: {
    customer: {
      type: 'many-to-one',
      target: 'customer',
      inverseSide: 'orders',
      nullable: false,
      onDelete: 'CASCADE',
    },
    lines: { type: 'one-to-many', target: 'line', inverseSide: 'order', cascade: true },
    tags: { type: 'many-to-many', target: 'tag', joinTable: true, cascade: true },
  },
});

const lines = new EntitySchema<Line>({
  name: 'line',
  columns: {
    orderId: { type: 'bigint', primary: true },
    position: { type: 'int', primary: true },
    product: { type: String },
    amount: { type: 'float' },
  },
  relations: {
    order: {
      type: 'many-to-one',
      target: 'order',
      inverseSide: 'lines',
      onDelete: 'CASCADE',
      joinColumn: { name: 'orderId' },
    },
  },
});

const tags = new EntitySchema<Tag>({
  name: 'tag',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    name: { type: String, unique: true },
  },
});

class Invoices1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'invoice',
        columns: [
          { name: 'id', type: 'uuid', isPrimary: true, default: 'gen_random_uuid()' },
          { name: 'number', type: 'varchar', length: '20', isUnique: true },
          { name: 'orderId', type: 'int8' },
          { name: 'paid', type: 'bool', default: false },
          { name: 'gross', type: 'decimal', precision: 12, scale: 2, isNullable: true },
        ],
        foreignKeys: [
          {
            name: 'invoice_order',
            columnNames: ['orderId'],
            referencedTableName: 'order',
            referencedColumnNames: ['id'],
            onDelete: 'RESTRICT',
          },
        ],
        indices: [{ name: 'invoice_paid', columnNames: ['paid'] }],
        checks: [{ name: 'invoice_gross', expression: '"gross" > 0' }],
      }),
      true,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('invoice');
  }
}

class Dunning1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn(
      'invoice',
      new TableColumn({ name: 'reminders', type: 'int8', default: 0 }),
    );
    await runner.renameColumn('invoice', 'gross', 'amount');
    await runner.createTable(
      new Table({
        name: 'reminder',
        columns: [
          {
            name: 'id',
            type: 'int8',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'invoiceId', type: 'uuid' },
          { name: 'level', type: 'enum', enum: ['kind', 'firm'], enumName: 'reminder_level' },
        ],
      }),
    );
    await runner.createForeignKey(
      'reminder',
      new TableForeignKey({
        name: 'reminder_invoice',
        columnNames: ['invoiceId'],
        referencedTableName: 'invoice',
        referencedColumnNames: ['id'],
        onDelete: 'CASCADE',
      }),
    );
    await runner.createIndex(
      'reminder',
      new TableIndex({
        name: 'reminder_once',
        columnNames: ['invoiceId', 'level'],
        isUnique: true,
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('reminder');
    await runner.query('DROP TYPE reminder_level');
    await runner.renameColumn('invoice', 'amount', 'gross');
    await runner.dropColumn('invoice', 'reminders');
  }
}

let server: OrmServer;
let source: DataSource;

beforeAll(async () => {
  server = await startOrmServer();
  source = new DataSource({
    type: 'cockroachdb',
    host: server.connection.host,
    port: server.connection.port,
    username: server.connection.user,
    database: server.connection.database,
    entities: [customers, orders, lines, tags],
    migrations: [Invoices1700000000001, Dunning1700000000002],
    migrationsTransactionMode: 'each',
    timeTravelQueries: false,
  });
  await source.initialize();
});
afterAll(async () => {
  if (source?.isInitialized) await source.destroy();
  await server?.stop();
});

describe('schema', () => {
  test('is synchronised from entities, and then found up to date', async () => {
    await source.synchronize();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  test('migrations go up', async () => {
    const ran = await source.runMigrations();
    expect(ran.map(({ name }) => name)).toEqual(['Invoices1700000000001', 'Dunning1700000000002']);
    expect(await source.showMigrations()).toBe(false);
    const runner = source.createQueryRunner();
    const table = await runner.getTable('invoice');
    await runner.release();
    expect(table?.columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['id', 'number', 'orderId', 'paid', 'amount', 'reminders']),
    );
    expect(table?.foreignKeys).toMatchObject([{ name: 'invoice_order', onDelete: 'RESTRICT' }]);
    expect(table?.checks).toMatchObject([{ name: 'invoice_gross' }]);
  });
});

describe('rows', () => {
  test('are saved with what they own', async () => {
    const repository = source.getRepository(customers);
    const saved: Customer[] = await repository.save([
      { name: 'Ada', email: 'ada@example.com', settings: { vat: true }, labels: ['x', 'y'] },
      { name: 'Acme', email: 'acme@example.com', kind: 'company' as const, labels: [] },
    ]);
    const ada = saved[0] as Customer;
    expect(ada).toMatchObject({ kind: 'person', version: 1, deletedAt: null });
    expect(ada.createdAt).toBeInstanceOf(Date);
    const order = await source.getRepository(orders).save({
      customer: ada,
      total: '19.90',
      lines: [
        { position: 1, product: 'pen', amount: 2.5 },
        { position: 2, product: 'ink', amount: 1 },
      ],
      tags: [{ name: 'urgent' }, { name: 'gift' }],
    });
    expect(String(order.id)).toMatch(/^\d+$/);
  });

  test('are found with relations, conditions, order and pages', async () => {
    const found = await source.getRepository(customers).findOneOrFail({
      where: { email: 'ada@example.com', orders: { lines: { amount: MoreThan(2) } } },
      relations: { orders: { lines: true, tags: true } },
    });
    expect(found.labels).toEqual(['x', 'y']);
    expect(found.settings).toEqual({ vat: true });
    expect(found.orders[0]).toMatchObject({
      total: '19.90',
      lines: [{ product: 'pen', amount: 2.5 }],
    });
    expect(found.orders[0]?.tags.map(({ name }) => name).sort()).toEqual(['gift', 'urgent']);
    const [page, count] = await source.getRepository(customers).findAndCount({
      where: { name: In(['Ada', 'Acme', 'nobody']) },
      order: { name: 'DESC' },
      relations: { orders: true },
      take: 1,
    });
    expect([page.map(({ name }) => name), count]).toEqual([['Ada'], 2]);
  });

  test('are grouped by a query builder', async () => {
    const rows = await source
      .getRepository(orders)
      .createQueryBuilder('o')
      .innerJoin('o.customer', 'c')
      .leftJoin('o.lines', 'l')
      .select('c.name', 'name')
      .addSelect('count(l.position)', 'lines')
      .addSelect('max(o.total)', 'total')
      .where('c.settings @> :settings', { settings: { vat: true } })
      .groupBy('c.name')
      .getRawMany();
    expect(rows).toEqual([{ name: 'Ada', lines: '2', total: '19.90' }]);
  });

  test('are updated with their version, soft-deleted, restored and upserted', async () => {
    const repository = source.getRepository(customers);
    const acme = await repository.findOneByOrFail({ name: 'Acme' });
    acme.labels = ['big'];
    await repository.save(acme);
    expect(acme.version).toBe(2);
    await repository.softDelete({ id: acme.id });
    expect(await repository.countBy({ name: 'Acme' })).toBe(0);
    await repository.restore({ id: acme.id });
    expect(await repository.countBy({ name: 'Acme' })).toBe(1);
    await repository.upsert([{ name: 'Acme Ltd', email: 'acme@example.com' }], ['email']);
    expect(await repository.findOneByOrFail({ email: 'acme@example.com' })).toMatchObject({
      name: 'Acme Ltd',
      id: acme.id,
    });
    await repository.increment({ id: acme.id }, 'version', 5);
    await source
      .createQueryBuilder()
      .update(orders)
      .set({ note: 'late' })
      .where('total > 5')
      .execute();
    expect((await source.getRepository(orders).find()).map(({ note }) => note)).toEqual(['late']);
  });

  test('violated constraints are QueryFailedErrors with the SQLSTATE; the transaction is undone', async () => {
    const work = source.transaction(async (manager) => {
      await manager.update(customers, { name: 'Ada' }, { name: 'Countess' });
      await manager.insert(customers, { name: 'Copy', email: 'ada@example.com', labels: [] });
    });
    await expect(work).rejects.toMatchObject({ name: 'QueryFailedError', code: '23505' });
    expect(await source.getRepository(customers).countBy({ name: 'Ada' })).toBe(1);
    const nameless = source.getRepository(customers).insert({ name: '', email: 'e', labels: [] });
    await expect(nameless).rejects.toMatchObject({ code: '23514' });
  });

  test('are locked, and deleted with what hangs on them', async () => {
    await source.transaction(async (manager) => {
      const ada = await manager.findOneOrFail(customers, {
        where: { name: 'Ada' },
        lock: { mode: 'pessimistic_write' },
      });
      await manager.delete(customers, { id: ada.id });
    });
    expect(await source.getRepository(lines).count()).toBe(0);
  });
});

describe('the way back', () => {
  test('migrations go down', async () => {
    await source.undoLastMigration();
    await source.undoLastMigration();
    const left = await server.objects();
    expect(left.filter((name) => /invoice|reminder/.test(name))).toEqual([]);
  });

  test('dropDatabase leaves nothing', async () => {
    await source.dropDatabase();
    expect(await server.objects()).toEqual([]);
  });
});
