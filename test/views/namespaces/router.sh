#!/bin/bash
# A router between a client and a server, in network namespaces of its own: captures what passes its two interfaces.
#
#   unshare -n bash router.sh FOLDER [nat] [netem]
#
# FOLDER/any.pcap is `tcpdump -i any`, FOLDER/client.pcap and FOLDER/server.pcap are the ends, FOLDER/links names the
# interfaces by their numbers. The interface r1 takes no large frames, so that the kernel splits there what comes in one piece at r0.
# Twice for some milliseconds the router throws away what it would forward: first what goes to the server, then to the client.
set -e
folder=$1
shift
ip link set lo up
unshare -n sleep 60 & client=$!
unshare -n sleep 60 & server=$!
# A process of unshare is in its namespace once it runs sleep.
for process in $client $server; do
  for _ in $(seq 100); do
    [ "$(cat /proc/$process/comm)" = sleep ] && break
    sleep 0.02
  done
done
trap 'kill $client $server $captures 2>/dev/null || true' EXIT
at_client() { nsenter -t "$client" -n "$@"; }
at_server() { nsenter -t "$server" -n "$@"; }
ip link add r0 type veth peer name c0
ip link add r1 type veth peer name s0
ip link set c0 netns "$client"
ip link set s0 netns "$server"
at_client ip addr add 10.8.1.2/24 dev c0
at_client ip link set c0 up
at_client ip route add default via 10.8.1.1
at_server ip addr add 10.8.2.2/24 dev s0
at_server ip link set s0 up
at_server ip route add default via 10.8.2.1
ip addr add 10.8.1.1/24 dev r0
ip addr add 10.8.2.1/24 dev r1
ip link set r0 up
ip link set r1 gso_max_segs 1
ip link set r1 up
echo 1 > /proc/sys/net/ipv4/ip_forward
for option in "$@"; do
  case $option in
    nat)
      nft add table ip nat
      nft add chain ip nat post '{ type nat hook postrouting priority 100 ; }'
      nft add rule ip nat post oifname r1 masquerade
      ;;
    netem) tc qdisc add dev r1 root netem loss 2% ;;
  esac
done
for link in r0 r1; do echo "$(ip -o link show $link | cut -d: -f1) $link"; done > "$folder/links"
tcpdump -Z root -i any -s 96 --immediate-mode -B 16384 -w "$folder/any.pcap" tcp 2> "$folder/any.log" & captures=$!
at_client tcpdump -Z root -i c0 -s 96 --immediate-mode -B 16384 -w "$folder/client.pcap" tcp 2> "$folder/client.log" &
captures="$captures $!"
at_server tcpdump -Z root -i s0 -s 96 --immediate-mode -B 16384 -w "$folder/server.pcap" tcp 2> "$folder/server.log" &
captures="$captures $!"
for name in any client server; do
  for _ in $(seq 250); do
    grep -q 'listening on' "$folder/$name.log" 2>/dev/null && break
    sleep 0.02
  done
done
at_server node "$(dirname "$0")/talk.mjs" server 10.8.2.2 & listening=$!
sleep 0.7
at_client node "$(dirname "$0")/talk.mjs" client 10.8.2.2 & talking=$!
sleep 0.9
ip route add blackhole 10.8.2.2/32
sleep 0.03
ip route del blackhole 10.8.2.2/32
sleep 0.5
ip route add blackhole 10.8.1.2/32
sleep 0.03
ip route del blackhole 10.8.1.2/32
wait $talking $listening
sleep 0.5
kill $captures
wait $captures || true
