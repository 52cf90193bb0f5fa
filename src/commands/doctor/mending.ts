/** Commands for the operator's shell, in the folder of compose.yaml. */

/** A word as a shell takes it as it is. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Puts a line `NAME=value` into .env, in the place of one that is there, and has the services take it. */
export function intoEnv(line: string): string {
  const name = line.slice(0, line.indexOf('='));
  return `touch .env && sed -i '/^${name}=/d' .env && echo ${quoted(line)} >> .env && docker compose up -d`;
}

/** Starts what does not run, and anew what runs with other settings. */
export const UP = 'docker compose up -d';

/** Where compose.yaml mounts them. */
const MOUNTED = { images: '/images', state: '/state' } as const;

/** The folder as the host knows it: inside a container it has another name. */
export function hostFolder(name: 'images' | 'state', folder: string): string {
  if (folder !== MOUNTED[name]) return folder;
  return name === 'images' ? 'images' : '/var/lib/docker/volumes/remoteboot_state/_data';
}
