import type { Measurement, Player, Sample } from './contract.ts';

/** What every run of every contender gave, by name, in the order of the rounds; null where it failed. */
export interface Runs<T> {
  readonly results: Readonly<Record<string, readonly (T | null)[]>>;
  readonly remarks: readonly string[];
  readonly wrong: readonly string[];
}

/**
 * A B C, A B C, …: what the machine does besides hits all of them alike. Each has one turn before that, which does not count.
 * A peer that fails is a remark; where ours fails something is wrong.
 */
export async function interleave<T>(
  players: Iterable<Player>,
  rounds: number,
  once: (player: Player, round: number) => Promise<T>,
  warmUp: (player: Player) => Promise<unknown> = async () => {},
): Promise<Runs<T>> {
  const results: Record<string, (T | null)[]> = {};
  const failures = new Map<Player, string[]>();
  const forget = () => {
    for (const { field } of players) field.forgetNeighbours();
  };
  for (const player of players) {
    results[player.name] = [];
    forget();
    await warmUp(player).catch(() => {});
  }
  for (let round = 0; round < rounds; round++) {
    for (const player of players) {
      forget();
      const result = await once(player, round).catch((error: Error) => {
        failures.set(player, [...(failures.get(player) ?? []), error.message.split('\n')[0]!]);
        return null;
      });
      results[player.name]!.push(result);
    }
  }
  const told = [...failures].map(([player, texts]) => ({
    ours: player.name === 'ours',
    text: `${player.name} failed ${texts.length} of ${rounds} times: ${texts[0]}`,
  }));
  const texts = (ours: boolean) => told.filter((one) => one.ours === ours).map(({ text }) => text);
  return { results, remarks: texts(false), wrong: texts(true) };
}

/** One number of each run. */
export function pick<T>(runs: Runs<T>, number: (result: T) => number): Measurement['samples'] {
  const sample = (result: T | null): Sample => (result === null ? null : number(result));
  return Object.fromEntries(
    Object.entries(runs.results).map(([name, results]) => [name, results.map(sample)]),
  );
}
