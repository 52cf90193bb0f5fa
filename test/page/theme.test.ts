import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

/** Contrast of the page's colours, computed as WCAG 2.2 has it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */

const sheet = readFileSync(new URL('../../src/http/page/theme.css', import.meta.url), 'utf8');
const [bright = '', night = ''] = sheet.split('@media (prefers-color-scheme: dark)');

function colours(text: string): Map<string, string> {
  return new Map([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name!, value!]));
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const TEXTS: Record<string, readonly string[]> = {
  ink: ['bg', 'surface', 'sunk', 'run-tint', 'warn-tint', 'bad-tint', 'dim-tint'],
  soft: ['bg', 'surface', 'dim-tint', 'sunk'],
  accent: ['bg', 'surface', 'warn-tint', 'sunk'],
  ok: ['surface', 'ok-tint'],
  bad: ['surface', 'bad-tint'],
  warn: ['surface', 'warn-tint'],
  run: ['surface', 'run-tint'],
  surface: ['bad'],
};
const SIGNS: Record<string, readonly string[]> = {
  ok: ['surface', 'bg'],
  bad: ['surface', 'bg'],
  run: ['surface', 'bg'],
  warn: ['surface', 'warn-tint'],
  dim: ['surface', 'bg', 'dim-tint'],
  surface: ['ok', 'warn', 'bad', 'dim'],
};

for (const [theme, found] of [
  ['light', colours(bright)],
  ['dark', colours(night)],
] as const) {
  describe(`in the ${theme} theme`, () => {
    for (const [what, pairs, least] of [
      ['text', TEXTS, 4.5],
      ['a sign or an edge that carries meaning', SIGNS, 3],
    ] as const) {
      test(`${what} stands out from what is behind it by ${least} to 1`, () => {
        for (const [front, backs] of Object.entries(pairs)) {
          for (const back of backs) {
            const ratio = contrast(found.get(front)!, found.get(back)!);
            assert.ok(ratio >= least, `--${front} on --${back}: ${ratio.toFixed(2)}`);
          }
        }
      });
    }
  });
}

test('both themes name the same colours', () => {
  assert.deepEqual([...colours(night).keys()].sort(), [...colours(bright).keys()].sort());
});
