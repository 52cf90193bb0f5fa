#!/bin/sh
# udhcpc's script: takes the lease as a machine does, and prints it.
case $1 in
  bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    ip route replace default via "$router"
    ;;
esac
echo "$1 ${ip:-} ${router:-} ${serverid:-}"
