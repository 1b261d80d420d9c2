# What a recording's description tells of the machine, a fact a line: KEY=VALUE. What cannot be told is left out.
LC_ALL=C
export LC_ALL
say() { [ -z "$2" ] || printf '%s=%s\n' "$1" "$2"; }
count() { sort -u | wc -l | tr -d ' '; }
say hostname "$(uname -n)"
say kernelRelease "$(uname -r)"
say kernelVersion "$(uname -v)"
say architecture "$(uname -m)"
say distribution "$(. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-$NAME}")"
cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)
say cpusOnline "$cpus"
say cpuModel "$(sed -n 's/^model name[[:space:]]*: //p;s/^Model[[:space:]]*: //p' /proc/cpuinfo | head -n 1)"
cd /sys/devices/system/cpu 2>/dev/null && [ -r cpu0/topology/core_id ] && {
  say sockets "$(cat cpu[0-9]*/topology/physical_package_id | count)"
  say cores "$(for cpu in cpu[0-9]*/topology; do
    [ -r "$cpu/core_id" ] && echo "$(cat "$cpu/physical_package_id") $(cat "$cpu/core_id")"
  done | count)"
  say threads "$(ls -d cpu[0-9]*/topology | wc -l | tr -d ' ')"
}
[ -d /sys/devices/system/node ] && say numaNodes "$(ls -d /sys/devices/system/node/node[0-9]* 2>/dev/null | wc -l | tr -d ' ')"
say memoryKb "$(sed -n 's/^MemTotal:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/meminfo)"
say bootId "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
