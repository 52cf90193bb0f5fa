import type { Choice } from '../assets/choose.ts';
import { AUTOEXEC_NAME, autoexecScript } from './autoexec.ts';
import { GRUB_CONFIG_NAME, grubConfig } from './grub.ts';
import { SCRIPT_NAME } from './plan.ts';
import { bootScript, type ScriptSettings } from './script.ts';

/** The files of images/ that are made from the settings and from what lies there; names as in URLs. */
const MAKERS = {
  [SCRIPT_NAME]: bootScript,
  [AUTOEXEC_NAME]: autoexecScript,
  [GRUB_CONFIG_NAME]: grubConfig,
} as const satisfies Record<string, (settings: ScriptSettings, choice: Choice) => string>;

/** The file as machines get it: ours, or the user's own edition of it. */
export interface ServedText {
  readonly text: string;
  readonly made: 'generated' | 'edited';
}

export type GeneratedName = keyof typeof MAKERS;

export const GENERATED = Object.keys(MAKERS) as readonly GeneratedName[];

export function isGenerated(name: string): name is GeneratedName {
  return Object.hasOwn(MAKERS, name);
}

/** What lies in images/ and is no boot content. */
export const NO_CONTENT: readonly string[] = [...Object.keys(MAKERS), 'README.md'];

/** The text of one of them. */
export function generate(name: GeneratedName, settings: ScriptSettings, choice: Choice): string {
  return MAKERS[name](settings, choice);
}
