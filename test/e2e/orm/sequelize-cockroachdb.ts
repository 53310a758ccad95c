import type { Model, Options, Sequelize } from 'sequelize';
import type { OrmServer } from './support';

export type AnyModel = Model<Record<string, unknown>, Record<string, unknown>>;

/** sequelize-cockroachdb patches Sequelize and has no types of its own. */
const { Sequelize: CockroachSequelize } = require('sequelize-cockroachdb') as {
  readonly Sequelize: new (options: Options) => Sequelize;
};

export function openSequelize(connection: OrmServer['connection']): Sequelize {
  return new CockroachSequelize({
    dialect: 'postgres',
    host: connection.host,
    port: connection.port,
    username: connection.user,
    database: connection.database,
    logging: false,
    dialectOptions: { cockroachdbTelemetryDisabled: true },
  } as Options);
}
