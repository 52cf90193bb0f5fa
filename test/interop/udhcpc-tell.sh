#!/bin/sh
# udhcpc's script: prints what a lease holds, changes nothing.
[ "$1" = bound ] || exit 0
for name in ip mask subnet router dns domain lease serverid siaddr boot_file; do
  eval "value=\${$name:-}"
  echo "got $name=$value"
done
