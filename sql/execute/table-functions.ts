import type { Connection } from '../../storage/ranges/connection';

/** Set-returning functions as SQLite's table-valued functions. */
export function registerTableFunctions(_db: Connection): void {}
