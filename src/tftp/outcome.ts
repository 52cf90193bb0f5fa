import type { TftpEvent } from '../journal/tftp-events.ts';
import { formatIpv4 } from '../protocol/ipv4.ts';
import { printable } from './request.ts';
import type { Outcome, Transfer } from './transfer.ts';
import type { Peer } from './wire.ts';

interface Subject {
  readonly peer: Peer;
  readonly file: string;
  readonly number: number;
}

const about = ({ peer, file, number }: Subject) => ({
  address: formatIpv4(peer.address),
  file,
  transfer: number,
});

export function startEvent(subject: Subject, { size, terms }: Transfer): TftpEvent {
  const { blockSize: blksize, windowSize: windowsize, timeout } = terms;
  const event = { kind: 'tftp.start', ...about(subject), size, blksize, windowsize } as const;
  return timeout === undefined ? event : { ...event, timeout };
}

export function progressEvent(
  subject: Subject,
  { acknowledged, size, retransmissions }: Transfer,
): TftpEvent {
  return { kind: 'tftp.progress', ...about(subject), bytes: acknowledged, size, retransmissions };
}

/** @param ms since the file was asked for. */
export function outcomeEvent(outcome: Outcome, of: Subject, transfer: Transfer, ms: number): TftpEvent {
  const { size, retransmissions } = transfer;
  const { blockSize: blksize, windowSize: windowsize } = transfer.terms;
  const subject = about(of);
  const reached = { ...subject, bytes: transfer.acknowledged, size };
  switch (outcome.type) {
    case 'done':
      return { kind: 'tftp.done', ...subject, bytes: size, ms, retransmissions, blksize, windowsize };
    case 'aborted': {
      const { code, probe } = outcome;
      return { kind: 'tftp.aborted', ...reached, code, message: printable(outcome.message), probe };
    }
    case 'timeout':
      return {
        kind: 'tftp.timeout',
        ...reached,
        retransmissions,
        blksize,
        windowsize,
        sentWhole: transfer.sentWhole,
      };
    case 'unanswered':
      return { kind: 'tftp.unanswered', ...subject, size };
    case 'failed':
      return { kind: 'tftp.failed', ...subject, problem: outcome.problem };
    case 'cancelled':
      return { kind: 'tftp.cancelled', ...reached, reason: outcome.reason };
  }
}
