/** busybox's arguments for a udhcpc that asks so many times, a second apart, for one lease, runs `script` with it, and ends. */
export function udhcpcOnce(adapter: string, script: string, tries = 3): string[] {
  return ['udhcpc', '-i', adapter, '-n', '-q', '-f', '-t', String(tries), '-T', '1', '-s', script];
}
