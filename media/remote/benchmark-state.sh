# What a machine is like just before or after a run, a fact a line: KEY VALUE. What cannot be told is left out.
LC_ALL=C
export LC_ALL
say() { [ -z "$2" ] || printf '%s %s\n' "$1" "$2"; }
say kernel "$(uname -r)"
say bootId "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
read -r ko_up ko_rest </proc/uptime && say uptime "$ko_up"
read -r ko_one ko_five ko_fifteen ko_rest </proc/loadavg && say load "$ko_one $ko_five $ko_fifteen"
say memoryAvailableKb "$(sed -n 's/^MemAvailable:[[:space:]]*\([0-9]*\) kB$/\1/p' /proc/meminfo)"
cd /sys/devices/system/cpu 2>/dev/null || exit 0
say governors "$(cat cpu[0-9]*/cpufreq/scaling_governor 2>/dev/null | sort -u | tr '\n' ' ')"
say frequencyKhz "$(cat cpu[0-9]*/cpufreq/scaling_cur_freq 2>/dev/null | awk '{ sum += $1 } END { if (NR) printf "%.0f", sum / NR }')"
say throttles "$(cat cpu[0-9]*/thermal_throttle/core_throttle_count 2>/dev/null | awk '{ sum += $1 } END { if (NR) print sum }')"
say temperatureMilliC "$(cat /sys/class/thermal/thermal_zone*/temp 2>/dev/null | sort -n | tail -n 1)"
