"""802.1Q for a kernel that has none: `trunk.py ADAPTER 100=NAME 200=NAME` makes an adapter for each VLAN of a trunk, until it is ended."""
import fcntl
import os
import select
import socket
import struct
import sys

SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID = 0x10
ETH_P_ALL = 3
TUNSETIFF, IFF_TAP_NO_PI = 0x400454CA, 0x1002

trunk = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
trunk.bind((sys.argv[1], ETH_P_ALL))
trunk.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
trunk.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
vlans = {}
for wanted in sys.argv[2:]:
    vlan, name = wanted.split('=')
    tap = os.open('/dev/net/tun', os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TAP_NO_PI))
    vlans[int(vlan)] = tap
print('ready', flush=True)


def vlan_of(ancillary):
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, _ = struct.unpack('IIIHHHH', data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return tci & 0xFFF
    return None


def attempt(send, *what):
    try:
        send(*what)
    except OSError:
        pass  # the adapter is down


while True:
    for ready in select.select([trunk, *vlans.values()], [], [])[0]:
        if ready is trunk:
            frame, ancillary, _, _ = trunk.recvmsg(65536, socket.CMSG_SPACE(20))
            tap = vlans.get(vlan_of(ancillary))
            if tap is not None:
                attempt(os.write, tap, frame)
        else:
            frame = os.read(ready, 65536)
            vlan = next(vlan for vlan, tap in vlans.items() if tap == ready)
            attempt(trunk.send, frame[:12] + struct.pack('!HH', 0x8100, vlan) + frame[12:])
