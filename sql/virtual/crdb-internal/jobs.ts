import { canSeeJob } from '../../privileges/job-access';
import { systemTable } from '../system-table';
import { JOB_TYPES, jobValues } from './job-values';

/** All jobs that there is a record of, whatever their age, of those that the user may see. */
export const jobs = systemTable({
  schema: 'crdb_internal',
  name: 'jobs',
  volatile: true,
  columns: JOB_TYPES,
  *rows(context) {
    const { engine } = context;
    for (const automatic of [false, true])
      for (const job of engine.jobs.list({ automatic, includeOld: true }))
        if (canSeeJob(context, job)) yield jobValues(job);
  },
});
