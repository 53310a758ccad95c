import { DataTypes, type ModelStatic, Op, type QueryInterface, type Sequelize } from 'sequelize';
import { type AnyModel, openSequelize } from './sequelize-cockroachdb';
import { type OrmServer, startOrmServer } from './support';

/** Sequelize with sequelize-cockroachdb: migrations through its query interface up and down, then models. */

const migrations: readonly {
  up(q: QueryInterface): Promise<void>;
  down(q: QueryInterface): Promise<void>;
}[] = [
  {
    async up(q) {
      await q.createTable('teams', {
        id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
        name: { type: DataTypes.STRING(60), allowNull: false, unique: true },
        createdAt: { type: DataTypes.DATE, allowNull: false },
        updatedAt: { type: DataTypes.DATE, allowNull: false },
      });
      await q.createTable('players', {
        id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
        teamId: {
          type: DataTypes.UUID,
          allowNull: false,
          references: { model: 'teams', key: 'id' },
          onDelete: 'CASCADE',
          onUpdate: 'CASCADE',
        },
        nick: { type: DataTypes.STRING, allowNull: false },
        position: {
          type: DataTypes.ENUM('goal', 'field'),
          allowNull: false,
          defaultValue: 'field',
        },
        salary: { type: DataTypes.DECIMAL(10, 2), allowNull: true },
        profile: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
        joined: { type: DataTypes.DATEONLY, allowNull: true },
        createdAt: { type: DataTypes.DATE, allowNull: false },
        updatedAt: { type: DataTypes.DATE, allowNull: false },
        deletedAt: { type: DataTypes.DATE, allowNull: true },
      });
      await q.addIndex('players', ['teamId', 'nick'], { unique: true, name: 'players_nick' });
    },
    async down(q) {
      await q.dropTable('players', {});
      await q.dropTable('teams', {});
      await q.sequelize.query('DROP TYPE IF EXISTS "enum_players_position"');
    },
  },
  {
    async up(q) {
      await q.addColumn('players', 'number', { type: DataTypes.INTEGER, allowNull: true });
      await q.addColumn('teams', 'founded', {
        type: DataTypes.INTEGER,
        allowNull: false,
        defaultValue: 1900,
      });
      await q.renameColumn('players', 'joined', 'since');
      await q.changeColumn('players', 'salary', {
        type: DataTypes.DECIMAL(10, 2),
        allowNull: false,
        defaultValue: 0,
      });
      await q.addConstraint('players', {
        type: 'check',
        fields: ['number'],
        name: 'players_number',
        where: { number: { [Op.gt]: 0 } },
      });
    },
    async down(q) {
      await q.removeConstraint('players', 'players_number');
      await q.renameColumn('players', 'since', 'joined');
      await q.removeColumn('teams', 'founded');
      await q.removeColumn('players', 'number');
    },
  },
];

let server: OrmServer;
let db: Sequelize;
let Team: ModelStatic<AnyModel>;
let Player: ModelStatic<AnyModel>;

beforeAll(async () => {
  server = await startOrmServer();
  db = openSequelize(server.connection);
});
afterAll(async () => {
  await db?.close();
  await server?.stop();
});

test('migrations go up', async () => {
  for (const { up } of migrations) await up(db.getQueryInterface());
  const players = await db.getQueryInterface().describeTable('players');
  expect(Object.keys(players)).toEqual(
    expect.arrayContaining(['id', 'teamId', 'nick', 'position', 'salary', 'since', 'number']),
  );
  expect(players['nick']).toMatchObject({ allowNull: false });
  const indexes = (await db.getQueryInterface().showIndex('players')) as { name: string }[];
  expect(indexes.map(({ name }) => name)).toContain('players_nick');
});

describe('models', () => {
  beforeAll(() => {
    Team = db.define<AnyModel>(
      'Team',
      {
        id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
        name: { type: DataTypes.STRING(60), allowNull: false },
        founded: DataTypes.INTEGER,
      },
      { tableName: 'teams' },
    );
    Player = db.define<AnyModel>(
      'Player',
      {
        id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
        nick: DataTypes.STRING,
        position: DataTypes.ENUM('goal', 'field'),
        salary: DataTypes.DECIMAL(10, 2),
        profile: DataTypes.JSONB,
        since: DataTypes.DATEONLY,
        number: DataTypes.INTEGER,
      },
      { tableName: 'players', paranoid: true },
    );
    Team.hasMany(Player, { foreignKey: 'teamId', as: 'players' });
    Player.belongsTo(Team, { foreignKey: 'teamId', as: 'team' });
  });

  test('are created, with children and in bulk', async () => {
    const team = await Team.create(
      {
        name: 'Reds',
        players: [
          {
            nick: 'ann',
            position: 'goal',
            salary: '10.50',
            profile: { feet: 'left' },
            since: '2020-02-29',
          },
          { nick: 'bea', number: 7 },
        ],
      },
      { include: [{ model: Player, as: 'players' }] },
    );
    expect(team.get('id')).toMatch(/^[0-9a-f-]{36}$/);
    await Team.bulkCreate([
      { name: 'Blues', founded: 1950 },
      { name: 'Greens', founded: 1960 },
    ]);
    expect(await Team.count()).toBe(3);
    const [again, created] = await Team.findOrCreate({ where: { name: 'Blues' } });
    expect([again.get('founded'), created]).toEqual([1950, false]);
  });

  test('are found with conditions, JSON paths, includes and pages', async () => {
    const { rows, count } = await Player.findAndCountAll({
      where: { [Op.or]: [{ number: { [Op.gte]: 7 } }, { 'profile.feet': 'left' }] },
      include: [{ model: Team, as: 'team', where: { name: { [Op.like]: 'R%' } }, required: true }],
      order: [['nick', 'DESC']],
      limit: 1,
    });
    expect(count).toBe(2);
    expect(rows.map((row) => row.get('nick'))).toEqual(['bea']);
    const reds = await Team.findOne({
      where: { name: 'Reds' },
      include: [{ model: Player, as: 'players', separate: true, order: ['nick'] }],
    });
    const players = (reds?.get('players') ?? []) as AnyModel[];
    expect(players.map((player) => player.get('since'))).toEqual(['2020-02-29', null]);
  });

  test('are aggregated', async () => {
    const rows = await Player.findAll({
      attributes: [
        'teamId',
        [db.fn('COUNT', db.col('id')), 'n'],
        [db.fn('SUM', db.col('salary')), 'pay'],
      ],
      group: ['teamId'],
      having: db.where(db.fn('COUNT', db.col('id')), Op.gt, 1),
      raw: true,
    });
    expect(rows).toMatchObject([{ n: 2, pay: '10.50' }]);
    expect(await Player.max('salary')).toBe(10.5);
  });

  test('are updated, upserted, deleted softly and restored', async () => {
    const [changed] = await Player.update({ number: 9 }, { where: { nick: 'ann' } });
    expect(changed).toBe(1);
    await Player.increment('number', { by: 2, where: { nick: 'ann' } });
    const ann = await Player.findOne({ where: { nick: 'ann' } });
    expect(ann?.get('number')).toBe(11);
    await ann?.destroy();
    expect(await Player.count()).toBe(1);
    await ann?.restore();
    expect(await Player.count()).toBe(2);
  });

  test('transactions are undone as a whole; violated constraints have their class', async () => {
    const work = db.transaction(async (transaction) => {
      await Team.update({ name: 'Purples' }, { where: { name: 'Reds' }, transaction });
      await Team.create({ name: 'Blues' }, { transaction });
    });
    await expect(work).rejects.toMatchObject({ name: 'SequelizeUniqueConstraintError' });
    expect(await Team.count({ where: { name: 'Reds' } })).toBe(1);
    const orphan = Player.create({ nick: 'x', teamId: '00000000-0000-0000-0000-000000000000' });
    await expect(orphan).rejects.toMatchObject({ name: 'SequelizeForeignKeyConstraintError' });
    await expect(Player.update({ number: -1 }, { where: { nick: 'bea' } })).rejects.toMatchObject({
      original: { code: '23514' },
    });
    await db.transaction(async (transaction) => {
      const team = await Team.findOne({ where: { name: 'Reds' }, lock: true, transaction });
      await team?.update({ founded: 1899 }, { transaction });
    });
    expect((await Team.findOne({ where: { name: 'Reds' } }))?.get('founded')).toBe(1899);
  });

  test('deleting a team deletes its players', async () => {
    await Team.destroy({ where: { name: 'Reds' } });
    expect(await Player.count({ paranoid: false })).toBe(0);
  });
});

test('migrations go down and leave nothing', async () => {
  for (const { down } of migrations.toReversed()) await down(db.getQueryInterface());
  expect(await server.objects()).toEqual([]);
});
