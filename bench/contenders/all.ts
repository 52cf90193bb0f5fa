import type { Contender, ContenderName } from '../contract.ts';
import { atftpd } from './atftpd.ts';
import { dnsmasq } from './dnsmasq.ts';
import { dnsmasqAndNginx } from './dnsmasq-and-nginx.ts';
import { kea } from './kea.ts';
import { nginx } from './nginx.ts';
import { ours } from './ours.ts';
import { tftpdHpa } from './tftpd-hpa.ts';

export const contenders: Readonly<Record<ContenderName, Contender>> = {
  ours,
  kea,
  dnsmasq,
  'tftpd-hpa': tftpdHpa,
  atftpd,
  nginx,
  'dnsmasq + nginx': dnsmasqAndNginx,
};
