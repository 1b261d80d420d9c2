# Holds a mode of the deployed model until it is stopped, and lets function_graph time can_migrate_task() meanwhile. Runs under
# guard.sh as root: the mode and the tracer come back, whatever happens.
#   $1 folder of the deployed model's `control`; it may be missing where the kernel was built with a model
#   $2 off | shadow | active
#   $3 function_graph | other: another probe times the calls
#   $4 KiB of buffer a CPU
#
# Says `stats when=before|after json=…` as `control stats` tells them just outside what is timed, and what hangs on the function
# beside our probe: `hooks ftrace=… kprobes=…`. The output: what `trace` holds in the end.
ml_folder=$1 ml_mode=$2 ml_probe=$3 ml_buffer_kb=$4
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL

# Of a kernel that was built with a model: it is there without having been deployed.
ml_sysfs=${KERNEL_ORACLE_SYSFS:-/sys/kernel/kernel_oracle}
ml_set_mode='if [ -f "$1/control" ]; then cd "$1" && sh ./control mode "$3"; elif [ -w "$2/mode" ]; then echo "$3" >"$2/mode"; fi'
mode() { sh -c "$ml_set_mode" sh "$ml_folder" "$ml_sysfs" "$1" </dev/null 3>&- 4>&-; }
# Sets ml_stats.
ask_stats() {
  if [ -f "$ml_folder/control" ]; then ml_stats=$(cd "$ml_folder" && sh ./control stats </dev/null 3>&- 4>&-)
  else ml_stats=$(cat "$ml_sysfs/stats"); fi || ko_fail 'The deployed model does not tell what it counted: see kernel-oracle deploy status.'
}
stats() {
  ask_stats
  ko_say stats "when=$1" "json=$ml_stats"
}

[ -f "$ml_folder/control" ] || [ -w "$ml_sysfs/mode" ] || ko_fail 'No model is in the kernel of this machine. Deploy one first: kernel-oracle deploy run.'
tf=${KERNEL_ORACLE_TRACING:-}
for ml_file in /sys/kernel/tracing /sys/kernel/debug/tracing; do
  if [ -z "$tf" ] && [ -d "$ml_file/events" ]; then tf=$ml_file; fi
done

# --- before anything is changed --------------------------------------------------------------------------------------

# $1 a file of filters, all of whose lines are comments when nobody uses it.
require_unused() {
  [ -f "$tf/$1" ] || return 0
  while read -r ml_line; do
    case $ml_line in '' | '#'* | 'no pid') ;; *) ko_fail "$tf/$1 is in use on this machine ($ml_line): nothing or something else would be timed. Take it back first: echo > $tf/$1" ;; esac
  done <"$tf/$1"
}

# There is one tracer for the whole machine: what somebody uses is not taken away.
require_free_tracer() {
  [ -w "$tf/current_tracer" ] || ko_fail 'tracefs is not mounted, or cannot be written: mount -t tracefs tracefs /sys/kernel/tracing'
  grep -q -w function_graph "$tf/available_tracers" || ko_fail 'This kernel has no tracer function_graph (CONFIG_FUNCTION_GRAPH_TRACER). Measure by fentry.'
  ml_value=$(cat "$tf/current_tracer")
  [ "$ml_value" = nop ] || ko_fail "The tracer $ml_value is in use on this machine, and there can be one only. End what uses it, or switch it off: echo nop > $tf/current_tracer"
  [ "$(cat "$tf/events/enable")" = 0 ] || ko_fail "Somebody records events in the tracer's own buffer ($(head -n 1 "$tf/set_event")). End that first: echo > $tf/set_event"
  [ "$(cat /proc/sys/kernel/ftrace_enabled)" = 1 ] || ko_fail 'Function tracing is switched off on this machine: sysctl kernel.ftrace_enabled=1'
  for ml_file in set_ftrace_notrace set_ftrace_pid set_ftrace_notrace_pid set_graph_function set_graph_notrace; do require_unused "$ml_file"; done
  ! grep -q '^[^#].*:' "$tf/set_ftrace_filter" || ko_fail "$tf/set_ftrace_filter holds commands of somebody, which would go on: $(grep -m 1 '^[^#].*:' "$tf/set_ftrace_filter")"
  ml_entries=0
  for ml_file in "$tf"/per_cpu/cpu*/stats; do
    while read -r ml_name ml_value ml_rest; do
      [ "$ml_name" != entries: ] || ml_entries=$((ml_entries + ml_value))
    done <"$ml_file"
  done
  [ "$ml_entries" = 0 ] || ko_fail "The tracer's buffer holds $ml_entries entries of somebody, which would be lost. Keep them (cat $tf/trace), then clear it: echo > $tf/trace"
  ml_size=$(cat "$tf/buffer_size_kb")
  case $ml_size in
  *expanded:*)
    # Used for the first time since the boot, it gets that size by itself, and for good.
    ml_size=${ml_size##*expanded: } ml_size=${ml_size%)*}
    ;;
  esac
  case $ml_size in '' | *[!0-9]*) ko_fail "The tracer's buffers have different sizes on different CPUs ($tf/per_cpu/cpu*/buffer_size_kb). Set them alike first: echo 1408 > $tf/buffer_size_kb" ;; esac
}

# Lines of the kernel's own lists: `can_migrate_task (1) R I   tramp: …`, `ffff… r can_migrate_task+0x0 [FTRACE]`.
hooks() {
  ml_line=$(grep -s -m 1 '^can_migrate_task[. ]' "$tf/enabled_functions")
  ko_say hooks "ftrace=$ml_line" "kprobes=$(grep -s 'can_migrate_task' /sys/kernel/debug/kprobes/list | head -n 4)"
}

# --- what is set, and comes back -------------------------------------------------------------------------------------

set_mode() {
  ml_was=$(printf '%s\n' "$ml_stats" | sed -n 's/.*"mode" *: *"\([a-z]*\)".*/\1/p')
  [ -n "$ml_was" ] || ko_fail 'The deployed model does not tell its mode: see kernel-oracle deploy status.'
  ko_restore sh -c "$ml_set_mode" sh "$ml_folder" "$ml_sysfs" "$ml_was"
  [ "$ml_was" = "$ml_mode" ] || mode "$ml_mode" >"$ko_dir/mode" 2>&1 ||
    ko_fail "The deployed model does not go to the mode $ml_mode: $(tail -n 1 "$ko_dir/mode")"
}

# $1 a file of tracefs, $2 what is written to it, $3 what is written when all is over
set_until_end() {
  ko_restore sh -c 'printf "%s\n" "$2" >"$1"' sh "$tf/$1" "$3"
  printf '%s\n' "$2" >"$tf/$1" || ko_fail "$tf/$1 does not take $2."
}

set_tracer() {
  set_until_end tracing_on 0 "$(cat "$tf/tracing_on")"
  # Cleared before tracing may go on.
  ko_restore sh -c ': >"$1"' sh "$tf/trace"
  set_until_end buffer_size_kb "$ml_buffer_kb" "$ml_size"
  # `name [module]` is taken by its name alone.
  sed -e '/^#/d' -e 's/ .*//' "$tf/set_ftrace_filter" >"$ko_dir/filter"
  ko_restore sh -c 'cat "$1" >"$2"' sh "$ko_dir/filter" "$tf/set_ftrace_filter"
  # Only this function: by set_graph_function every function would be hooked, and all times be those of the hooks.
  echo can_migrate_task >"$tf/set_ftrace_filter" 2>/dev/null || echo 'can_migrate_task.*' >"$tf/set_ftrace_filter" ||
    ko_fail 'can_migrate_task() cannot be traced by this kernel: the compiler may have inlined it.'
  set_until_end current_tracer function_graph nop
  if [ -f "$tf/options/funcgraph-duration" ] && [ "$(cat "$tf/options/funcgraph-duration")" = 0 ]; then
    set_until_end options/funcgraph-duration 1 0
  fi
  : >"$tf/trace"
}

# Sets ml_lost: entries that were overwritten, or found no room.
count_lost() {
  ml_lost=0
  for ml_file in "$tf"/per_cpu/cpu*/stats; do
    while read -r ml_name ml_a ml_b ml_rest; do
      case $ml_name$ml_a in
      overrun:*) ml_lost=$((ml_lost + ml_a)) ;;
      commitoverrun: | droppedevents:) ml_lost=$((ml_lost + ml_b)) ;;
      esac
    done <"$ml_file"
  done
}

[ "$ml_probe" != function_graph ] || require_free_tracer
ask_stats
set_mode
hooks
# After the model: of hooks of one function the newest is the outermost, and its time is that of all.
[ "$ml_probe" != function_graph ] || set_tracer
stats before
[ "$ml_probe" != function_graph ] || echo 1 >"$tf/tracing_on" || ko_fail "$tf/tracing_on cannot be set to 1"
ko_say ready
while ! ko_stopping; do ko_sleep 3600; done
[ "$ml_probe" != function_graph ] || echo 0 >"$tf/tracing_on"
stats after
if [ "$ml_probe" = function_graph ]; then
  count_lost
  ko_say lost "events=$ml_lost"
  cat "$tf/trace" 3>&- 4>&-
fi
exit 0
