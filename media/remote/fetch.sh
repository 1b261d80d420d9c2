# About a file, for its download: `facts`, `digest`, `content` or `from OFFSET` of the file $2.
# The file is read as standard input, so that its name meets no option parser and no escaping.
case $1 in
facts)
  if [ -d "$2" ]; then
    echo directory
  elif [ ! -e "$2" ]; then
    # What lies in a folder that cannot be entered is not missing.
    folder=$(dirname -- "$2")
    if [ -d "$folder" ] && [ -x "$folder" ]; then echo missing; else echo unreachable; fi
  elif [ ! -f "$2" ]; then
    echo other
  elif [ ! -r "$2" ]; then
    echo unreadable
  else
    # Size in bytes, inode, time of the last change: with nanoseconds by GNU, in seconds by busybox.
    stat -L -c 'file %s %i %y' - <"$2" 2>/dev/null || stat -L -c 'file %s %i %y' /proc/self/fd/0 <"$2"
  fi
  ;;
digest)
  # openssl uses the instructions that CPUs have for this: some six times as fast as sha256sum.
  openssl dgst -sha256 -r <"$2" 2>/dev/null || sha256sum <"$2"
  ;;
content)
  exec cat <"$2"
  ;;
from)
  # The offset counts from 0, tail from 1.
  exec tail -c "+$(($3 + 1))" <"$2"
  ;;
esac
