# Writers beside CPU burners: $1 writers, each `dd if=/dev/urandom bs=4K count=2500 conv=fdatasync`, and $2 processes of
# tight floating point for $3 seconds. With $4 `repeated`, each writer begins again until the time is over.
ko_place=$ko_dir
for ko_folder in "$ko_dir" /var/tmp "$HOME"; do
  # Nothing waits for a disk where the files are in memory.
  case $(df -P "$ko_folder" 2>/dev/null | awk 'NR == 2 { print $1 }') in '' | tmpfs | ramfs | none) continue ;; esac
  [ -w "$ko_folder" ] || continue
  ko_place=$ko_folder
  break
done
if [ "$ko_place" != "$ko_dir" ]; then
  ko_place=$ko_place/kernel-oracle-$ko_token
  ko_restore rm -rf -- "$ko_place"
  mkdir -m 700 "$ko_place" || exit 1
fi
ko_say tool name=dd "folder=$ko_place"
ko_run sh -c '
  cd "$1" || exit 1
  ko_left=$2
  while [ "$ko_left" -gt 0 ]; do
    if [ "$5" = repeated ]; then
      timeout "$4" sh -c "while dd if=/dev/urandom of=written.$ko_left bs=4K count=2500 conv=fdatasync 2>/dev/null; do :; done" &
    else
      timeout "$4" dd if=/dev/urandom of="written.$ko_left" bs=4K count=2500 conv=fdatasync &
    fi
    ko_left=$((ko_left - 1))
  done
  ko_left=$3
  while [ "$ko_left" -gt 0 ]; do
    timeout "$4" awk "BEGIN { x = 1; while (1) x = x * 0.999 + 0.5 }" &
    ko_left=$((ko_left - 1))
  done
  wait' sh "$ko_place" "$1" "$2" "$3" "$4"
