import type { Texts } from './line.ts';

export type TftpEvent = never;

export const tftpTexts: Texts<TftpEvent> = {};
