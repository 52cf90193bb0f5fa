import type { Texts } from './line.ts';

export type AssetEvent = never;

export const assetTexts: Texts<AssetEvent> = {};
