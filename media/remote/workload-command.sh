# A command of the user's: $1 the program, then its arguments. Runs where the user lands after logging in.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export PATH
command -v "$1" >/dev/null 2>&1 || ko_fail "There is no program $1 on this machine."
ko_run "$@"
