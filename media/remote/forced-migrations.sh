# How this kernel tells that a migration was forced: allowed although the task counted as cache-hot. The one place that
# decides it, for the check of a machine and for the recording; programs take it in by `#include`. Changes nothing. Sets
#   forced_by       task: by the task's bit sched_task_hot (Linux 6.12, and stable kernels that took it over), which stands
#                   until the task is detached. counter: by the task's nr_forced_migrations having grown during the call,
#                   on kernels before that. nothing: this kernel has neither. unknown: it has no BTF that would say.
#   forced_counter  where task_struct has that counter; empty where it is not by the counter
#   forced_stats    of kernel.sched_schedstats, with which alone it counts: on, off, locked (off, and cannot be switched on)
forced_btf=/sys/kernel/btf/vmlinux
# Whether a name is among those of the kernel's types: they stand there as they are, each ended by a NUL.
btf_knows() { [ -r "$forced_btf" ] && grep -q -a -z -x -F -e "$1" "$forced_btf"; }
forced_by=unknown forced_counter= forced_stats=
if [ -r "$forced_btf" ]; then
  forced_by=nothing
  if btf_knows sched_task_hot; then
    forced_by=task
  elif btf_knows nr_forced_migrations; then
    forced_by=counter
    forced_release=$(uname -r)
    forced_minor=${forced_release#*.}
    forced_minor=${forced_minor%%[!0-9]*}
    # Since Linux 5.16 the statistics are of the task, before of its part for the fair scheduler.
    if [ "${forced_release%%.*}" -gt 5 ] || { [ "${forced_release%%.*}" -eq 5 ] && [ "$forced_minor" -ge 16 ]; }; then
      forced_counter=stats.nr_forced_migrations
    else
      forced_counter=se.statistics.nr_forced_migrations
    fi
    if [ "$(cat /proc/sys/kernel/sched_schedstats 2>/dev/null)" = 1 ]; then
      forced_stats=on
    elif [ -w /proc/sys/kernel/sched_schedstats ]; then
      forced_stats=off
    else
      forced_stats=locked
    fi
  fi
fi
