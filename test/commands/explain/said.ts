import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { BootChain } from '../../../src/boot/chain.ts';
import { run } from '../../../src/commands/explain/command.ts';
import { usableSettings } from '../../../src/config/settings.ts';
import type { Folder } from '../../assets/folder.ts';

/** What the command said where no service runs; its folders lie in `folder`. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export async function said(
  folder: Folder,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Said> {
  const [out, err] = [new Text(), new Text()];
  const paths = {
    images: folder.at('images'),
    state: folder.at('state'),
    loaders: folder.at('loaders'),
    run: folder.at('state'),
  };
  for (const path of Object.values(paths)) mkdirSync(path, { recursive: true });
  const { settings, problems } = usableSettings(environment);
  const stopSignal = () => new AbortController().signal;
  const status = await run({ args, settings, problems, paths, environment, stopSignal, out, err });
  return { status, out: out.written, err: err.written };
}

/** The boots in its JSON, by kind; '' where there is one alone. */
export function bootsIn({ out }: Said): Map<string, BootChain> {
  const { boots } = JSON.parse(out) as { boots: { kind?: string; chain: BootChain }[] };
  return new Map(boots.map(({ kind = '', chain }) => [kind, chain]));
}

class Text extends Writable {
  written = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString();
    done();
  }
}

export const inImages = (name: string) => join('images', name);
