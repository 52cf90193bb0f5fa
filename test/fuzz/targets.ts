import { api } from './api.ts';
import { dhcpCodec, tftpCodec } from './codecs.ts';
import { dhcpServer } from './dhcp.ts';
import { bootServer, proxy } from './proxy.ts';
import { scripts } from './scripts.ts';
import { shortPath, threadedPath } from './short-path.ts';
import type { Target } from './target.ts';
import { tftpServer } from './tftp.ts';
import { transferPorts } from './tftp-ports.ts';

export const TARGETS: readonly Target[] = [
  dhcpServer,
  proxy,
  bootServer,
  tftpServer,
  transferPorts,
  dhcpCodec,
  tftpCodec,
  scripts,
  shortPath,
  threadedPath,
  api,
];
