import type { Response } from 'express';
import type { ControlAnswer } from '../../platform/control-protocol.ts';
import { sendFailure } from './failure.ts';

/** What dhcp may answer that is the caller's to know as it is; all else means that it could not. */
const CALLERS: readonly number[] = [400, 404, 409, 503];

/** Answers with what dhcp has answered. */
export function passOn({ status, body }: ControlAnswer, response: Response): void {
  if (status === 200) {
    response.json(body);
    return;
  }
  const { error, remedy } = (body ?? {}) as { error?: unknown; remedy?: unknown };
  sendFailure(
    response,
    CALLERS.includes(status) ? status : 503,
    typeof error === 'string' ? error : 'dhcp could not answer',
    typeof remedy === 'string' ? remedy : 'see its log: docker compose logs dhcp',
  );
}
