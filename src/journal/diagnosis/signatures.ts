import type { Signature } from './signature.ts';

/** Every known way for a boot to go wrong; the first that fits is taken, so those that know most come first. */
export const SIGNATURES: readonly Signature[] = [];
