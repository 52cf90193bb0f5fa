import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../test/lab/net.ts';

const TRUNK = fileURLToPath(new URL('./trunk.py', import.meta.url));

/** Who makes the frames of a VLAN: the kernel, or, where it has no 802.1Q, a program. */
export type Tagging = 'kernel' | 'program';

/** Makes an adapter such as lan0.100, up and with that address, for each VLAN of the host's adapter. */
export async function addVlans(
  host: Host,
  trunk: string,
  vlans: Readonly<Record<number, string>>,
): Promise<Tagging> {
  const ids = Object.keys(vlans).map(Number);
  const nameOf = (id: number) => `${trunk}.${id}`;
  const made = ids.map((id) => {
    const link = ['link', 'add', 'link', trunk, 'name', nameOf(id), 'type', 'vlan', 'id', String(id)];
    try {
      host.ip(...link);
      return true;
    } catch {
      return false;
    }
  });
  const tagging = made.every(Boolean) ? 'kernel' : 'program';
  if (tagging === 'program') {
    const args = [TRUNK, trunk, ...ids.map((id) => `${id}=${nameOf(id)}`)];
    const running = host.spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(running.stdout!, 'data');
  }
  for (const [id, address] of Object.entries(vlans)) {
    host.address(nameOf(Number(id)), address);
    host.ip('link', 'set', nameOf(Number(id)), 'up');
  }
  return tagging;
}
