# Holds settings of a variant until it is stopped; then the guard puts back what was there.
#   $1  a text for sh that makes further settings; may be empty
#   $2  a text for sh that takes them back; may be empty
#   $3… kernel parameters NAME=VALUE, by sysctl's names
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin
export PATH
ko_setup=$1 ko_teardown=$2
shift 2
for ko_setting; do
  ko_file=/proc/sys/$(printf '%s' "${ko_setting%%=*}" | tr ./ /.)
  [ -f "$ko_file" ] || ko_fail "This machine has no kernel parameter ${ko_setting%%=*}."
  ko_restore_value "$ko_file"
  printf '%s\n' "${ko_setting#*=}" >"$ko_file" || ko_fail "The kernel parameter ${ko_setting%%=*} does not take ${ko_setting#*=}."
  ko_say set "name=${ko_setting%%=*}" "value=$(cat "$ko_file")"
done
[ -z "$ko_teardown" ] || ko_restore sh -c "$ko_teardown"
if [ -n "$ko_setup" ]; then
  ko_run sh -c "$ko_setup" >&2 || ko_fail "The setup of this variant ended with status $?."
fi
ko_say ready
while ! ko_stopping; do ko_sleep 3600; done
