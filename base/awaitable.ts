/**
 * A value that is there or is waited for. What nearly always is there is given as it is: a promise for each step of each small
 * statement costs more than the statement.
 */
export type Awaitable<T> = T | Promise<T>;

/** `next` with the value, at once when it is there. */
export function after<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** `work`, and `failed` with its error, whenever that comes. */
export function caught<T>(
  work: () => Awaitable<T>,
  failed: (error: unknown) => Awaitable<T>,
): Awaitable<T> {
  try {
    const given = work();
    return given instanceof Promise ? given.catch(failed) : given;
  } catch (error) {
    return failed(error);
  }
}
