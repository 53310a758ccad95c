import { notSupported } from '../../base/errors';
import type { RangeFunction } from '../parse/pg-tree';
import type { Binder } from './binder';
import type { FromItem } from './expr';
import type { Scope, ScopeColumn } from './scope';

/** Set-returning functions in FROM. */
export function bindFunctionFrom(
  _binder: Binder,
  _node: RangeFunction,
  _outer: Scope,
): { readonly item: FromItem; readonly columns: readonly ScopeColumn[] } {
  throw notSupported('functions in FROM');
}
