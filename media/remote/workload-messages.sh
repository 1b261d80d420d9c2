# Message passing with nothing but sh: $1 pairs of processes hand a line to and fro through two pipes for $2 seconds; each
# message is a wakeup and a switch.
cd "$ko_dir" || exit 1
ko_pair=0
while [ "$ko_pair" -lt "$1" ]; do
  mkfifo "to.$ko_pair" "fro.$ko_pair" || exit 1
  ko_pair=$((ko_pair + 1))
done
ko_say tool name=sh
ko_run sh -c '
  ko_pair=0
  while [ "$ko_pair" -lt "$1" ]; do
    # Opened for both, a pipe waits for nobody and never ends.
    timeout "$2" sh -c "while echo message >&5 && read -r ko_line <&6; do :; done" 5<>"to.$ko_pair" 6<>"fro.$ko_pair" &
    timeout "$2" sh -c "while read -r ko_line <&5 && echo message >&6; do :; done" 5<>"to.$ko_pair" 6<>"fro.$ko_pair" &
    ko_pair=$((ko_pair + 1))
  done
  wait' sh "$1" "$2"
