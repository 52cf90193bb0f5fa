import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { iptablesTables } from './iptables.ts';
import { hasIptables, nftTables } from './nft.ts';
import type { Table } from './rules.ts';

/** The packet filters of this host. */
export interface Filters {
  readonly tables: readonly Table[];
  /** What could not be looked at, and what lets it be. */
  readonly unseen: readonly { readonly what: string; readonly reason: string; readonly remedy: string }[];
}

const FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin'];
const PATIENCE_MS = 3000;
const LARGEST_OUTPUT = 64 << 20;

/** Asks nft and, where there are rules of iptables, that. Never rejects. */
export async function readFilters(adapter: string): Promise<Filters> {
  const tables: Table[] = [];
  const unseen: Filters['unseen'][number][] = [];
  const attempt = async (what: string, use: () => Promise<readonly Table[]>) => {
    try {
      tables.push(...(await use()));
    } catch (error) {
      unseen.push({ what, reason: reasonOf(error), remedy: remedyFor(what) });
    }
  };
  await attempt('nft', async () => {
    const json = await output('nft', ['-j', '-s', 'list', 'ruleset']);
    if (hasIptables(json))
      await attempt('iptables', async () =>
        iptablesTables(await output('iptables-nft-save', []), 'iptables'),
      );
    return nftTables(json, await output('nft', ['-a', '-s', 'list', 'ruleset']), adapter);
  });
  for (const table of legacyTables()) {
    await attempt('iptables-legacy', async () =>
      iptablesTables(await output('iptables-legacy-save', ['-t', table]), 'iptables-legacy'),
    );
  }
  return { tables, unseen };
}

/** Tables of the older iptables that are in use: asking for another one would make it. */
function legacyTables(): string[] {
  const wanted = ['raw', 'mangle', 'filter'];
  // In a container only the list of modules can be read.
  const names = read('/proc/net/ip_tables_names').split('\n');
  const modules = read('/proc/modules');
  return wanted.filter((table) => names.includes(table) || modules.includes(`iptable_${table} `));
}

function output(program: string, args: readonly string[]): Promise<string> {
  const found = FOLDERS.map((folder) => `${folder}/${program}`).find((file) => existsSync(file));
  return new Promise((resolve, reject) => {
    if (!found) return reject(new Error(`there is no program ${program} here`));
    const options = { timeout: PATIENCE_MS, maxBuffer: LARGEST_OUTPUT, killSignal: 'SIGKILL' } as const;
    execFile(found, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim().split('\n')[0] || error.message));
      else resolve(stdout);
    });
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function remedyFor(what: string): string {
  const names = { nft: 'nftables' }[what] ?? 'iptables';
  return `run the doctor as root with the package ${names} installed, or in the dhcp container, which has both: docker compose run --rm dhcp doctor`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
