import { SqlError } from '../../base/errors';
import { type Actor, hasOption, isAdmin, requireOption } from './access';

/** Jobs are their user's and the admins'; CONTROLJOB opens all jobs that are not an admin's. */

export function canSeeJob(actor: Actor, job: { readonly user: string }): boolean {
  if (isAdmin(actor) || job.user === actor.user) return true;
  return !actor.catalog.roles.isAdmin(job.user) && hasOption(actor, 'CONTROLJOB');
}

/** @throws SqlError insufficientPrivilege (42501) */
export function requireJobControl(actor: Actor): void {
  if (!isAdmin(actor)) requireOption(actor, 'CONTROLJOB');
}

/** @throws SqlError insufficientPrivilege (42501) */
export function requireJob(actor: Actor, job: { readonly user: string }): void {
  if (isAdmin(actor) || !actor.catalog.roles.isAdmin(job.user)) return;
  throw new SqlError('insufficientPrivilege', 'only admins can control jobs owned by other admins');
}
