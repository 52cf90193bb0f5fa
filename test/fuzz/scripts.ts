import assert from 'node:assert/strict';
import { grubConfig } from '../../src/boot/grub.ts';
import { bootScript } from '../../src/boot/script.ts';
import { splitArguments } from '../../src/protocol/ipxe/command.ts';
import { readLine, readLines } from '../../src/protocol/ipxe/line.ts';
import { besideScript } from '../../src/protocol/ipxe/url.ts';
import { readLine as readGrub } from '../protocol/grub/model.ts';
import { ready, settings } from '../script/choices.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target, Trial } from './target.ts';

/** What means something to iPXE, to GRUB, to a shell or to a screen. */
const PIECES = [
  '||', '&&', ';', '#', ' ', '\n', '\r\n', '\0', '\\', '"', "'", '`', '$', '${net0/mac}', '$(', '{', '}', '<', '>', '|', '&',
  'goto', ':failed', '\nboot\n', '#!ipxe', 'initrd=x', '--', '-', '%2f', '../', 'ä', '\u2028', '\u001b[2J', '\ud800', 'vmlinuz', 'a b',
]; // biome-ignore format: a table

/** Parts of an input: the kernel's name, the command line, why nothing boots, then initrds. */
const END = 0x1e;

/**
 * Scripts that are made of what an operator or a file's name says. However that is written, iPXE reads the same commands in the same
 * order, with just that as arguments; GRUB the same.
 */
class Scripts implements Trial {
  readonly seeds = [text('vmlinuz', 'console=ttyS0 quiet', 'there is no kernel', 'initrd.img')];
  readonly #commands = new Map<number, string[]>();
  readonly #grub = new Map<number, number>();

  make(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
    if (random.once(4)) return mutate(random.pick(corpus), random, random.pick(corpus)).subarray(0, 400);
    const part = () => Array.from({ length: 1 + random.int(6) }, () => random.pick(PIECES)).join('');
    return text(part(), part(), part(), ...Array.from({ length: random.int(3) }, part));
  }

  feed(input: Uint8Array): string {
    const parts = Buffer.from(input).toString('utf8').split(String.fromCharCode(END));
    const [kernel = '', cmdline = '', reason = '', ...more] = parts.map((part) => part.toWellFormed());
    const initrds = more.slice(0, 4).map((name) => name || 'x');
    // Three scripts cost three times as much: which of them is left to chance.
    const make = [this.#ipxe, this.#grubConfig, this.#ipxe, () => this.#waiting(reason || 'x')][
      input.length % 4
    ]!;
    make.call(this, kernel || 'x', cmdline, initrds);
    return `${initrds.length} ${splitArguments(cmdline).length > 3} ${kernel.length > 20}`;
  }

  #ipxe(kernel: string, cmdline: string, initrds: readonly string[]): void {
    const script = bootScript(settings(cmdline), ready(kernel, ...initrds));
    const lines = readLines(script).map(({ text }) => readLine(text));
    const names = lines.map((commands) => commands.map(({ words, next }) => `${words[0]} ${next}`).join(' '));
    const plain = this.#commands.get(initrds.length) ?? namesOf(initrds.length);
    this.#commands.set(initrds.length, plain);
    assert.deepEqual(names, plain, 'the same commands, whatever their arguments are');
    const loads = lines.flat().filter(({ words }) => words[0] === 'kernel');
    const own = splitArguments(cmdline).some((argument) => argument.startsWith('initrd='));
    const [, url, ...given] = loads[0]!.words.map((word) => word.replaceAll('${remoteboot-nothing}', ''));
    assert.equal(url, besideScript(kernel));
    assert.deepEqual(given.slice(own ? 0 : initrds.length), splitArguments(cmdline));
  }

  #grubConfig(kernel: string, cmdline: string, initrds: readonly string[]): void {
    const config = grubConfig(settings(cmdline), ready(kernel, ...initrds));
    const lines = config.split('\n').map((line) => readGrub(line).length > 0);
    assert.ok(lines.length > 10);
    const loads = config.split('\n').filter((line) => /^ *if linux /.test(line));
    assert.equal(loads.length, 1, 'one kernel is loaded');
    const plain =
      this.#grub.get(initrds.length) ??
      commandsOf(grubConfig(settings(''), ready('k', ...Array(initrds.length).fill('i'))));
    this.#grub.set(initrds.length, plain);
    // Some arguments are set before the kernel is loaded.
    assert.ok(commandsOf(config) >= plain);
  }

  #waiting(reason: string): void {
    const choice = { ready: false, reason, remedy: reason } as const;
    for (const line of readLines(bootScript(settings(), choice))) {
      const [first] = readLine(line.text)[0]!.words;
      assert.ok(first === undefined || SAYS.test(first), `${first} in a script that waits`);
    }
    for (const line of grubConfig(settings(), choice).split('\n')) readGrub(line);
  }
}

const SAYS = /^(#!ipxe|imgfree|iseq|set|echo|:wait|sleep|chain)$/;

function namesOf(count: number): string[] {
  const script = bootScript(
    settings(),
    ready('k', ...Array.from({ length: count }, (_, index) => `i${index}`)),
  );
  return readLines(script).map(({ text }) =>
    readLine(text)
      .map(({ words, next }) => `${words[0]} ${next}`)
      .join(' '),
  );
}

/** How many separate commands GRUB sees. */
function commandsOf(config: string): number {
  return config
    .split('\n')
    .reduce((sum, line) => sum + 1 + readGrub(line).filter((token) => 'end' in token).length, 0);
}

function text(...parts: readonly string[]): Uint8Array {
  return Buffer.from(parts.join(String.fromCharCode(END)));
}

export const scripts: Target = { name: 'scripts', begin: () => new Scripts() };
