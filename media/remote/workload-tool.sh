# A tool with arguments ($1, $2, …), in the temporary folder: what it leaves where it runs goes with that.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export PATH
command -v "$1" >/dev/null 2>&1 || ko_fail "$1 is not installed on this machine."
cd "$ko_dir" || exit 1
ko_say tool "name=$1"
echo "ran: $*"
ko_run "$@"
