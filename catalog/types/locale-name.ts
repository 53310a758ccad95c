/**
 * A locale as CockroachDB prints it, and as it can be read back without quotes: `en_US` for `en-US` and for `en_us`, which
 * name one collation. What is no BCP 47 tag stays as it is.
 */
export function localeName(locale: string): string {
  try {
    const [tag = locale] = Intl.getCanonicalLocales(locale.replaceAll('_', '-'));
    return tag.replaceAll('-', '_');
  } catch {
    return locale;
  }
}
