# Records scheduler events with perf. $1 `stream`: perf.data, as perf writes it to a pipe, is the output. $1 `map`: perf.data
# is put on the disk here, and when the recording is stopped the text of `perf sched map` is the output.
# $2 pages of perf's buffer a CPU, $3 KB that must be free on the disk (`map`), then the events, GROUP:NAME.
LC_ALL=C PERF_PAGER=cat
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH PERF_PAGER
mode=$1 pages=$2 least_kb=$3
shift 3

command -v perf >/dev/null 2>&1 || ko_fail 'perf is not installed on this machine.'
version=$(perf --version 2>/dev/null) || ko_fail 'perf is installed, but does not run: is it the one of this kernel?'
ko_say tool name=perf "version=${version#perf version }"

# Events that this kernel lacks are left out; perf would refuse all.
tracing=
for folder in /sys/kernel/tracing /sys/kernel/debug/tracing; do
  if [ -d "$folder/events/sched" ]; then
    tracing=$folder
    break
  fi
done
has() { [ -z "$tracing" ] || [ -d "$tracing/events/${1%%:*}/${1#*:}" ]; }
has sched:sched_switch || ko_fail 'This kernel has no event sched:sched_switch.'
events= lacking=
for event; do
  if has "$event"; then
    events="$events${events:+,}$event"
  elif [ "$event" = sched:sched_waking ] && has sched:sched_wakeup; then
    # Before Linux 4.3.
    events="$events${events:+,}sched:sched_wakeup" lacking="$lacking $event"
  else
    lacking="$lacking $event"
  fi
done
ko_say events "used=$events" "lacking=${lacking# }"

free_kb() {
  set -- $(df -Pk "$1" 2>/dev/null | tail -n 1)
  echo "${4:-0}"
}

file=-
if [ "$mode" = map ]; then
  place=$ko_dir
  if [ "$(free_kb /var/tmp)" -gt "$(free_kb "$ko_dir")" ]; then
    place=/var/tmp/kernel-oracle-$ko_token
    ko_restore rm -rf -- "$place"
    (umask 077 && mkdir "$place") || place=$ko_dir
  fi
  free=$(free_kb "$place")
  [ "$free" -ge "$least_kb" ] ||
    ko_fail "The disk of this machine is full: ${place%/*} has $free KB free, and perf sched map needs at least $least_kb KB there."
  file=$place/perf.data
fi

set -- perf record -a -R -c 1 -B -N -m "$pages" -e "$events" -o "$file"
if perf record -h 2>&1 | grep -q -e --control; then
  mkfifo "$ko_dir/control" "$ko_dir/answer" || ko_fail 'No pipes can be made here.'
  set -- "$@" -D -1 --control "fifo:$ko_dir/control,$ko_dir/answer"
  control=1
else
  control=
fi

# Sets the events going and tells when they are. Each question afterwards makes perf write what its buffers hold, so that
# a quiet machine is seen to be alive, and a busy one is emptied often.
ask() {
  echo "$1" >"$ko_dir/control" && read -r answer <"$ko_dir/answer"
}
attend() {
  if [ -n "$control" ]; then
    ask enable
    ko_say ready
  else
    sleep 2 3>&-
    ko_say ready estimated=1
  fi
  while sleep 1 3>&-; do
    [ -z "$control" ] || ask ping
    if [ "$mode" = map ] && [ "$(free_kb "$place")" -lt $((least_kb / 4)) ]; then
      : >"$ko_dir/full"
      kill -s INT "$(cat "$ko_dir/pid")"
      return
    fi
  done
}
attend >/dev/null 4>&- &
attendant=$!

ko_signal=INT
ko_run sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$ko_dir/pid" "$@" 2>"$ko_dir/errors"
kill "$attendant" 2>/dev/null
if [ -e "$ko_dir/full" ]; then
  ko_say remark 'text=The disk of the machine was nearly full: the recording ended early.'
elif ! ko_stopping; then
  why=$(grep -v -e '^\[ perf record' -e '^Events ' -e '^$' "$ko_dir/errors" | head -n 4 | tr '\n' ' ')
  ko_fail "perf ended by itself: ${why:-it does not say why.}"
fi

if [ "$mode" = map ]; then
  # A stop that comes again must not end this.
  ko_stop= ko_signal=CONT
  if ! ko_run perf sched map -i "$file" 2>"$ko_dir/errors"; then
    ko_fail "perf sched map failed: $(tail -n 2 "$ko_dir/errors" | tr '\n' ' ')"
  fi
fi
exit 0
