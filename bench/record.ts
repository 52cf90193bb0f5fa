import type { Measurement } from './contract.ts';
export function record(_measurements: readonly Measurement[]): void {}
