import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../ootheca-process';
import { type StorageServer, startProgram, stopProgram } from './storage-server';

const NGINX = '/usr/sbin/nginx';

export const hasNginx = spawnSync(NGINX, ['-v']).status === 0;

/** nginx with WebDAV, from Debian: GET with ranges, PUT and DELETE. */
export async function startNginx(): Promise<StorageServer & { readonly directory: string }> {
  const directory = temporaryDirectory();
  const files = join(directory.path, 'files');
  for (const each of [files, join(directory.path, 'temp')]) mkdirSync(each);
  const port = await freePort();
  const configuration = join(directory.path, 'nginx.conf');
  writeFileSync(configuration, configurationOf(directory.path, files, port));
  const { child } = await startProgram(
    NGINX,
    ['-p', directory.path, '-c', configuration],
    /using the "epoll" event method/,
  );
  const address = `127.0.0.1:${port}`;
  const uri = (path: string, through = address, params = {}): string => {
    const search = new URLSearchParams(params).toString();
    return `http://${through}/${path}${search === '' ? '' : `?${search}`}`;
  };
  return {
    address,
    directory: files,
    uri,
    missingBucketUri: (path) => uri(`nosuch/${path}`),
    async stop() {
      await stopProgram(child);
      directory.remove();
    },
  };
}

function configurationOf(directory: string, files: string, port: number): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${directory}/temp/${name};`)
    .join(' ');
  // One process: what is killed is all there is.
  return `daemon off; master_process off; worker_processes 1; pid ${directory}/nginx.pid;
error_log stderr notice;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http {
  access_log off; ${paths} client_max_body_size 0;
  server {
    listen 127.0.0.1:${port};
    root ${files};
    location / { dav_methods PUT DELETE; create_full_put_path on; }
    location /once/ { return 302 /c/$uri; }
    location /loop/ { return 302 /loop/; }
    location /longer/ { return 302 $request_uri/x; }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
