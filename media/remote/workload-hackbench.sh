# Message passing: $1 `pipe` or `socket`, $2 groups, $3 messages of each sender to each receiver. A group is 20 senders and
# 20 receivers with messages of 100 bytes, in hackbench as in perf's `bench sched messaging`, which was made from it.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
case $1 in pipe) ko_pipe=-p ;; *) ko_pipe= ;; esac
if command -v hackbench >/dev/null 2>&1; then
  ko_say tool name=hackbench
  echo "ran: hackbench $ko_pipe -g $2 -l $3"
  ko_run hackbench $ko_pipe -g "$2" -l "$3"
elif perf --version >/dev/null 2>&1; then
  ko_say tool "name=perf bench sched messaging"
  echo "ran: perf bench sched messaging $ko_pipe -g $2 -l $3"
  ko_run perf bench sched messaging $ko_pipe -g "$2" -l "$3"
else
  ko_fail "Neither hackbench nor perf, which can do the same, is installed on this machine."
fi
