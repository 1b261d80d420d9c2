/**
 * A `control` that does what the contract says with a probe in place of a model: in shadow a kprobe behind the first bytes of
 * can_migrate_task() is hit by each call, takes its time, and is counted by the kernel. For what only measures: nothing is built.
 */
export const STAND_IN_CONTROL = `
cd /sys/kernel/tracing
events=instances/kernel-oracle-test-model/events/kernel_oracle_test/model
case $1 in
start)
  echo 'p:kernel_oracle_test/model can_migrate_task+5' >>kprobe_events || echo 'p:kernel_oracle_test/model can_migrate_task+9' >>kprobe_events
  mkdir -p instances/kernel-oracle-test-model
  echo 0 >instances/kernel-oracle-test-model/tracing_on
  sh "$OLDPWD/control" mode "$2" ;;
mode)
  case $2 in off) echo 0 >"$events/enable" ;; shadow | active) echo 1 >"$events/enable" ;; *) exit 1 ;; esac
  echo "$2" >/run/kernel-oracle-test-mode ;;
stats)
  calls=$(awk '$1 == "model" { print $2 }' kprobe_profile)
  printf '{"way":"module","mode":"%s","slot":0,"swaps":0,"refused":[%s,0],"allowed":[0,0],"forced":[0,0],' "$(cat /run/kernel-oracle-test-mode)" "$calls"
  printf '"overruled":{"toRefused":0,"toAllowed":0},"vetoed":0,"notAsked":0,"modelNs":%s,"callNs":0,' $((calls * 1000))
  echo '"forcedBy":"task","modelBytes":100,"stateBytes":40,"selfTest":"passed"}' ;;
remove)
  echo 0 >"$events/enable"
  rmdir instances/kernel-oracle-test-model
  echo '-:kernel_oracle_test/model' >>kprobe_events
  rm -f /run/kernel-oracle-test-mode ;;
esac
`;
