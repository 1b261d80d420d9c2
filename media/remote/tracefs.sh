# Records events of an own tracefs instance and streams what its buffers hold. Runs under guard.sh as root.
#   $1 KiB of buffer a CPU, $2 1: overwrite the oldest when full, $3 clock, $4 pages | text
#   then for each event: needed | optional, GROUP:NAME, filter or empty
#
# Output "text": what trace_pipe prints. Output "pages" is read by src/remote/collect/rawPages.ts:
#
#     kernel-oracle-pages 1 page=4096 long=8 little=1 cpus=2
#     marker cpu 0 · pages of CPU 0 as trace_pipe_raw gives them · marker cpu 1 · …
#
# A marker has the size of a page, too; its commit field says what no page's can: more than a page holds.
tf_buffer_kb=$1 tf_overwrite=$2 tf_clock=$3 tf_format=$4
shift 4

for tf_root in /sys/kernel/tracing /sys/kernel/debug/tracing; do [ ! -d "$tf_root/events" ] || break; done
[ -d "$tf_root/events" ] || ko_fail 'tracefs is not mounted, or only root may see it: mount -t tracefs tracefs /sys/kernel/tracing'
[ -w "$tf_root/instances" ] || ko_fail "$tf_root/instances cannot be written: root rights are needed"
tf=$tf_root/instances/kernel-oracle-$ko_token

# --- before anything is changed --------------------------------------------------------------------------------------

tf_missing=
tf_count=$#
while [ "$tf_count" -gt 0 ]; do
  tf_need=$1 tf_event=$2 tf_filter=$3
  shift 3
  tf_count=$((tf_count - 3))
  if [ -f "$tf_root/events/${tf_event%%:*}/${tf_event#*:}/enable" ]; then set -- "$@" "$tf_event" "$tf_filter"
  elif [ "$tf_need" = needed ]; then tf_missing="$tf_missing $tf_event"; fi
done
[ -z "$tf_missing" ] || ko_fail "this kernel has no event$tf_missing"
[ $# -gt 0 ] || ko_fail 'this kernel has none of the events'

# "field: char data;	offset:16;	size:4080;	signed:0;" - not by read: the file gives nothing to who asks for a byte.
tf_field=
for tf_word in $(cat "$tf_root/events/header_page"); do
  case $tf_field:$tf_word in
  commit:size:*) tf_long=${tf_word#size:} tf_long=${tf_long%;} ;;
  data:offset:*) tf_offset=${tf_word#offset:} tf_offset=${tf_offset%;} ;;
  data:size:*) tf_size=${tf_word#size:} tf_page=$((tf_offset + ${tf_size%;})) ;;
  *:offset:* | *:size:* | *:signed:*) ;;
  *) tf_field=${tf_word%;} ;;
  esac
done
[ -n "${tf_page-}" ] && [ -n "${tf_long-}" ] || ko_fail "$tf_root/events/header_page has another form than is known"
tf_little=0
[ $(printf '\1\0' | od -An -tu2) -ne 1 ] || tf_little=1

# busybox's dd cannot be told not to wait: then it reads what is known to be there, and the rest until a time limit.
tf_nonblock=iflag=nonblock
if ! dd iflag=nonblock count=0 </dev/null >/dev/null 2>&1; then tf_nonblock=; fi
tf_fraction=1
sleep 0.001 2>/dev/null || tf_fraction=

# --- the instance ----------------------------------------------------------------------------------------------------

tf_set() { printf '%s\n' "$2" >"$tf/$1" || ko_fail "$1 cannot be set to $2 there"; }

ko_restore_rmdir "$tf"
mkdir "$tf" || ko_fail "$tf cannot be made"
tf_set tracing_on 0
tf_set options/overwrite "$tf_overwrite"
tf_set trace_clock "$tf_clock"
# What header_page says of a page holds for the top buffer; an instance begins with the kernel's own size.
[ ! -f "$tf/buffer_subbuf_size_kb" ] || tf_set buffer_subbuf_size_kb "$((tf_page / 1024))"
tf_set buffer_size_kb "$tf_buffer_kb"
tf_count=$#
tf_events=
while [ "$tf_count" -gt 0 ]; do
  tf_event=$1 tf_filter=$2
  shift 2
  tf_count=$((tf_count - 2))
  tf_dir=events/${tf_event%%:*}/${tf_event#*:}
  tf_events="$tf_events $tf_event"
  if [ -n "$tf_filter" ] && ! printf '%s\n' "$tf_filter" >"$tf/$tf_dir/filter"; then
    ko_fail "the kernel refuses the filter of $tf_event: $(cat "$tf/$tf_dir/filter")"
  fi
  tf_set "$tf_dir/enable" 1
done

tf_cpus=0
for tf_cpu in "$tf"/per_cpu/cpu*; do
  tf_cpu=${tf_cpu##*/cpu}
  [ "$tf_cpu" -lt "$tf_cpus" ] || tf_cpus=$((tf_cpu + 1))
done
# CPUs that could be there but are not: looked at only at the end.
tf_present=
for tf_cpu in "$tf"/per_cpu/cpu*; do
  tf_cpu=${tf_cpu##*/cpu}
  [ ! -d "/sys/devices/system/cpu/cpu$tf_cpu" ] || tf_present="$tf_present $tf_cpu"
done
[ -n "$tf_present" ] || tf_present=0

# --- what is sent ----------------------------------------------------------------------------------------------------

tf_mark() { printf "KO-PAGES\377\377\377\377\377\377\377\377%-$((tf_page - 16))s" "$1"; }

tf_text() {
  tf_mark "text $1 ${#2}"
  tf_fill=$(((tf_page - ${#2} % tf_page) % tf_page))
  printf '%s' "$2"
  [ "$tf_fill" = 0 ] || printf "%${tf_fill}s" ''
}

tf_file() { tf_text "$1" "$(cat "$2")
"; }

tf_threads() { tf_text threads "$(grep -s '' /proc/[0-9]*/task/[0-9]*/comm)
"; }

# Sets what the kernel counts of CPU $1. No process is started for it.
tf_stats() {
  tf_entries=0 tf_bytes=0
  while read -r tf_name tf_a tf_b tf_rest; do
    case $tf_name$tf_a in
    entries:*) tf_entries=$tf_a ;;
    overrun:*) tf_lost=$((tf_lost + tf_a)) ;;
    commitoverrun: | droppedevents:) tf_lost=$((tf_lost + tf_b)) ;;
    bytes:*) tf_bytes=$tf_a ;;
    readevents:) tf_seen=$((tf_seen + tf_b)) ;;
    esac
  done <"$tf/per_cpu/cpu$1/stats"
  tf_seen=$((tf_seen + tf_entries))
  tf_waiting=$((tf_waiting + tf_bytes))
  [ "$tf_bytes" -le "$tf_most" ] || tf_most=$tf_bytes
}

# Whole pages only: $2 of CPU $1.
tf_drain() {
  tf_mark "cpu $1"
  if [ -n "$tf_nonblock" ]; then
    dd if="$tf/per_cpu/cpu$1/trace_pipe_raw" ibs="$tf_page" obs=$((tf_page * 32)) count="$2" iflag=nonblock 2>/dev/null 3>&- 4>&-
  else timeout 2 dd if="$tf/per_cpu/cpu$1/trace_pipe_raw" bs="$tf_page" count="$2" 2>/dev/null 3>&- 4>&-; fi
}

tf_drain_rest() {
  tf_mark "cpu $1"
  if [ -n "$tf_nonblock" ]; then
    dd if="$tf/per_cpu/cpu$1/trace_pipe_raw" ibs="$tf_page" obs=$((tf_page * 32)) iflag=nonblock 2>/dev/null 3>&- 4>&-
  else timeout 1 dd if="$tf/per_cpu/cpu$1/trace_pipe_raw" bs="$tf_page" 2>/dev/null 3>&- 4>&-; fi
}

# At most $1 reads of up to 64 KiB of text.
tf_print() {
  if [ -n "$tf_nonblock" ]; then dd if="$tf/trace_pipe" bs=65536 iflag=nonblock count="$1" 2>/dev/null 3>&- 4>&-
  else timeout 1 dd if="$tf/trace_pipe" bs=65536 2>/dev/null 3>&- 4>&-; fi
}

# Waits $1 ms.
tf_wait() {
  if [ "$1" -ge 1000 ] || [ -z "$tf_fraction" ]; then
    ko_sleep 1
  else
    tf_ms=$(($1 + 1000))
    ko_sleep "0.${tf_ms#1}"
  fi
}

# --- recording -------------------------------------------------------------------------------------------------------

tf_size=$((tf_buffer_kb * 1024))
# A CPU is drained when an eighth of its buffer, at most 1 MiB, waits; what is less, once it has waited for four rounds.
tf_enough=$((tf_size / 8))
[ "$tf_enough" -le 1048576 ] || tf_enough=1048576
[ "$tf_enough" -ge "$tf_page" ] || tf_enough=$tf_page

if [ "$tf_format" = pages ]; then
  printf 'kernel-oracle-pages 1 page=%s long=%s little=%s cpus=%s\n' "$tf_page" "$tf_long" "$tf_little" "$tf_cpus"
  tf_file header_page "$tf_root/events/header_page"
  tf_file header_event "$tf_root/events/header_event"
  for tf_event in $tf_events; do
    tf_file "format:${tf_event%%:*}" "$tf/events/${tf_event%%:*}/${tf_event#*:}/format"
  done
  tf_text uname "$(uname -srm)"
  tf_file clock "$tf/trace_clock"
  tf_threads
else
  printf '# tracer: nop\n#\n'
fi
ko_say tool name=Linux "version=$(uname -r)"

tf_set tracing_on 1
ko_say ready
tf_period=100 tf_round=0
# Who drains must get its turn also when the workload takes all CPUs.
renice -n -15 -p $$ >/dev/null 2>&1
while ! ko_stopping; do
  tf_wait "$tf_period"
  tf_seen=0 tf_lost=0 tf_waiting=0 tf_most=0
  tf_round=$((tf_round + 1))
  for tf_cpu in $tf_present; do
    tf_stats "$tf_cpu"
    [ "$tf_format" = pages ] || continue
    if [ "$tf_bytes" -ge "$tf_enough" ] || { [ "$tf_round" -ge 4 ] && [ "$tf_bytes" -ge $((tf_page * 2)) ]; }; then
      # The last page is being written.
      [ "$tf_bytes" -lt $((tf_page * 2)) ] || tf_drain "$tf_cpu" $((tf_bytes / tf_page - 1))
    fi
  done
  [ "$tf_round" -lt 4 ] || tf_round=0
  if [ "$tf_format" = pages ]; then tf_mark "counters $tf_seen $tf_lost $tf_waiting"
  elif [ "$tf_waiting" -gt 0 ]; then tf_print 256; fi
  # So long that a quarter of the fullest buffer should wait then; not at all when half of it does already.
  tf_period=$(((tf_period + 1) * tf_size / 4 / (tf_most + 1)))
  [ "$tf_most" -lt $((tf_size / 2)) ] || tf_period=1
  [ "$tf_period" -ge 20 ] || [ "$tf_most" -ge $((tf_size / 2)) ] || tf_period=20
  [ "$tf_period" -le 1000 ] || tf_period=1000
done

tf_set tracing_on 0
tf_lost=0 tf_seen=0 tf_waiting=0 tf_most=0
if [ "$tf_format" = pages ]; then
  tf_cpu=0
  while [ "$tf_cpu" -lt "$tf_cpus" ]; do
    if [ -d "$tf/per_cpu/cpu$tf_cpu" ]; then
      tf_drain_rest "$tf_cpu"
      tf_file "stats:$tf_cpu" "$tf/per_cpu/cpu$tf_cpu/stats"
    fi
    tf_cpu=$((tf_cpu + 1))
  done
  tf_threads
  tf_file cmdlines "$tf_root/saved_cmdlines"
  tf_mark end
else
  tf_print 1000000
  for tf_cpu in $tf_present; do tf_stats "$tf_cpu"; done
  ko_say lost "events=$tf_lost"
fi
exit 0
