import type { Found } from './choose.ts';

/** The kernel and initrd that the demo puts into images/. They go together, and give way to a kernel of the user's. */
export const DEMO_SYSTEM = { kernel: 'demo-vmlinuz', initrd: 'demo-initrd.img' } as const;

const NAMES: readonly string[] = Object.values(DEMO_SYSTEM);

export function isOfDemo(name: string): boolean {
  return NAMES.includes(name);
}

/** The files without the demo's; the demo's where there are no others. */
export function withoutDemo<T extends Found>(files: readonly T[]): readonly T[] {
  const others = files.filter(({ name }) => !isOfDemo(name));
  return others.length > 0 ? others : files;
}
