# What only root can learn about this machine. Arguments: where tracefs is (empty: look for it), then names of scheduler
# events. Prints lines as preflight.sh does. It opens and reads; all that it makes are probes of can_migrate_task: one that is
# never switched on, and one of bpftrace that is attached for a moment. Both are removed at once.
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
ko_count=0
trap '' PIPE # Whoever listens may go away; what was made is removed all the same.

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
opens() { # NAME PATH: whether it can be opened to write; nothing is written and, by O_APPEND, nothing is cut
  if ko_text=$( (: >>"$2") 2>&1); then fact "$1" yes; else line error "$1" "${ko_text##*: }"; fi
}

fact root.user.id "$(id -u)"
ko_events=$1
shift
if [ -z "$ko_events" ]; then
  ko_events=$(awk '$3 == "tracefs" { print $2 }' /proc/mounts | while read -r ko_path; do
    [ -d "$ko_path/events" ] && echo "$ko_path" && break
  done)
fi
# A look into /sys/kernel/debug/tracing mounts tracefs there by itself, where debugfs is mounted.
[ -n "$ko_events" ] || { [ -d /sys/kernel/debug/tracing/events ] && ko_events=/sys/kernel/debug/tracing; }
if [ -n "$ko_events" ] && cd "$ko_events" 2>/dev/null; then
  fact tracefs.folder "$ko_events"
  opens tracefs.writable tracing_on
  for ko_event; do
    if [ -r "events/sched/$ko_event/format" ]; then fact "event.$ko_event" present; else fact "event.$ko_event" missing; fi
  done
  if [ -d instances ]; then fact tracefs.instances present; else fact tracefs.instances missing; fi
  fact tracefs.left-instances "$(cd instances 2>/dev/null && for ko_path in kernel-oracle-*; do [ -d "$ko_path" ] && echo "$ko_path"; done | head -n 20)"
  file tracefs.subbuffer-kb buffer_subbuf_size_kb
  file tracefs.header-page events/header_page
  file tracefs.clocks trace_clock
  file tracefs.tracers available_tracers
  file tracefs.current-tracer current_tracer
  file tracefs.events-enabled events/enable
  if [ -e available_filter_functions ]; then
    if ko_text=$(head -c 1 available_filter_functions 2>&1 >/dev/null); then fact functions.readable yes; else line error functions.readable "${ko_text##*: }"; fi
    fact functions.can_migrate_task "$(grep -E -m 8 '^can_migrate_task([. ]|$)' available_filter_functions 2>/dev/null)"
  else
    fact functions.readable missing
  fi
  if [ -e kprobe_events ]; then
    fact kprobes.file present
    ko_probe="ko_preflight_$$"
    if ko_text=$( (echo "p:$ko_probe/try can_migrate_task" >>kprobe_events) 2>&1); then fact kprobes.try yes; else line error kprobes.try "${ko_text##*: }"; fi
    (echo "-:$ko_probe/try" >>kprobe_events) 2>/dev/null
  else
    fact kprobes.file missing
  fi
  cd /
fi
file kprobes.enabled /sys/kernel/debug/kprobes/enabled
file root.lockdown /sys/kernel/security/lockdown
fact root.symbols.can_migrate_task "$(grep -E ' can_migrate_task(\.[A-Za-z0-9_.]+)?$' /proc/kallsyms 2>/dev/null | head -n 8)"

if command -v perf >/dev/null 2>&1; then
  ko_text=$(limited 20 perf record -a -e sched:sched_switch -o - -- true </dev/null 2>/dev/null | wc -c)
  if [ "$ko_text" -gt 1000 ]; then
    fact perf.try yes
  else
    line error perf.try "$(limited 20 perf record -a -e sched:sched_switch -o /dev/null -- true </dev/null 2>&1 | head -c 4096 | grep -m 1 '[a-z]')"
  fi
fi
if command -v bpftrace >/dev/null 2>&1; then
  ulimit -l unlimited 2>/dev/null # Kernels before 5.11 account BPF maps against it.
  ko_try() { # NAME PROGRAM: whether bpftrace attaches and runs it
    ko_text=$({
      limited 30 bpftrace -e "$2"
      echo "status $?"
    } </dev/null 2>&1 | head -c 4096)
    case $ko_text in
      # It may complain that it could not raise a limit of which this kernel has no need.
      *'status 0') fact "$1" yes ;;
      *)
        line error "$1" "$(printf '%s\n' "$ko_text" | grep -v -E '^(Attach.*|status .*|)$' | tail -n 1)"
        return 1
        ;;
    esac
  }
  # Then attached to the load balancer for a moment, as a recording does it: by fentry, or else by a kprobe.
  ko_try bpftrace.try 'tracepoint:sched:sched_switch { exit(); }' && {
    ko_try bpftrace.fentry 'kfunc:can_migrate_task { @ = 1 } interval:ms:1 { exit(); } END { clear(@); }' ||
      ko_try bpftrace.kprobe 'kprobe:can_migrate_task { @ = 1 } interval:ms:1 { exit(); } END { clear(@); }'
  }
fi
#include forced-migrations
fact forced.by "$forced_by"
fact forced.stats "$forced_stats"
fact root.end "$ko_count"
