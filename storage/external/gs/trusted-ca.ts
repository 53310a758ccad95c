import type * as Tls from 'node:tls';

/**
 * The operator's CA for clients that take no agent, as Google's. It is trusted, beside the usual authorities, by every connection of this
 * thread that does not name its own: a thread of object storages has no others. Undo when: Node.js 22.19 is required, which has
 * `tls.setDefaultCACertificates`.
 */

/** As Node.js makes it. Not `import`ed: what is imported can't be replaced. */
const tls = require('node:tls') as { createSecureContext: typeof Tls.createSecureContext };

let trusted = '';
let isInstalled = false;

/** @param customCa PEM; empty: none beside the usual ones. It is the same for all storages of a server. */
export function trustInThread(customCa: string): void {
  trusted = customCa;
  if (customCa === '' || isInstalled) return;
  isInstalled = true;
  const { createSecureContext } = tls;
  tls.createSecureContext = (options) => {
    const made = createSecureContext(options);
    if (trusted !== '' && options?.ca === undefined) {
      (made.context as { addCACert(pem: string): void }).addCACert(trusted);
    }
    return made;
  };
}
