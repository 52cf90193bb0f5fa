import { away, endings } from './endings.ts';
import { files } from './files.ts';
import { kernel } from './kernel.ts';
import { loaderSilence } from './loader-silence.ts';
import { loaderTrouble } from './loader-trouble.ts';
import { notTaken } from './not-taken.ts';
import { script } from './script.ts';
import type { Signature } from './signature.ts';
import { unanswered } from './unanswered.ts';

/**
 * Every known way for a boot to go wrong; the first that fits is taken. What a service has said outright comes before what is made of
 * silence, and silence means nothing where nobody listened.
 */
export const SIGNATURES: readonly Signature[] = [
  ...unanswered,
  ...notTaken,
  ...loaderTrouble,
  ...files,
  ...away,
  ...loaderSilence,
  ...script,
  ...kernel,
  ...endings,
];
