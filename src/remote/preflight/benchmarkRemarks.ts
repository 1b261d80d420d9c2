import { check, passed, unknown, warning, type Check, type Finding } from './check.js';
import type { MachineFacts } from './facts.js';

/** What makes measurements scatter. None of it stands in the way of anything. */
export function benchmarkRemarks(facts: MachineFacts): readonly Check[] {
  return [
    check('load', 'Idle right now', ['benchmarks'], load(facts)),
    check('governor', 'Frequency governor', ['benchmarks'], governor(facts)),
    check('boost', 'Frequency boost', ['benchmarks'], boost(facts)),
    check('smt', 'Hardware threads (SMT)', ['benchmarks'], smt(facts)),
  ];
}

/** Half a CPU's worth of others' work shows in any measurement. */
const BUSY_LOAD = 0.5;

function load({ loadAverages }: MachineFacts): Finding {
  if (loadAverages === null) return unknown('/proc/loadavg tells nothing');
  const detail = `load ${loadAverages.map((value) => value.toFixed(2)).join(', ')} over 1, 5 and 15 minutes`;
  return loadAverages[0]! > BUSY_LOAD
    ? warning(detail, 'Wait until the machine is idle before you measure; recordings show the other work.')
    : passed(detail);
}

function governor({ cpus, virtualisation }: MachineFacts): Finding {
  if (cpus.governors.length === 0) {
    return unknown(
      virtualisation === null || virtualisation === 'none'
        ? 'Linux does not control the frequency here'
        : 'Linux does not control the frequency here: the host of this virtual machine may',
    );
  }
  const names = cpus.governors.join(', ');
  return names === 'performance'
    ? passed(names)
    : warning(
        names,
        'For benchmarks, hold the frequency as root: `echo performance | tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor`.',
      );
}

function boost({ cpus }: MachineFacts): Finding {
  if (cpus.boost === null) return unknown('the machine does not tell');
  return cpus.boost
    ? warning(
        'on: the frequency depends on temperature and on how many CPUs work',
        'For benchmarks, switch it off as root: `echo 0 > /sys/devices/system/cpu/cpufreq/boost`, with intel_pstate `echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo`.',
      )
    : passed('off');
}

function smt({ cpus }: MachineFacts): Finding {
  if (cpus.smtActive === null) return unknown('the machine does not tell');
  return cpus.smtActive
    ? warning(
        'on: two CPUs of a core share its units',
        'For benchmarks, switch it off as root: `echo off > /sys/devices/system/cpu/smt/control`.',
      )
    : passed('off');
}
