# Tight floating point: $1 processes for $2 seconds.
ko_say tool "name=awk"
ko_run sh -c '
  ko_left=$1
  while [ "$ko_left" -gt 0 ]; do
    timeout "$2" awk "BEGIN { x = 1; while (1) x = x * 0.999 + 0.5 }" &
    ko_left=$((ko_left - 1))
  done
  wait' sh "$1" "$2"
