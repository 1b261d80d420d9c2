# A model in the kernel of this machine. $1 is what to do, see the end; what is deployed lies in a folder of root's. Prints lines as
# preflight.sh does; `failed` is why it went no further. Whoever listens may go away: what was begun is brought to its end.
LC_ALL=C
export LC_ALL
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
trap '' PIPE HUP
umask 077
ko_count=0
ko_base=${KERNEL_ORACLE_FOLDER:-/var/lib/kernel-oracle}
ko_there=$ko_base/deployed
ko_part=$ko_base/deployed.part
ko_told=$ko_base/deployment.json
# Of a module, and of a kernel that was built with a model: that is there without having been deployed.
ko_sysfs=${KERNEL_ORACLE_SYSFS:-/sys/kernel/kernel_oracle}

encoded() { od -An -v -tx1 -N 16384 | tr -s ' \n' '%'; }
fact() { # NAME VALUE
  case $2 in
    *[!A-Za-z0-9_.,:/=+@\ -]*)
      ko_value=$(printf %s "$2" | encoded)
      ko_value=${ko_value%\%}
      ;;
    *) ko_value=$2 ;;
  esac
  printf 'fact\t%s\t%s\n' "$1" "$ko_value"
  ko_count=$((ko_count + 1))
}
file() { # NAME PATH
  [ ! -r "$2" ] || fact "$1" "$(head -c 16384 "$2" 2>/dev/null)"
}
finish() {
  # Of another boot than before, the machine was started anew meanwhile.
  file boot.id /proc/sys/kernel/random/boot_id
  file tainted /proc/sys/kernel/tainted
  fact end "$ko_count"
  exit 0
}
fail() { # WHY
  fact failed "$1"
  finish
}
limited() { # SECONDS COMMAND ARG…
  if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift; "$@"; fi
}
alone() { # One at a time changes anything.
  mkdir -p "$ko_base" || fail "$ko_base cannot be made"
  exec 9<"$ko_base"
  ! command -v flock >/dev/null 2>&1 || flock -w 45 9 ||
    fail 'another deployment, or one that was given up, is still at work there; try again in a minute'
}
control() { # FOLDER SECONDS WORD ARG…: its end and the last of what it printed are told; returns its status
  ko_folder=$1
  ko_limit=$2
  shift 2
  ko_text=$({
    (cd "$ko_folder" && limited "$ko_limit" sh ./control "$@") </dev/null 2>&1 9<&-
    echo "status $?"
  } | tail -c 12288)
  ko_status=${ko_text##*status }
  fact control.output "${ko_text%status *}"
  [ "$ko_status" != 124 ] || ko_text="it took longer than $ko_limit s"
  return "$ko_status"
}
reason() { # The last line of what control printed.
  printf '%s\n' "${ko_text%status *}" | grep '[^ ]' | tail -n 1 | head -c 1000 | grep . || echo "control ended with status $ko_status"
}
refusal() { # What the kernel says of a mode or a model that it did not take.
  head -c 1000 "$ko_sysfs/refused" 2>/dev/null | grep '[^ ]' || echo 'it does not say why'
}
begun() { # ID: the part is that of this deployment
  [ "$(cat "$ko_part/deployment.id" 2>/dev/null)" = "$1" ] ||
    fail 'another deployment was begun there, or this one removed, meanwhile'
}
tell() { # JSON: what is deployed; on the disk before the kernel is touched, so that it outlives a crash
  printf '%s\n' "$1" >"$ko_told.part" && mv "$ko_told.part" "$ko_told" || fail "$ko_told cannot be written"
  sync "$ko_told" "$ko_base" 2>/dev/null || sync
}
clean() { # What an interrupted deployment or swap left.
  rm -rf "$ko_part" "$ko_told.part" "$ko_base/model.swap.part"
}
unpack() { # FOLDER: the archive on the input
  command -v tar >/dev/null 2>&1 || fail 'there is no program tar'
  ko_text=$(tar -xof - -C "$1" 2>&1) || fail "the files could not be unpacked: $ko_text"
}
told() { # NAME: a word that stands in deployment.json
  sed -n "s/.*\"$1\": *\"\([0-9A-Za-z-]*\)\".*/\1/p" "$ko_told" 2>/dev/null | head -n 1
}
complaints() { # ID: of a log of the kernel on the input what goes wrong in it, behind the line with that id if it has one
  awk -v mark="kernel-oracle: deployment $1 " '
    BEGIN { kept = 0 }
    index($0, mark) { kept = 0; frames = 0; next }
    /Oops|BUG:|WARNING: |[Kk]ernel panic|general protection fault|soft lockup|LOCKUP|rcu.*stall|RIP: |Unable to handle|double fault|divide error|invalid opcode|stack guard page|kernel_oracle: (switched off|self-test)/ {
      if (kept < 40) line[kept] = substr($0, 1, 240)
      kept++
      frames = 0
      next
    }
    /Call Trace:/ { frames = 6 }
    frames > 0 {
      frames--
      if (kept < 40) line[kept++] = substr($0, 1, 240)
    }
    END { print kept; for (i = 0; i < kept && i < 40; i++) print line[i] }
  '
}
trouble() {
  [ -r "$ko_told" ] || return 0
  ko_id=$(told id)
  ko_then=$(told bootId)
  ko_now=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
  if [ "$ko_then" = "$ko_now" ]; then
    # Without our mark nothing says which lines are older.
    [ "$(told marked)" != yes ] || fact trouble.now "$(dmesg 2>/dev/null | complaints "$ko_id")"
    return 0
  fi
  fact trouble.before "$({
    command -v journalctl >/dev/null 2>&1 &&
      limited 20 journalctl -k -q --no-pager -o short-monotonic -b "$(printf %s "$ko_then" | tr -d -)" 2>/dev/null |
      tail -n 20000
    find /sys/fs/pstore /var/lib/systemd/pstore /var/crash -type f -name '*dmesg*' -newer "$ko_told" 2>/dev/null | sort | head -n 20 |
      while read -r ko_file; do head -c 262144 "$ko_file"; done
  } | complaints "$ko_id")"
}
status() {
  fact kernel.release "$(uname -r)"
  if [ -e "$ko_part" ]; then fact part present; fi
  file told "$ko_told"
  if [ ! -e "$ko_there" ] && [ ! -e "$ko_told" ]; then
    [ ! -r "$ko_sysfs/stats" ] || {
      fact stats "$(limited 20 head -c 16000 "$ko_sysfs/stats" 2>/dev/null)"
      fact stats.status 0
    }
    return 0
  fi
  fact there "$(if [ -f "$ko_there/control" ]; then echo whole; else echo broken; fi)"
  trouble
  [ -f "$ko_there/control" ] || return 0
  ko_text=$({
    (cd "$ko_there" && limited 20 sh ./control stats) </dev/null 2>/dev/null
    echo "status $?"
  } | head -c 16000)
  fact stats.status "${ko_text##*status }"
  fact stats "${ko_text%status *}"
}

case $1 in
look) # What is to be known before anything is changed. The input: an archive of what would be brought, asked what it needs.
  file os-release /etc/os-release
  file lockdown /sys/kernel/security/lockdown
  file schedstats /proc/sys/kernel/sched_schedstats
  file signatures /sys/module/module/parameters/sig_enforce
  [ ! -e /sys/kernel/kernel_oracle ] || fact sysfs present
  if command -v systemd-detect-virt >/dev/null 2>&1; then
    fact virtualisation "$(limited 5 systemd-detect-virt 2>/dev/null)"
  elif grep -q '^flags.* hypervisor' /proc/cpuinfo; then
    fact virtualisation 'yes'
  else
    # Nothing is claimed to be hardware that does not say so.
    fact virtualisation unknown
  fi
  ko_text=$ko_base
  while [ ! -d "$ko_text" ]; do ko_text=$(dirname "$ko_text"); done
  fact free.kb "$(df -Pk "$ko_text" 2>/dev/null | awk 'NR == 2 { print $4 }')"
  status
  if command -v tar >/dev/null 2>&1; then
    ko_folder=$(mktemp -d) || fail 'no temporary folder can be made'
    trap 'rm -rf "$ko_folder"' EXIT
    unpack "$ko_folder"
    if ! control "$ko_folder" 60 needs; then fail "it cannot be asked what it needs: $(reason)"; fi
  else
    fact control.output 'program tar'
  fi
  finish
  ;;
put) # ID; the input: an archive, the id in a file at its end
  alone
  clean
  mkdir "$ko_part" || fail "$ko_part cannot be made"
  unpack "$ko_part"
  begun "$2"
  # Where the log of the kernel begins to be of interest.
  (echo "kernel-oracle: deployment $2 begins" >/dev/kmsg) 2>/dev/null && fact marked yes
  finish
  ;;
part) # ID SECONDS WORD: of the part
  alone
  begun "$2"
  control "$ko_part" "$3" "$4" || fail "$(reason)"
  finish
  ;;
start) # ID MODE JSON
  alone
  begun "$2"
  [ ! -e "$ko_there" ] || fail 'something else is deployed there'
  tell "$4"
  mv "$ko_part" "$ko_there" || fail "$ko_there cannot be made"
  if ! control "$ko_there" 120 start "$3"; then
    ko_why=$(reason)
    # It is all of it or nothing; what cannot be taken out again stays, so that it can be removed later.
    if control "$ko_there" 120 remove; then
      rm -rf "$ko_there" "$ko_told"
    else
      ko_why="$ko_why; and it cannot be removed: $(reason)"
    fi
    fail "$ko_why"
  fi
  finish
  ;;
status) # [wait]: behind a change that is under way
  [ "${2-}" != wait ] || [ ! -e "$ko_base" ] || alone
  status
  finish
  ;;
mode) # MODE
  alone
  if [ -f "$ko_there/control" ]; then
    control "$ko_there" 120 mode "$2" || fail "$(reason)"
  elif [ -w "$ko_sysfs/mode" ]; then
    (echo "$2" >"$ko_sysfs/mode") 2>/dev/null || fail "the kernel refuses: $(refusal)"
  else
    fail 'nothing is deployed there'
  fi
  finish
  ;;
swap) # JSON; the input: model.swap
  alone
  ko_file=$ko_base/model.swap.part
  head -c 65537 >"$ko_file" || fail "$ko_file cannot be written"
  if [ ! -f "$ko_there/control" ]; then
    dd bs=128k if="$ko_file" of="$ko_sysfs/model" conv=notrunc 2>/dev/null
    ko_status=$?
    rm -f "$ko_file"
    rmdir "$ko_base" 2>/dev/null
    [ "$ko_status" = 0 ] || fail "the kernel refuses: $(refusal)"
    finish
  fi
  printf '%s\n' "$2" >"$ko_told.part" || fail "$ko_told.part cannot be written"
  if control "$ko_there" 120 swap "$ko_file"; then
    mv "$ko_told.part" "$ko_told"
    clean
  else
    ko_why=$(reason)
    rm -f "$ko_told.part" "$ko_file"
    fail "$ko_why"
  fi
  finish
  ;;
retire | remove) # retire: what is deployed makes room, the part stays
  if [ ! -e "$ko_there" ] && [ -w "$ko_sysfs/mode" ]; then
    # A kernel that was built with it: it stays, and decides nothing.
    (echo off >"$ko_sysfs/mode") 2>/dev/null || fail "the kernel refuses: $(refusal)"
  fi
  [ -e "$ko_base" ] || finish
  alone
  if [ -f "$ko_there/control" ]; then
    control "$ko_there" 120 remove || fail "$(reason)"
  fi
  rm -rf "$ko_there" "$ko_told"
  if [ "$1" = remove ]; then
    clean
    rmdir "$ko_base" 2>/dev/null
  fi
  finish
  ;;
*)
  fail "there is nothing called $1"
  ;;
esac
