import type { Texts } from './line.ts';

export type DhcpEvent = never;

export const dhcpTexts: Texts<DhcpEvent> = {};
