/**
 * The one error a codec throws: what was wrong and where in the bytes.
 * Anything else that leaves a decoder is a defect of the decoder.
 */
export class DecodeError extends Error {
  readonly offset: number;

  constructor(message: string, offset = 0) {
    super(`${message} (at byte ${offset})`);
    this.name = 'DecodeError';
    this.offset = offset;
  }
}
