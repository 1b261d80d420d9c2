import { check, failed, passed, unknown, warning, type Check, type Finding } from './check.js';
import type { MachineFacts, SpaceFacts } from './facts.js';

/** Below that the guard's folder, a `perf sched map` recording and logs may not fit. */
const LITTLE_SPACE_KB = 512 * 1024;
const NO_SPACE_KB = 16 * 1024;
/** From there on recordings of several machines are hard to put side by side. */
const NOTABLE_CLOCK_DIFFERENCE_MS = 1000;

/** What the machine is and what this user may do there. */
export function systemChecks(facts: MachineFacts): readonly Check[] {
  return [
    check('answers', 'Runs our programs', ['everything'], answers(facts)),
    check('linux', 'Linux', ['everything'], linux(facts)),
    check('kernel-version', 'Kernel version', ['everything'], kernelVersion(facts)),
    check('distribution', 'Distribution', ['workloads'], distribution(facts)),
    check('architecture', 'Architecture', ['everything'], architecture(facts)),
    check('cpus', 'CPUs and topology', ['everything'], cpus(facts)),
    check('root', 'Root rights', ['everything'], root(facts)),
    check('space-temporary', 'Free space for temporary files', ['everything'], temporarySpace(facts)),
    check('space-root', 'Free space in /', ['workloads'], space(facts.rootSpace)),
    check('clock', 'Clock', ['everything'], clock(facts)),
  ];
}

function answers({ isComplete, foreignLines }: MachineFacts): Finding {
  const foreign = foreignLines === 0 ? '' : ` ${foreignLines} lines of its output were none of ours.`;
  if (!isComplete) {
    return failed(
      `Our program did not come to its end there.${foreign}`,
      'Look whether the login shell of this user runs commands (`ssh HOST sh -c id`) and whether head, od, tr and sed are installed.',
    );
  }
  return foreignLines === 0
    ? passed('all facts arrived')
    : warning(
        `All facts arrived.${foreign}`,
        'Let the start-up files of the login shell print only in interactive sessions.',
      );
}

function linux({ kernel }: MachineFacts): Finding {
  if (kernel.name === null) return unknown('uname said nothing');
  return kernel.name === 'Linux'
    ? passed(kernel.name)
    : failed(`This is ${kernel.name}`, 'Choose a machine that runs Linux.');
}

/** That of the recordings the KernelOracle paper was made of. */
const OLDEST_KERNEL = [4, 15] as const;

function kernelVersion({ kernel }: MachineFacts): Finding {
  const match = /^(\d{1,3})\.(\d{1,4})/.exec(kernel.release ?? '');
  if (match === null) return unknown(kernel.release ?? 'uname said nothing');
  const [major, minor] = [Number(match[1]), Number(match[2])];
  const detail = [kernel.release, kernel.version].filter((part) => part !== null).join(' ');
  const isOld = major < OLDEST_KERNEL[0] || (major === OLDEST_KERNEL[0] && minor < OLDEST_KERNEL[1]);
  return isOld
    ? warning(
        detail,
        `Kernels before ${OLDEST_KERNEL.join('.')} were not tried; a newer one is the safer choice.`,
      )
    : passed(detail);
}

function distribution({ distribution: found }: MachineFacts): Finding {
  if (found === null) return unknown('there is no /etc/os-release that names one');
  return found.family === null
    ? warning(
        `${found.name}: its package names are not known`,
        'Install missing tools by hand; the checklist names their packages elsewhere.',
      )
    : passed(found.name);
}

function architecture({ kernel, virtualisation }: MachineFacts): Finding {
  if (kernel.machine === null) return unknown('uname said nothing');
  const kind =
    virtualisation === null || virtualisation === 'none' ? '' : `, virtualised (${virtualisation})`;
  return passed(`${kernel.machine}${kind}`);
}

function cpus({ cpus: found }: MachineFacts): Finding {
  const { online, present, sockets, cores, numaNodes, model } = found;
  if (online === null) return unknown('/sys/devices/system/cpu/online tells no list');
  const parts = [
    count(online, 'CPU', 'CPUs'),
    sockets === null ? '' : count(sockets, 'socket', 'sockets'),
    cores === null ? '' : count(cores, 'core', 'cores'),
    numaNodes === null ? '' : count(numaNodes, 'NUMA node', 'NUMA nodes'),
    model ?? '',
  ].filter((part) => part !== '');
  const detail = parts.join(', ');
  return present !== null && present > online
    ? warning(
        `${detail}; ${present - online} more ${present - online === 1 ? 'is' : 'are'} switched off`,
        'Switch them on by `echo 1 > /sys/devices/system/cpu/cpuN/online` if the machine should have them.',
      )
    : passed(detail);
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function root({ rights, rightsRefusal }: MachineFacts): Finding {
  if (rights === 'own') return passed('logged in as root');
  if (rights === 'sudo') return passed('sudo without a password');
  return failed(
    rightsRefusal ?? 'this user has none',
    'Log in as root, or allow this user sudo without a password: a line `USER ALL=(root) NOPASSWD: ALL` in a file of /etc/sudoers.d (by visudo -f).',
  );
}

function temporarySpace({ temporaryFolder, temporarySpace: found }: MachineFacts): Finding {
  if (temporaryFolder?.succeeded === false) {
    return failed(
      `No folder can be made in ${found?.folder ?? 'TMPDIR'}: ${temporaryFolder.reason}`,
      'Set TMPDIR there to a folder that this user may write to, or free space.',
    );
  }
  if (temporaryFolder === null) return unknown('making a folder there was not tried');
  return space(found);
}

function space(found: SpaceFacts | null): Finding {
  if (found === null) return unknown('df tells nothing');
  const detail = `${found.folder}: ${Math.floor(found.freeKb / 1024)} MiB of ${Math.floor(found.totalKb / 1024)} MiB are free`;
  const remedy = `Free space in ${found.folder}.`;
  if (found.freeKb < NO_SPACE_KB) return failed(detail, remedy);
  return found.freeKb < LITTLE_SPACE_KB ? warning(detail, remedy) : passed(detail);
}

function clock({ clock: found, clockSource }: MachineFacts): Finding {
  if (found === null) return unknown('the machine told no time');
  const { differenceMs, uncertaintyMs } = found;
  const way = differenceMs >= 0 ? 'ahead of' : 'behind';
  const source = clockSource === null ? '' : `; clock source ${clockSource}`;
  const detail = `${milliseconds(Math.abs(differenceMs))} ${way} ours, ± ${milliseconds(uncertaintyMs)}${source}`;
  return Math.abs(differenceMs) - uncertaintyMs > NOTABLE_CLOCK_DIFFERENCE_MS
    ? warning(
        detail,
        'Switch on time synchronisation there (`timedatectl set-ntp true`), or on this machine.',
      )
    : passed(detail);
}

function milliseconds(value: number): string {
  return value >= 10_000
    ? `${(value / 1000).toFixed(1)} s`
    : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
