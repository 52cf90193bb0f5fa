import { blockOfAck, encodeError } from '../protocol/tftp/codec.ts';
import { ERROR_CODE } from '../protocol/tftp/packet.ts';

const UNKNOWN_TRANSFER = encodeError(ERROR_CODE.unknownTransfer, 'unknown transfer ID');

/**
 * The answer to a packet that belongs to no transfer: ERROR 5 (RFC 1350, 4) to an ACK, so that a machine
 * whose transfer is gone (this server was restarted) fails at once. Nothing to anything else: two servers
 * that answer each other's ERRORs never stop.
 */
export function answerToStray(bytes: Uint8Array): Uint8Array | undefined {
  return blockOfAck(bytes) >= 0 ? UNKNOWN_TRANSFER : undefined;
}
