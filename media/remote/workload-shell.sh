# A text of the user's for sh: $1. Runs where the user lands after logging in.
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export PATH
ko_run sh -c "$1"
