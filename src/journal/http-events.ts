import type { Texts } from './line.ts';

export type HttpEvent = never;

export const httpTexts: Texts<HttpEvent> = {};
