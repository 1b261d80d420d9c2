# One measured run. $1 tells what:
#   command PROGRAM ARG...              where the user lands after logging in
#   shell TEXT                          the same for a text for sh
#   zstd LEVEL THREADS MEBIBYTES TIMES  compresses a file made here, TIMES times
# What the command prints, errors too, is the output: its own figures are read from that. The times are told raw:
# GNU date gives nanoseconds of a clock that may be set, /proc/uptime hundredths of one that may not.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
LC_NUMERIC=C
export PATH LC_NUMERIC

need() { command -v "$1" >/dev/null 2>&1 || ko_fail "$1 is not installed on this machine."; }

# Words of 2 to 9 letters by the generator of Lehmer (16807, 2^31 - 1), whose products a double holds exactly: the same
# file on every machine. Compresses about 3 to 1, as text does.
words() {
  awk -v bytes=$(($1 * 1048576)) 'BEGIN {
    seed = 4711
    for (word = 0; word < 4000; word++) {
      text = ""
      seed = seed * 16807 % 2147483647
      for (letters = 2 + seed % 8; letters > 0; letters--) {
        seed = seed * 16807 % 2147483647
        text = text substr("etaoinshrdlucmfwypvbgkqjxz", 1 + int((seed / 2147483647) ^ 2 * 26), 1)
      }
      list[word] = text
    }
    while (written < bytes) {
      line = ""
      while (length(line) < 72) {
        seed = seed * 16807 % 2147483647
        line = line " " list[int((seed / 2147483647) ^ 2 * 4000)]
      }
      print line
      written += length(line) + 1
    }
  }'
}

case $1 in
command)
  shift
  need "$1"
  ;;
shell)
  shift
  set -- sh -c "$1"
  ;;
zstd)
  need zstd
  words "$4" >"$ko_dir/words" || ko_fail "The file to compress cannot be written to $ko_dir."
  ko_times=$5
  set -- sh -c '
    ko_left=$1
    while [ "$ko_left" -gt 0 ]; do
      zstd -q "-$2" "-T$3" -c "$4" >/dev/null || exit
      ko_left=$((ko_left - 1))
    done' sh "$5" "$2" "$3" "$ko_dir/words"
  ;;
*) ko_fail "There is no benchmark of the kind $1." ;;
esac

# Sets ko_at and ko_uptime.
now() {
  ko_at=$(date +%s.%N)
  read -r ko_uptime ko_rest </proc/uptime
}

# What measuring costs: an empty command, three times.
for ko_try in 1 2 3; do
  now
  ko_begun=$ko_at
  ko_run sh -c :
  now
  ko_say overhead "begun=$ko_begun" "ended=$ko_at"
done

# `times` counts what this shell has waited for; in a $( ) it would count nothing.
times >"$ko_dir/times"
now
ko_begun=$ko_at ko_begun_uptime=$ko_uptime
ko_run "$@" 2>&1
ko_code=$?
now
times >>"$ko_dir/times"
if [ -f "$ko_dir/words" ]; then
  printf 'Compressed %s bytes %s times\n' "$(wc -c <"$ko_dir/words" | tr -d ' ')" "$ko_times"
fi
{ read -r ko_rest && read -r ko_cpu_begun && read -r ko_rest && read -r ko_cpu_ended; } <"$ko_dir/times"
ko_say measured "begun=$ko_begun" "ended=$ko_at" "begunUptime=$ko_begun_uptime" "endedUptime=$ko_uptime" \
  "begunCpu=$ko_cpu_begun" "endedCpu=$ko_cpu_ended" "code=$ko_code"
exit "$ko_code"
