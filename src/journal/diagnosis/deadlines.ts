/**
 * How long each next step of a boot may take before its absence means something, in milliseconds. They are generous: a verdict that has to be
 * taken back is worse than one that comes a little later, and a machine that starts over, or turns to something else, ends every wait.
 */
export const WAITS = {
  /** After an OFFER: PXE collects offers for 4, 8 or 16 s, as often as it has asked (PXE 2.1 §2.4.9), before it takes one. */
  request: 20_000,
  /** After a REQUEST: an ACK leaves as soon as its lease is on disk, and disks stall for seconds. */
  ack: 10_000,
  /** After an ACK: firmware asks for its loader at once, some after 4 s of asking a boot server on port 4011 or a menu of 10 s. */
  loader: 15_000,
  /** After the loader: it starts, and iPXE waits for the link for 15 s and on some cards again after a reset. */
  ipxe: 60_000,
  /** After iPXE's ACK: builds before 2.0 wait 13 s for an IPv6 router, more than once where they have two cards. */
  script: 45_000,
  /** After GRUB was loaded: it looks for a dozen files that need not be there, each by TFTP. */
  grubConfig: 30_000,
  /** After the script, and between kernel and initrd: iPXE goes on at once. */
  nextFile: 20_000,
  /** Without a byte in a running transfer: longer than TFTP's retransmissions, which end after 23 s. */
  stall: 30_000,
  /** After a failed file: firmware and iPXE ask for another name, or once more. */
  settle: 3_000,
  /** After kernel and initrd: unpacking, drivers, links with spanning tree (30 s) and slow disks come before a system asks for its address. */
  system: 120_000,
  /** A kernel that panics restarts after a minute or so; what starts over later has been running. */
  restart: 300_000,
  /** Nothing at all any more: whatever it was, it is over. */
  giveUp: 600_000,
} as const;
