# Short-lived processes: $1 shells start one program after the other for $2 seconds.
ko_say tool name=sh
ko_run sh -c '
  ko_left=$1
  while [ "$ko_left" -gt 0 ]; do
    timeout "$2" sh -c "while sh -c :; do :; done" &
    ko_left=$((ko_left - 1))
  done
  wait' sh "$1" "$2"
