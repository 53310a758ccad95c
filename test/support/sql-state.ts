/** For `toThrow`: an error with this SQLSTATE whose message matches. */
export function sqlState(sqlstate: string, message: RegExp | string): Error {
  const matching =
    typeof message === 'string' ? message : (expect.stringMatching(message) as string);
  return expect.objectContaining({ sqlstate, message: matching }) as Error;
}
