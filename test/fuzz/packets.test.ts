import { dhcpCodec, tftpCodec } from './codecs.ts';
import { dhcpServer } from './dhcp.ts';
import { bootServer, proxy } from './proxy.ts';
import { scripts } from './scripts.ts';
import { holds, repeats } from './short.ts';
import { tftpServer } from './tftp.ts';
import { transferPorts } from './tftp-ports.ts';

repeats([dhcpServer, proxy, bootServer, tftpServer, transferPorts, dhcpCodec, tftpCodec, scripts]);
holds(
  dhcpServer,
  'whatever comes to port 67, it is answered as the plain way has it, nobody else is, and no address is given twice',
);
holds(proxy, 'whatever comes to a proxy’s port 67, nobody is given anything of another’s network');
holds(bootServer, 'whatever comes to port 4011, the answer goes back to where it came from');
holds(
  tftpServer,
  'whatever comes to the TFTP port, only who asked is sent anything, no ERROR is answered, and transfers are bounded',
);
holds(
  transferPorts,
  'whatever comes to the ports of transfers, over real sockets, only who asked is sent anything, and transfers are bounded',
);
holds(dhcpCodec, 'any bytes are a DHCP message that can be written and read again, or a DecodeError');
holds(tftpCodec, 'any bytes are a TFTP packet that can be written and read again, or a DecodeError');
holds(scripts, 'whatever files and command lines are called, iPXE and GRUB read the same commands');
