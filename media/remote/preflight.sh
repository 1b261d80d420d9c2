# What any user can learn about this machine; changes nothing. Arguments: names of programs to look for.
# Prints `fact NAME VALUE` and `error NAME MESSAGE` lines, separated by tabs, and `fact end COUNT` at last. In values,
# `%` and two hexadecimal digits stand for a byte; what is not known has no line.
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
ko_count=0

encoded() { head -c 16384 | od -An -v -tx1 | tr -d '\n' | sed 's/  */%/g'; }
line() { # KIND NAME VALUE
  case $3 in
    *[!A-Za-z0-9_.,:/=+@\ -]*) ko_value=$(printf %s "$3" | encoded) ;;
    *) ko_value=$3 ;;
  esac
  printf '%s\t%s\t%s\n' "$1" "$2" "$ko_value"
  ko_count=$((ko_count + 1))
}
fact() { line fact "$1" "$2"; }
file() { # NAME PATH: what the file says, at most 16 KiB, or why it cannot be read
  [ -e "$2" ] || return 0
  if ko_text=$(head -c 16384 "$2" 2>&1); then fact "$1" "$ko_text"; else line error "$1" "${ko_text##*: }"; fi
}
limited() { # SECONDS COMMAND ARG…
  if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift; "$@"; fi
}
version() { # NAME COMMAND ARG…: the first line it prints that has a digit, and whether it succeeded
  ko_name=$1
  shift
  ko_text=$(limited 10 "$@" </dev/null 2>&1)
  ko_status=$?
  ko_text=$(printf '%s\n' "$ko_text" | head -c 4096 | grep -m 1 '[0-9]')
  if [ "$ko_status" = 0 ]; then fact "version.$ko_name" "$ko_text"; else line error "version.$ko_name" "$ko_text"; fi
}
space() { # NAME FOLDER: size and what is free, in KiB
  ko_text=$(df -Pk "$2" 2>/dev/null | awk 'NR == 2 { print $2, $4 }')
  [ -z "$ko_text" ] || fact "$1" "$ko_text"
}

file load /proc/loadavg # First: what follows is load, too.
fact kernel.name "$(uname -s)"
fact kernel.release "$(uname -r)"
fact kernel.version "$(uname -v)"
fact kernel.machine "$(uname -m)"
if [ -e /etc/os-release ]; then file os-release /etc/os-release; else file os-release /usr/lib/os-release; fi
fact user.id "$(id -u)"
fact user.name "$(id -un)"

ko_cpu=/sys/devices/system/cpu
file cpu.online $ko_cpu/online
file cpu.present $ko_cpu/present
file cpu.possible $ko_cpu/possible
file numa.online /sys/devices/system/node/online
ko_list=
for ko_path in $ko_cpu/cpu[0-9]*/topology; do
  [ -r "$ko_path/core_id" ] && read -r ko_package <"$ko_path/physical_package_id" && read -r ko_core <"$ko_path/core_id" &&
    ko_list="$ko_list $ko_package:$ko_core"
done
[ -z "$ko_list" ] || fact cpu.topology "${ko_list# }"
fact cpu.model "$(awk -F ': *' '/^(model name|Model|cpu model)/ { print $2; exit }' /proc/cpuinfo)"
file smt.active $ko_cpu/smt/active
file smt.control $ko_cpu/smt/control
ko_list=$(cat $ko_cpu/cpu[0-9]*/cpufreq/scaling_governor 2>/dev/null | sort -u | tr '\n' ' ')
[ -z "$ko_list" ] || fact cpu.governors "${ko_list% }"
file cpu.boost $ko_cpu/cpufreq/boost
file cpu.no-turbo $ko_cpu/intel_pstate/no_turbo
fact memory.kb "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)"
file clock.source /sys/devices/system/clocksource/clocksource0/current_clocksource
command -v systemd-detect-virt >/dev/null 2>&1 && fact virtualisation "$(limited 5 systemd-detect-virt 2>/dev/null)"

fact tracefs.mounts "$(awk '$3 == "tracefs" { print $2, $4 }' /proc/mounts)"
file lockdown /sys/kernel/security/lockdown
file sysctl.perf_event_paranoid /proc/sys/kernel/perf_event_paranoid
file sysctl.kptr_restrict /proc/sys/kernel/kptr_restrict
file sysctl.sched_schedstats /proc/sys/kernel/sched_schedstats
file sysctl.ftrace_enabled /proc/sys/kernel/ftrace_enabled
if [ -e /proc/schedstat ]; then fact schedstat present; else fact schedstat missing; fi
if [ -r /sys/kernel/btf/vmlinux ]; then fact btf present; else fact btf missing; fi
fact symbols.can_migrate_task "$(grep -E ' can_migrate_task(\.[A-Za-z0-9_.]+)?$' /proc/kallsyms 2>/dev/null | head -n 8)"
ko_release=$(uname -r)
for ko_path in /proc/config.gz "/boot/config-$ko_release" "/lib/modules/$ko_release/config" "/usr/lib/modules/$ko_release/config"; do
  [ -r "$ko_path" ] || continue
  case $ko_path in *.gz) ko_text=$(gzip -dc "$ko_path" 2>/dev/null) ;; *) ko_text=$(cat "$ko_path") ;; esac
  fact config "$(printf '%s\n' "$ko_text" |
    grep -E '^(# )?CONFIG_(KPROBES|KPROBE_EVENTS|FUNCTION_TRACER|DYNAMIC_FTRACE|SCHEDSTATS|SCHED_INFO|BPF_EVENTS|BPF_SYSCALL|DEBUG_INFO_BTF|TRACING|EVENT_TRACING|PREEMPT|PREEMPT_RT|PREEMPT_DYNAMIC|HZ|NO_HZ_FULL|SCHED_CLASS_EXT)[ =]')"
  break
done

ko_folder=${TMPDIR:-/tmp}
fact space.temporary.folder "$ko_folder"
space space.temporary "$ko_folder"
space space.root /
if ko_text=$(mktemp -d 2>&1) && rmdir "$ko_text"; then fact space.temporary.writable yes; else line error space.temporary.writable "${ko_text##*: }"; fi

for ko_tool; do
  ko_path=$(command -v "$ko_tool" 2>/dev/null) && fact "tool.$ko_tool" "$ko_path"
done
command -v perf >/dev/null 2>&1 && version perf perf --version
command -v bpftrace >/dev/null 2>&1 && version bpftrace bpftrace --version
command -v sysbench >/dev/null 2>&1 && version sysbench sysbench --version
command -v stress-ng >/dev/null 2>&1 && version stress-ng stress-ng --version
command -v nginx >/dev/null 2>&1 && version nginx nginx -v
command -v ab >/dev/null 2>&1 && version ab ab -V
command -v zstd >/dev/null 2>&1 && version zstd zstd --version
for ko_path in "$HOME/.phoronix-test-suite/installed-tests" /var/lib/phoronix-test-suite/installed-tests; do
  [ -d "$ko_path" ] || continue
  fact phoronix.tests "$(cd "$ko_path" && for ko_tool in */*/pts-install.*; do [ -e "$ko_tool" ] && echo "${ko_tool%/*}"; done)"
  break
done
fact end "$ko_count"
