/** What is waited for at a stop, and how to end that. */
export function stoppingText(service: 'TFTP' | 'HTTP', transfers: number): string {
  const them = transfers === 1 ? 'a transfer that is' : `${transfers} transfers that are`;
  return `${service} begins nothing new and waits a few seconds for ${them} under way; a second signal (SIGTERM, Ctrl+C) ends it at once`;
}

/** What has become of them. */
export function stoppedText(
  service: 'TFTP' | 'HTTP',
  { finished, ended }: { readonly finished: number; readonly ended: number },
): string {
  if (finished + ended === 0) return `${service} has stopped`;
  const cut = ended > 0 ? `, ${ended} ended before that: those machines have to begin anew` : '';
  return `${service} has stopped; of ${finished + ended} transfers under way ${finished} came to their end${cut}`;
}
