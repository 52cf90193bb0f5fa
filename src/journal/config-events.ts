import type { Texts } from './line.ts';

export type ConfigEvent = never;

export const configTexts: Texts<ConfigEvent> = {};
