import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from '../../base/turns';

test('work of one key does not overlap, and goes on after a failure', async () => {
  const turns = new Turns();
  const events: string[] = [];
  const work = (key: string, name: string, fails = false) =>
    turns.take(key, async () => {
      events.push(`${name} begins`);
      await sleep(1);
      events.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const answers = await Promise.allSettled([
    work('a', 'first', true),
    work('a', 'second'),
    work('b', 'other'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  const ofA = events.filter((event) => !event.startsWith('other'));
  expect(ofA).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(events.indexOf('other begins')).toBeLessThan(events.indexOf('first ends'));
});
