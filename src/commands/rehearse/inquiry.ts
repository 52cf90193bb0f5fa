import dgram from 'node:dgram';
import type { Explanation, Supposed } from '../../boot/explanation.ts';
import type { Profile } from '../../config/profile.ts';
import type { Service } from '../../config/resolve.ts';
import { OPEN } from '../../journal/diagnosis/telling.ts';
import { isLocalAddress } from '../../platform/adapters.ts';
import { askControl } from '../../platform/control-client.ts';
import { controlSocket } from '../../platform/control-protocol.ts';
import { healthIn } from '../../platform/health.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../protocol/ipv4.ts';
import type { Obtained } from './dhcp-client.ts';
import { DOCTOR, Trouble } from './trouble.ts';

const ANSWER_MS = 1500;
const REFUSAL_MS = 300;
/** Two bytes that no TFTP server answers, and each leaves be. */
const NO_REQUEST = Uint8Array.of(0, 0);

type Failed = Exclude<Obtained, { kind: 'leased' | 'told' }>;

/** Finds out why a service was not heard: it is asked by its socket in STATE_DIR, past the network. */
export class Inquiry {
  readonly #profile: Profile;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  /** @param mode what has been asked for, as a DISCOVER of that machine. */
  async dhcp(failed: Failed, supposed: Supposed): Promise<Trouble> {
    if (failed.kind === 'nak')
      return new Trouble({
        detail: `the offer was taken back (NAK): ${failed.reason}`,
        remedy: 'See why in its log, and rehearse again',
        command: 'docker compose logs dhcp',
      });
    const { port } = failed;
    const asked = `DHCP on UDP ${port} of this host`;
    const absent = await this.#absent('dhcp', asked);
    if (absent) return absent;
    if (failed.kind === 'refused')
      return new Trouble({
        detail: `dhcp runs and serves its adapter, but ${asked} is refused: another program holds that port on loopback, or a firewall rule rejects it`,
        remedy: `Stop that program, or open UDP ${port} in the firewall of this host`,
        command: `sudo ss -lunp 'sport = :${port}'`,
      });
    const reason = await this.#unanswered(supposed);
    if (reason) return new Trouble(reason);
    return new Trouble({
      detail: `no answer to a ${failed.after}, though dhcp runs and would answer it: a firewall rule on this host drops UDP ${port}`,
      remedy: `Open UDP ${port} in the firewall of this host, in both directions; doctor names the rule`,
      command: DOCTOR,
    });
  }

  /** Another dhcp service has this host's loopback, such as that of a second appliance. */
  stranger(server: Ipv4): Trouble {
    const own = formatIpv4(this.#profile.addresses.dhcp);
    return new Trouble({
      detail: `${formatIpv4(server)} answered, and not ${own}: another DHCP service of this host was there first, and only one can hear what its own host asks`,
      remedy: 'Rehearse with the settings of that one, or stop it for as long as this takes',
      command: "sudo ss -lunp 'sport = :67'",
    });
  }

  async tftp(server: string, file: string): Promise<Trouble> {
    return this.#unheard('tftp', server, `${file} by TFTP from ${server}`, {
      isRefused: await isRefused(server, 69),
      opens: OPEN.tftp,
      port: 'UDP 69',
    });
  }

  async http(server: string, port: number, file: string, refused: boolean): Promise<Trouble> {
    return this.#unheard('http', server, `${file} by HTTP from ${server}:${port}`, {
      isRefused: refused,
      opens: OPEN.http(port),
      port: `TCP ${port}`,
    });
  }

  async #unheard(
    service: 'tftp' | 'http',
    server: string,
    asked: string,
    { isRefused, opens, port }: { isRefused: boolean; opens: string; port: string },
  ): Promise<Trouble> {
    const variable = `ADDRESS_${service.toUpperCase()}`;
    if (!isLocalAddress(parseIpv4(server) ?? 0))
      return new Trouble({
        detail: `no answer to the question for ${asked}: machines are sent there by ${variable}, and it is no address of this host`,
        remedy: `Where another host is to serve, see that it does; else take ${variable} out of .env, or set it to ${formatIpv4(this.#profile.adapter.address)}`,
        command: 'docker compose up -d',
      });
    const absent = await this.#absent(service, asked, isRefused);
    if (absent) return absent;
    if (isRefused)
      return new Trouble({
        detail: `${asked} is refused, though ${service} runs: it does not listen there, or a firewall rule rejects ${port}`,
        remedy: `See on which address it serves (docker compose logs ${service}) and that ${variable} is that one`,
        command: DOCTOR,
      });
    return new Trouble({
      detail: `no answer to the question for ${asked}, though ${service} runs: a firewall rule on this host drops ${port}`,
      remedy: `${opens}; doctor names the rule`,
      command: DOCTOR,
    });
  }

  /**
   * It does not run, or says itself what keeps it.
   *
   * @param heeding whether what it says is why: a service that reads its own files back, past the same firewall, tells of that too.
   */
  async #absent(service: Service, asked: string, heeding = true): Promise<Trouble | undefined> {
    if (!(await this.#runs(service)))
      return new Trouble({
        detail: `no answer to ${asked}: ${service} does not run`,
        remedy: 'Start it',
        command: `docker compose up -d ${service}`,
      });
    const problems = heeding ? await this.#problems(service) : [];
    if (problems.length === 0) return undefined;
    return new Trouble({
      detail: `no answer to ${asked}; ${service} says: ${problems.join('; ')}`,
      remedy: 'Mend what it says',
      command: `docker compose logs ${service}`,
    });
  }

  /** The last of dhcp's own reasons, where it would answer nothing: a sentence of what is wrong, then what to do. */
  async #unanswered(supposed: Supposed): Promise<{ detail: string; remedy?: string } | undefined> {
    const { relay, ...who } = supposed;
    const { status, body } = await askControl({
      file: controlSocket(this.#profile.paths.state, 'dhcp'),
      service: 'dhcp',
      method: 'POST',
      path: '/explain',
      body: { ...who, ...(relay !== undefined && { relay: formatIpv4(relay) }) },
      timeoutMs: ANSWER_MS,
    });
    const { exchanges = [] } = status === 200 ? (body as Partial<Explanation>) : {};
    const silent = exchanges.find(({ reply }) => !reply);
    const last = silent?.trouble ?? silent?.because.at(-1);
    if (last === undefined) return undefined;
    const [detail = '', ...remedy] = last.replace(/\.$/, '').split(/\. (?=[A-Z])/);
    return { detail: lowerFirst(detail), ...(remedy.length > 0 && { remedy: remedy.join('. ') }) };
  }

  /** Any answer will do: its health takes tftp seconds where a firewall is in its own way. */
  async #runs(service: Service): Promise<boolean> {
    const { status } = await askControl({ ...this.#callTo(service), path: '/' });
    return status !== 503;
  }

  async #problems(service: Service): Promise<readonly string[]> {
    const health = healthIn(await askControl({ ...this.#callTo(service), path: '/status' }), service);
    return 'reason' in health ? [] : health.problems;
  }

  #callTo(service: Service) {
    const file = controlSocket(this.#profile.paths.state, service);
    return { file, service, method: 'GET', timeoutMs: ANSWER_MS } as const;
  }
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** Whether the kernel says that nobody listens there; only a connected socket is told. */
async function isRefused(server: string, port: number): Promise<boolean> {
  const socket = dgram.createSocket('udp4');
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), REFUSAL_MS);
      socket.on('error', ({ code }: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        resolve(code === 'ECONNREFUSED');
      });
      socket.connect(port, server, () => socket.send(NO_REQUEST, () => {}));
    });
  } finally {
    socket.close();
  }
}
