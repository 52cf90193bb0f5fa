import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Site } from '../contract.ts';
import { missing, version } from './debian.ts';
import { type Program, serverFolder, startPrograms } from './program.ts';

export const NGINX = { file: '/usr/sbin/nginx', package: 'nginx-light' };

/** What /etc/nginx/nginx.conf of Debian says, without what concerns TLS and compression of text. */
const configuration = (folder: string, images: string) => `
user root;
worker_processes 1;
daemon off;
pid ${join(folder, 'pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 4096; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server { listen 80; root ${images}; }
}
`;

/** How nginx serves the site's files. */
export function nginxProgram(folder: string, site: Site): Program {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, site.images));
  return {
    file: NGINX.file,
    args: ['-c', file, '-p', folder, '-e', join(folder, 'error.log')],
    listens: ['tcp 80'],
  };
}

export const nginx: Contender = {
  name: 'nginx',
  serves: ['http'],
  settings:
    "Debian's nginx.conf (sendfile, tcp_nopush) with access_log off, one worker for the one core, and worker_connections raised from 768 to 4,096 for a storm of 1,000 machines",
  missing: () => missing(NGINX),
  version: () => version(NGINX),
  async start(field, site) {
    const folder = serverFolder('nginx');
    return startPrograms(field, folder, [nginxProgram(folder, site)]);
  },
};
