# Runs a program of bpftrace, whose output is the output. $1 the kernel function that it probes, or nothing; $2 how long a
# task is to count as cache-hot meanwhile, in ns, or nothing; then name and text of each variant, the best first: one that
# this kernel refuses gives way to the next.
#
# In the texts, KO_PID is bpftrace's own process. What differs between kernels is looked up in the kernel's own
# descriptions (BTF): KO_IDLE and KO_NEWLY_IDLE, of enum cpu_idle_type, which was renumbered in Linux 6.10; and whether a
# migration is forced, KO_FORCED_…
LC_ALL=C BPFTRACE_MAX_STRLEN=${BPFTRACE_MAX_STRLEN:-64} BPFTRACE_PERF_RB_PAGES=${BPFTRACE_PERF_RB_PAGES:-512}
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH BPFTRACE_MAX_STRLEN BPFTRACE_PERF_RB_PAGES
function=$1
migration_cost=$2
shift 2

command -v bpftrace >/dev/null 2>&1 || ko_fail 'bpftrace is not installed on this machine.'
version=$(bpftrace --version 2>/dev/null) || ko_fail 'bpftrace is installed, but does not run.'
ko_say tool name=bpftrace "version=${version#bpftrace }"
# Before Linux 5.11 programs count as locked memory.
ulimit -l unlimited 2>/dev/null || :

#include forced-migrations
idle=0 newly_idle=2
if btf_knows __CPU_NOT_IDLE; then idle=1; fi
if [ "$function" = can_migrate_task ]; then
  # Until Linux 5.12 a kernel parameter, since then a file of debugfs, which someone has to have mounted.
  cost_file=
  for file in /sys/kernel/debug/sched/migration_cost_ns /proc/sys/kernel/sched_migration_cost_ns; do
    [ ! -r "$file" ] || cost_file=$file
  done
  if [ -n "$migration_cost" ]; then
    [ -n "$cost_file" ] || ko_fail 'The migration cost cannot be set: there is no /sys/kernel/debug/sched/migration_cost_ns. Mount debugfs there: mount -t debugfs nodev /sys/kernel/debug'
    ko_restore_value "$cost_file"
    printf '%s\n' "$migration_cost" >"$cost_file" || ko_fail "$cost_file does not take $migration_cost."
  fi
  [ -z "$cost_file" ] || ko_say set name=migration_cost_ns "value=$(cat "$cost_file")"
  if [ "$forced_by" = counter ] && [ "$forced_stats" = off ]; then
    ko_restore_value /proc/sys/kernel/sched_schedstats
    echo 1 >/proc/sys/kernel/sched_schedstats
  fi
  # Statistics that stay off count nothing: every call would look like one that was not forced.
  if [ "$forced_by" = counter ] && [ "$(cat /proc/sys/kernel/sched_schedstats 2>/dev/null)" != 1 ]; then
    ko_say remark 'text=Which migrations are forced is not recorded: kernel.sched_schedstats is off and could not be switched on.'
    forced_by=nothing
  elif [ "$forced_by" = nothing ] || [ "$forced_by" = unknown ]; then
    ko_say remark 'text=This kernel does not tell which migrations are forced: the recording has no column "forced".'
  fi
  ko_say set name=forced_by "value=$forced_by"
fi
forced_name=forced, forced_format=%d, forced_count=0
case $forced_by in
task) forced='$allowed == 1 \&\& $p->sched_task_hot == 1' ;;
counter)
  forced_count="\$p->$forced_counter"
  forced="\$allowed == 1 \\&\\& $forced_count > @forced[cpu]"
  ;;
*) forced= forced_name= forced_format= ;;
esac
tokens="s/KO_FORCED_NAME/$forced_name/;s/KO_FORCED_FORMAT/$forced_format/;s/KO_FORCED_COUNT/$forced_count/"
tokens="$tokens;s/KO_FORCED_VALUE/${forced:+ ($forced) ? 1 : 0,}/;s/KO_NEWLY_IDLE/$newly_idle/;s/KO_IDLE/$idle/"

# Ready is when all probes are attached: from then on bpftrace waits for their output in epoll, and not before.
attend() {
  tries=0
  while sleep 0.2 3>&- 2>/dev/null || sleep 1 3>&-; do
    read -r pid 2>/dev/null <"$ko_dir/pid" || continue
    [ -d "/proc/$pid" ] || return
    tries=$((tries + 1))
    case $(cat "/proc/$pid/wchan" 2>/dev/null) in
    *epoll* | *ep_poll*)
      ko_say ready "variant=$1"
      return
      ;;
    esac
    # A kernel that does not tell what its tasks wait for.
    if [ "$tries" -ge 100 ]; then
      ko_say ready "variant=$1" estimated=1
      return
    fi
  done
}

# Until bpftrace waits for its buffers to fill, at three looks in a row, or for some 5 s.
drain() {
  calm=0 looks=0
  while [ "$calm" -lt 3 ] && [ "$looks" -lt 50 ]; do
    looks=$((looks + 1))
    case $(cat "/proc/$1/wchan" 2>/dev/null) in
    *epoll* | *ep_poll*) calm=$((calm + 1)) ;;
    *) calm=0 ;;
    esac
    sleep 0.1 2>/dev/null || sleep 1
  done
}

# Runs a variant. bpftrace drops what it has not printed when it is told to end, so that it is told a little later.
run_variant() {
  trap : TERM
  sh -c 'echo $$ >"$1/pid"
    sed -e "$3;s/KO_PID/$$/g" "$1/$2.bt" >"$1/program.bt" && exec bpftrace "$1/program.bt"' \
    sh "$ko_dir" "$1" "$tokens" 2>"$ko_dir/errors" &
  bpftrace=$!
  while :; do
    { wait "$bpftrace"; } 2>/dev/null
    status=$?
    kill -0 "$bpftrace" 2>/dev/null || return "$status"
    drain "$bpftrace"
    kill -s INT "$bpftrace" 2>/dev/null
  done
}

ko_signal=TERM
while [ "$#" -gt 0 ]; do
  variant=$1
  printf '%s\n' "$2" >"$ko_dir/$variant.bt"
  shift 2
  rm -f "$ko_dir/pid"
  attend "$variant" >/dev/null 4>&- &
  attendant=$!
  ko_run run_variant "$variant"
  kill "$attendant" 2>/dev/null
  if ko_stopping; then
    lost=0
    while read -r word count rest; do
      case $word$count in Lost*[!0-9]*) ;; Lost[0-9]*) lost=$((lost + count)) ;; esac
    done <"$ko_dir/errors"
    ko_say lost "events=$lost"
    exit 0
  fi
  # In colour, and with the place in the program below.
  why=$(grep -i -e error -e denied -e 'not permitted' -e 'not available' "$ko_dir/errors" | head -n 2 | tr '\n' ' ')
  ko_say refused "variant=$variant" "why=${why:-bpftrace ended by itself}"
done

if [ -n "$function" ]; then
  tracing=/sys/kernel/tracing
  [ -d "$tracing/events" ] || tracing=/sys/kernel/debug/tracing
  reasons=
  if ! grep -q -e "[tT] $function\$" -e "[tT] $function\[" -e "[tT] $function	" /proc/kallsyms 2>/dev/null; then
    reasons="it has no function $function of its own (the compiler may have inlined it); "
  fi
  [ -e "$tracing/kprobe_events" ] || reasons="${reasons}it is built without kprobes (CONFIG_KPROBE_EVENTS); "
  [ -r "$forced_btf" ] || reasons="${reasons}it has no BTF (CONFIG_DEBUG_INFO_BTF); "
  if ! head -n 1 "$tracing/available_filter_functions" >/dev/null 2>&1; then
    reasons="${reasons}it allows no function tracing; "
  fi
  ko_fail "This kernel allows no probe of $function: ${reasons}bpftrace says: ${why:-nothing}"
fi
ko_fail "bpftrace cannot run this program here: ${why:-it does not say why}"
