# Runs a program so that this machine gets back the state it had, whatever happens to the program or to the connection.
# src/remote/guard/guardedRun.ts starts it; README.md tells what programs find here.
#
#   runner  reads our signs of life and wishes from the channel and passes them on to the guard; starts the program
#   guard   in a session of its own, holds nothing of the channel: hears runner and program through one pipe
#   program in a session of its own, with KO_TOKEN in its environment and in that of all it starts
#
# Everything of ours that has to do with the channel carries KO_MAIN, so that the guard can end that, too.
LC_ALL=C
ko_role=$1 ko_text=$2 ko_nonce=$3 ko_token=$4 ko_silence=$5
shift 5

# Sets ko_encoded: plain as it is, anything else as three octal digits a byte.
ko_encode() {
  case $1 in
  *[!A-Za-z0-9_./:,@+-]*)
    ko_encoded=
    for ko_byte in $(printf '%s' "$1" | od -An -v -to1); do ko_encoded="$ko_encoded\\$ko_byte"; done
    ;;
  *) ko_encoded=$1 ;;
  esac
}

# ko_line KIND KEY=VALUE...: sets ko_encoded_line.
ko_line() {
  ko_encoded_line=$1
  shift
  for ko_word; do
    ko_encode "${ko_word#*=}"
    ko_encoded_line="$ko_encoded_line ${ko_word%%=*}=$ko_encoded"
  done
}

# --- what programs use -----------------------------------------------------------------------------------------------

ko_say() {
  ko_line "$@"
  printf 'ko:%s:%s\n' "$ko_nonce" "$ko_encoded_line" >&3
}

ko_fail() {
  ko_say failed "why=$1"
  exit 1
}

ko_restore() {
  ko_words=
  for ko_word; do
    ko_encode "$ko_word"
    # An empty word would be lost between the spaces.
    case $ko_encoded in '') ko_encoded=- ;; -) ko_encoded='\055' ;; esac
    ko_words="$ko_words $ko_encoded"
  done
  # The guard reads what stands in the pipe, also when this shell is killed right after. Without a guard nothing changes.
  printf 'restore%s\n' "$ko_words" >&4 || exit 1
}

ko_restore_value() {
  # Not by read: files of /proc/sys give one byte to who asks for one.
  ko_value=$(cat "$1") || ko_fail "$1 cannot be read"
  ko_restore sh -c 'printf "%s\n" "$2" >"$1"' sh "$1" "$ko_value"
}

ko_restore_rmdir() {
  ko_restore sh -c '[ ! -d "$1" ] || rmdir "$1"' sh "$1"
}

ko_stopping() { [ -n "$ko_stop" ]; }

ko_sleep() { ko_run sleep "$1"; }

ko_run() {
  "$@" 3>&- 4>&- &
  ko_child=$!
  ! ko_stopping || kill -s "$ko_signal" "$ko_child" 2>/dev/null
  while :; do
    # Shells tell of a child that a signal ended.
    { wait "$ko_child"; } 2>/dev/null
    ko_status=$?
    # A stop interrupts the waiting; a child that was waited for is gone.
    kill -0 "$ko_child" 2>/dev/null || break
  done
  ko_child=
  return "$ko_status"
}

ko_program() {
  ko_dir=$1 ko_program=$2 ko_stop= ko_child= ko_signal=TERM
  shift 2
  trap 'ko_stop=1; [ -z "$ko_child" ] || kill -s "$ko_signal" "$ko_child" 2>/dev/null' USR1
  printf 'session %s\n' "$$" >&4
  eval "unset ko_text; $ko_program"
}

# --- the guard -------------------------------------------------------------------------------------------------------

# Sets ko_found: who has $1 in the environment, or belongs to session $2.
ko_find() {
  ko_found=
  case $ko_search in
  grep) for ko_file in $(grep -lsF -e "$1=$ko_token" /proc/[0-9]*/environ); do ko_add "${ko_file%/environ}"; done ;;
  strings)
    # "/proc/1/environ: HOME=/root"
    for ko_file in $(strings -f -n 16 /proc/[0-9]*/environ 2>/dev/null | grep -F -e ": $1=$ko_token"); do
      case $ko_file in /proc/*/environ:) ko_add "${ko_file%/environ:}" ;; esac
    done
    ;;
  *)
    # Without a process, but a system call for each byte.
    for ko_file in /proc/[0-9]*/environ; do
      read -r ko_environ <"$ko_file" || continue
      case $ko_environ in *"$1=$ko_token"*) ko_add "${ko_file%/environ}" ;; esac
    done 2>/dev/null
    ;;
  esac
  [ -n "${2-}" ] || return 0
  # PID (COMM) STATE PPID PGRP SESSION: COMM may hold anything, so that it can look like what follows; only its own process
  # is ended for that.
  for ko_file in $(grep -lsE -e "\\) [^ZX] [0-9]+ [0-9]+ $2 " /proc/[0-9]*/stat); do ko_add "${ko_file%/stat}"; done
}

ko_add() { [ "${1#/proc/}" = "$$" ] || ko_found="$ko_found ${1#/proc/}"; }

ko_pause() { sleep 0.1 2>/dev/null || sleep 1; }

# Ends them politely, then at once; the limit is for what forks faster than it can be killed.
ko_end() {
  ko_rounds=0
  ko_find "$@"
  [ -z "$ko_found" ] || kill -s TERM $ko_found 2>/dev/null
  while [ -n "$ko_found" ] && [ "$ko_rounds" -lt 60 ]; do
    ko_pause
    ko_rounds=$((ko_rounds + 1))
    ko_find "$@"
    [ "$ko_rounds" -lt 10 ] || [ -z "$ko_found" ] || kill -s KILL $ko_found 2>/dev/null
  done
  [ -z "$ko_found" ] || ko_left="processes$ko_found still run"
}

# One registered command. What it needs may be busy for a moment longer, by a process that was just killed.
ko_undo() {
  ko_count=$#
  while [ "$ko_count" -gt 0 ]; do
    ko_word=$1
    shift
    [ "$ko_word" != - ] || ko_word=
    case $ko_word in *\\*) ko_word=$(printf "$ko_word.") ko_word=${ko_word%.} ;; esac
    set -- "$@" "$ko_word"
    ko_count=$((ko_count - 1))
  done
  for ko_try in 1 2 3 4 5 6 7 8; do
    if ko_output=$($ko_limit "$@" 2>&1 </dev/null 8<&-); then return; fi
    ko_pause
  done
  # What nobody reads, the connection being cut, must not be more than the pipe holds.
  ko_unrestored=$((ko_unrestored + 1))
  [ "$ko_unrestored" -gt 20 ] || ko_tell unrestored "command=$(printf %.300s "$*")" "why=$(printf %.300s "$ko_output")"
}

ko_tell() {
  ko_line "$@"
  printf 'ko:%s:%s\n' "$ko_nonce" "$ko_encoded_line" 2>/dev/null
}

# A clock for the silence. The pipe is opened anew each time: held open, its end would never be seen. By descriptor 8,
# because input that is redirected stands in the place of 0 for a moment.
ko_ticks() {
  trap 'kill "$ko_sleep" 2>/dev/null; wait; exit' TERM
  while :; do
    sleep "$ko_tick" &
    ko_sleep=$!
    wait "$ko_sleep"
    echo tick >"/proc/$$/fd/8" || kill -0 "$$" || exit
  done
}

# Sets ko_now: whole seconds since the machine was started.
ko_time() {
  read -r ko_now ko_idle </proc/uptime
  ko_now=${ko_now%%.*}
}

# Reads until one of the words in $1 comes, all have gone, or nothing was heard for too long (or $2 ticks have passed). A
# machine that stood still has no ticks: the time alone does not count.
ko_listen() {
  ko_time
  ko_heard_at=$ko_now ko_ticks=0 ko_all_ticks=0
  while read -r ko_heard ko_rest; do
    case $ko_heard in
    beat)
      ko_time
      ko_heard_at=$ko_now ko_ticks=0
      ;;
    tick)
      ko_ticks=$((ko_ticks + 1)) ko_all_ticks=$((ko_all_ticks + 1))
      [ "$ko_all_ticks" -lt "${2-1000000}" ] || return 0
      ko_time
      [ $((ko_now - ko_heard_at)) -le "$ko_silence" ] || [ "$ko_ticks" -lt 4 ] || return 0
      ;;
    restore) ko_restores="$ko_rest
$ko_restores" ;;
    starting) ko_begun=1 ;;
    bye) ko_bye=1 ;;
    session)
      ko_session=$ko_rest
      [ -z "$ko_asked" ] || kill -s USR1 "$ko_session"
      ;;
    stop)
      # A program that is still being started is asked as soon as it can hear it.
      ko_asked=1
      [ -z "$ko_session" ] || kill -s USR1 "$ko_session"
      ;;
    esac
    case " $1 " in *" $ko_heard "*) return 0 ;; esac
  done
  ko_heard=nothing
}

# Ends what the program has started and undoes what it has registered.
ko_settle() {
  ko_settled=$ko_session
  ko_end KO_TOKEN "$ko_session"
  [ -z "$ko_left" ] || ko_tell unrestored command=kill "why=$ko_left"
  # What the program registered until it was killed stands in the pipe.
  echo drained >"/proc/$$/fd/8" 8<&- &
  ko_listen drained
  # No temporary file: the disk may be full. Here-documents are one in some shells, so the lines are cut by hand.
  while [ -n "$ko_restores" ]; do
    ko_words=${ko_restores%%
*}
    ko_restores=${ko_restores#*
}
    ko_undo $ko_words
  done
}

ko_guard() {
  # What the connection or a full machine may do to us must not end us; and nothing of it may be held.
  trap '' HUP INT QUIT TERM USR1 USR2 PIPE
  cd /
  exec 8<&0
  { echo -1000 >/proc/self/oom_score_adj; } 2>/dev/null
  renice -n -15 -p $$ >/dev/null 2>&1
  ko_restores= ko_begun= ko_session= ko_settled= ko_asked= ko_bye= ko_left= ko_unrestored=0 ko_search= ko_limit=
  ko_tick=$(((ko_silence + 7) / 8))
  # busybox's grep sees nothing behind a NUL.
  if [ "$(printf 'a\0b' | grep -cF -e b)" != 0 ]; then ko_search=grep
  elif command -v strings >/dev/null; then ko_search=strings; fi
  ! timeout -s KILL 9 true 2>/dev/null || ko_limit='timeout -s KILL 9'
  # A process in the background begins with what is ignored here; this one must hear its end from the first moment.
  trap - TERM
  ko_ticks </dev/null >/dev/null 2>&1 8<&- &
  ko_clock=$!
  trap '' TERM
  ko_tell guarded
  ko_listen 'end abort gone'
  ko_why=$ko_heard
  # A program that is being started carries no mark yet: it would be overlooked, and run for ever.
  if [ -n "$ko_begun" ] && [ -z "$ko_session" ] && [ "$ko_why" != end ]; then
    ko_listen 'session end' 3
    [ "$ko_heard" != tick ] || ko_tell unrestored command=kill 'why=the program was still being started'
  fi
  ko_settle
  ko_tell restored "because=$ko_why"
  exec >/dev/null
  while :; do
    # It may have been started after all.
    if [ "$ko_session" != "$ko_settled" ]; then ko_settle; fi
    case $ko_bye$ko_why in 1* | tick | nothing) break ;; esac
    ko_listen 'bye session'
    ko_why=$ko_heard
  done
  [ -n "$ko_bye" ] || ko_end KO_MAIN
  # From here on nobody can start anything.
  ko_settle
  # Whoever waits for the guard finds nothing of it afterwards (but timeout of busybox leaves somebody for a second).
  kill "$ko_clock"
  wait
}

# --- the runner ------------------------------------------------------------------------------------------------------

# The program between its limits: the guard is told when it has ended.
ko_work() {
  ko_place=$1
  shift
  (
    unset KO_MAIN
    KO_TOKEN=$ko_token
    export KO_TOKEN
    exec setsid sh -c "$ko_text" kernel-oracle program - "$ko_nonce" "$ko_token" 0 "$ko_place" "$@" </dev/null
  )
  ko_status=$?
  if [ "$ko_status" -gt 128 ] && ko_name=$(kill -l "$ko_status" 2>/dev/null); then
    ko_say ended "signal=${ko_name#SIG}"
  else
    ko_say ended "code=$ko_status"
  fi
  echo end >&4
}

# The program's output goes to the channel, and what it is and how much to us.
ko_stream() {
  exec 7>&1
  ko_sums=$(
    exec 9>&1
    {
      { ko_work "$@" 6>&- 7>&- 8>&- 9>&- | tee /proc/self/fd/6 /proc/self/fd/8 >&7 2>/dev/null 3>&- 4>&- 9>&-; } 6>&1 |
        sha256sum >&9 3>&- 4>&- 7>&- 8>&-
    } 8>&1 | wc -c 3>&- 4>&- 7>&- 9>&-
  )
  set -- $ko_sums
  for ko_sum; do
    case $ko_sum in
    *[!0-9a-f]* | -) ;;
    ????????????????????????????????????????????????????????????????) ko_sha256=$ko_sum ;;
    *) ko_size=$ko_sum ;;
    esac
  done
  ko_say output "bytes=${ko_size-}" "sha256=${ko_sha256-}"
}

ko_folder() {
  for ko_parent in "${TMPDIR:-/tmp}" /dev/shm; do
    ko_dir=$ko_parent/kernel-oracle-$ko_token
    ko_restore rm -rf -- "$ko_dir"
    # mkdir tells of anything that is there already.
    if ko_output=$(umask 077 && mkdir "$ko_dir" 2>&1); then return; fi
  done
  ko_say failed "why=No temporary folder can be made: $ko_output"
  return 1
}

ko_runner() {
  # Nothing is changed before somebody has seen the guard at work.
  while read -r ko_heard && [ "$ko_heard" = beat ]; do echo beat >&4; done
  if [ "$ko_heard" = go ] && ko_folder; then
    echo starting >&4
    ko_stream "$ko_dir" "$@" &
    while read -r ko_heard; do
      case $ko_heard in beat | stop | abort) printf '%s\n' "$ko_heard" >&4 ;; esac
    done
  fi
  echo gone >&4
  wait
  echo bye >&4
}

ko_main() {
  for ko_tool in setsid tee sha256sum od grep cat rm wc sleep; do
    command -v "$ko_tool" >/dev/null || ko_missing="$ko_missing $ko_tool"
  done
  exec 3>&2 5>&1
  if [ -n "${ko_missing-}" ]; then ko_fail "These tools are missing there:$ko_missing"; fi
  { exec 4>&1 1>&5 5>&- && ko_runner "$@"; } | (
    unset KO_MAIN
    exec setsid sh -c "$ko_text" kernel-oracle guard - "$ko_nonce" "$ko_token" "$ko_silence" 2>/dev/null 3>&- 5>&-
  ) | cat >&2 5>&-
}

"ko_$ko_role" "$@"
