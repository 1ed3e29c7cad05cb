#!/bin/bash
set -eu

apt-get update
apt-get install -y ${join(" ", packages)}

cat > /etc/motd <<MOTD
Databases:
%{ for host in hosts ~}
  ${host}
%{ endfor ~}
MOTD
