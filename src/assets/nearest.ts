/**
 * The name that somebody probably meant: the same but for case or folder, or a few typing errors away.
 * Undefined where nothing is near.
 */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  const target = plain(wanted);
  const limit = Math.max(2, Math.floor(target.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const other = plain(name);
    const extends_ = target.length >= 3 && (other.startsWith(target) || target.startsWith(other));
    const distance = extends_ ? 1 : editDistance(target, other, limit);
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best?.name;
}

function plain(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}

/** Levenshtein's distance; anything above `limit` may come out as limit + 1. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit || from.length > 255 || to.length > 255) return limit + 1;
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      current.push(Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + change));
    }
    previous = current;
  }
  return previous[to.length]!;
}
