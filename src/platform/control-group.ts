import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Where systems mount version 2, whose numbers these are; those of version 1 beside it mean something else. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
const ONLY_VERSION_2 = 'cgroup.controllers';
/** A host with thousands of containers is not searched to its end. */
const MOST_FOLDERS = 5000;

/** What a control group stands for, by its path: `/system.slice/dnsmasq.service`. */
export type Unit =
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'container'; readonly id: string };

/** The path of a process's control group; undefined where it cannot be seen. */
export function groupOfProcess(pid: number): string | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .split('\n')
      .find((one) => one.startsWith('0::'));
    return line?.slice('0::'.length);
  } catch {
    return undefined;
  }
}

/** The path of a control group by its number, which is its folder's inode; undefined where it cannot be seen, as from most containers. */
export function groupOfId(id: bigint): string | undefined {
  for (const root of ROOTS.filter((one) => existsSync(path.join(one, ONLY_VERSION_2)))) {
    const queue = [''];
    for (let at = 0; at < queue.length && at < MOST_FOLDERS; at++) {
      const folder = queue[at]!;
      const seen = statSync(path.join(root, folder), { bigint: true, throwIfNoEntry: false });
      if (seen?.ino === id) return folder || '/';
      queue.push(...foldersIn(path.join(root, folder)).map((name) => `${folder}/${name}`));
    }
  }
  return undefined;
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The systemd service or the container that a control group belongs to; the innermost one. */
export function unitOf(group: string): Unit | undefined {
  for (const part of group.split('/').reverse()) {
    const id = /^(?:docker-|libpod-|cri-containerd-)?([0-9a-f]{64})(?:\.scope)?$/.exec(part)?.[1];
    if (id) return { kind: 'container', id: id.slice(0, 12) };
    if (part.endsWith('.service')) return { kind: 'service', name: part };
  }
  return undefined;
}
