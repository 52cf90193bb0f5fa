/** What files of the bench hold: words that differ from place to place, so that a piece in the wrong place shows. */
export function contentOf(bytes: number): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  for (let n = 0; n < words.length; n++) words[n] = Math.imul(n + 1, 2654435761);
  return Buffer.from(words.buffer, 0, bytes);
}
