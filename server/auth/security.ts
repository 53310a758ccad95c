import type { TlsUpgrader } from './tls';

/** Whom the server asks who they are. */
export type Security =
  /** Nobody, and there is no TLS. */
  | { readonly kind: 'insecure' }
  | {
      readonly kind: 'secure';
      readonly tls: TlsUpgrader;
      /** Clients without TLS may log in with a password. */
      readonly acceptsPlain: boolean;
    };

export const INSECURE: Security = { kind: 'insecure' };
