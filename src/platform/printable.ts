/** Control characters, those that are not seen or turn the order of others round, line separators, and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text that may hold names from the network, as a terminal may see it: line breaks, escape sequences and what would show a name as another one
 * are spelled out.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
    return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
  });
}

/** A JSON text of the same meaning that is {@link printable}: in its strings such characters are escaped, and between them are but line breaks. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) => {
    if (character === '\n') return character;
    return Array.from({ length: character.length }, (_, at) => {
      return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
    }).join('');
  });
}
