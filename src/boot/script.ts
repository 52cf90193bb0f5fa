import type { Choice } from '../assets/choose.ts';
import type { Profile } from '../config/profile.ts';
import { command, orElse, splitArguments } from '../protocol/ipxe/command.ts';
import { printable, say } from '../protocol/ipxe/screen.ts';
import { authority, besideScript, fileUrl, type HttpServer, imageName } from '../protocol/ipxe/url.ts';
import { SCRIPT_NAME } from './plan.ts';
import { ABOUT, withMark } from './script-mark.ts';
import { LOOK_AGAIN, waitingText } from './waiting.ts';

/** What of the configuration goes into the script. */
export type ScriptSettings = Pick<Profile, 'addresses' | 'httpPort' | 'boot'>;

/**
 * The text of infrakit.ipxe: boots what was chosen, or says on the machine's screen what is missing and looks again.
 * Only commands that BIOS builds of 2012 have; the machine never drops out of it into its firmware by itself. Files are named as
 * lying beside the script, which serves builds without HTTP too: what came by TFTP loads the rest by TFTP.
 */
export function bootScript(settings: ScriptSettings, choice: Choice): string {
  const server: HttpServer = { address: settings.addresses.http, port: settings.httpPort };
  const body = choice.ready
    ? boot(server, choice.kernel, choice.initrds, settings.boot.cmdline)
    : explain(server, choice);
  return withMark(`${['#!ipxe', ...ABOUT, ...body].join('\n')}\n`);
}

/** Settings of iPXE that this script uses for itself. */
const STEP = 'remoteboot-step';
const SHOWN = 'remoteboot-shown';

const DROP_ALL_IMAGES = orElse(command('imgfree'));

/** Ctrl-C ends the pause and opens the shell; leaving the shell goes on. */
const pause = (seconds: number) => `${command('sleep', `${seconds}`)} || shell ||`;

function boot(server: HttpServer, kernel: string, initrds: readonly string[], cmdline: string): string[] {
  const files = withImageNames(initrds);
  const own = splitArguments(cmdline).some((argument) => argument.startsWith('initrd='));
  // UEFI kernels find their initrds by these names; BIOS kernels ignore them.
  const names = own ? [] : files.map(({ image }) => `initrd=${image}`);
  const kernelUrl = besideScript(kernel);
  return [
    '',
    // An image left from an earlier try would be handed to the kernel as one more initrd.
    DROP_ALL_IMAGES,
    ...attempt(`fetch ${printable(kernel)}`, command('kernel', kernelUrl, ...names, cmdline)),
    ...files.flatMap(({ name, image }) => {
      return attempt(`fetch ${printable(name)}`, command('initrd', '--name', image, besideScript(name)));
    }),
    ...attempt('start the kernel', command('boot')),
    '',
    ':failed',
    'echo',
    command('echo', `remoteboot: this machine could not \${${STEP}}`),
    // Old builds do not know the last setting, where this script came from, and show nothing for it.
    command('echo', 'Error ${errno}, machine ${netX/mac} ${ip}, server', authority(server), '${cwuri}'),
    ...say(
      'Does the http service run there (docker compose ps), what does it say (docker compose logs http), ' +
        'and does a firewall let its port through?',
    ),
    ...say('Next try in 10 seconds. Ctrl-C opens the iPXE shell, exit there tries again.'),
    pause(10),
    ...again(server, 'failed'),
  ];
}

/** Each initrd with the name that iPXE and the kernel shall know it by; no two alike. */
function withImageNames(initrds: readonly string[]): { name: string; image: string }[] {
  const taken: string[] = [];
  return initrds.map((name) => {
    const image = imageName(name, taken);
    taken.push(image);
    return { name, image };
  });
}

/** The command, with its name kept for the screen where it fails. */
function attempt(step: string, line: string): string[] {
  return [command('set', STEP, step), orElse(line, 'goto failed')];
}

/**
 * Loads the script anew, so that what changed on the server shows; `--replace` keeps this one off the stack. By its absolute URL first:
 * old builds do not keep where a script came from that was named by a relative one.
 */
function again(server: HttpServer, label: string): string[] {
  const url = fileUrl(server, SCRIPT_NAME);
  const fetch = [url, besideScript(SCRIPT_NAME)].map((from) => command('chain', '--replace', from));
  return [command('set', STEP, `fetch ${url}`), orElse(fetch.join(' || '), `goto ${label}`)];
}

function explain(server: HttpServer, choice: Choice & { ready: false }): string[] {
  const { paragraphs, version } = waitingText(server.address, choice, 'Ctrl-C opens the iPXE shell');
  return [
    '',
    DROP_ALL_IMAGES,
    `${command('iseq', `\${${SHOWN}}`, version)} && goto wait ||`,
    command('set', SHOWN, version),
    ...paragraphs.flatMap(say),
    '',
    ':wait',
    pause(LOOK_AGAIN),
    ...again(server, 'wait'),
  ];
}
