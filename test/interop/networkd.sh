#!/bin/sh
# Runs systemd-networkd on eth0 in a mount namespace of its own (unshare --mount) until it has a lease, and prints that.
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /run
# With a /sys that can be written it would wait for udev to announce the adapter.
mount --bind /sys /sys
mount -o remount,bind,ro /sys
mkdir -p /run/systemd/network
printf '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n' >/run/systemd/network/10-lab.network
for folder in links leases lldp; do install -d -o systemd-network "/run/systemd/netif/$folder"; done
chown systemd-network /run/systemd/netif

/lib/systemd/systemd-networkd &
for _ in $(seq 150); do
  grep -q ADDRESS /run/systemd/netif/leases/* 2>/dev/null && break
  sleep 0.1
done
cat /run/systemd/netif/leases/*
kill $!
wait
