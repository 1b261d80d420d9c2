/** A machine whose kernel is played by a folder of files: a real sshd, and a program `control` that keeps its state there. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployedModel, DeployedStats } from '../../src/protocol/deployment.js';
import type { RemoteContext } from '../../src/remote/remoteContext.js';
import { RemotePrograms } from '../../src/remote/remotePrograms.js';
import { noSshServer, SshServer } from './sshServer.js';

/** Why none can be had here; undefined: it can. */
export function noFakeMachine(): string | undefined {
  return (
    noSshServer() ?? (process.getuid?.() === 0 ? undefined : 'only root has root rights on this machine')
  );
}

export const STATS: DeployedStats = {
  ...{ way: 'module', mode: 'shadow', slot: 0, swaps: 0 },
  ...{ refused: [50, 10], allowed: [5, 900], forced: [2, 8] },
  ...{ overruled: { toRefused: 0, toAllowed: 0 }, vetoed: 0, notAsked: 3 },
  ...{ modelNs: 975_000, callNs: 1_950_000, forcedBy: 'task', modelBytes: 436, stateBytes: 256 },
  selfTest: 'passed',
};

export const MODEL: DeployedModel = {
  ...{ run: 'first', experiment: 1, features: ['delta', 'cpu_idle'], bits: 16 },
  ...{ wordsSha256: 'a'.repeat(64), at: '2026-01-02T03:04:05.000Z' },
};

/**
 * Files in its state: `needs`, what it prints; `fail-WORD`, the reason why that word fails; `slow-WORD`, seconds that it takes;
 * `mode`, as long as a model is "in the kernel"; `log`, the kernel's, which grows by `log-WORD` when that word is done.
 */
const CONTROL = `#!/bin/sh
state=$FAKE_STATE
echo "$*" >>"$state/calls"
[ ! -e "$state/slow-$1" ] || sleep "$(cat "$state/slow-$1")"
[ ! -e "$state/log-$1" ] || cat "$state/log-$1" >>"$state/log"
if [ -e "$state/fail-$1" ]; then
  echo "on the way"
  cat "$state/fail-$1" >&2
  exit 1
fi
case $1 in
needs) [ ! -e "$state/needs" ] || cat "$state/needs" ;;
build) [ -f libml/libml.h ] && echo built >built ;;
check) [ -f built ] ;;
start) [ ! -e "$state/mode" ] && echo "$2" >"$state/mode" && echo 0 >"$state/swaps" ;;
mode) [ -e "$state/mode" ] && echo "$2" >"$state/mode" ;;
swap) [ "$(head -c 4 "$2")" = KOS1 ] && echo "$(($(cat "$state/swaps") + 1))" >"$state/swaps" ;;
stats)
  [ -e "$state/mode" ] || exit 1
  sed "s/@MODE@/$(cat "$state/mode")/; s/@SWAPS@/$(cat "$state/swaps")/" "$state/stats"
  ;;
remove) rm -f "$state/mode" ;;
esac
`;

/** In place of the programs of that name: what they tell can be chosen by files of the state. */
const PROGRAMS = {
  dmesg: 'cat "$FAKE_STATE/log" 2>/dev/null',
  journalctl: 'echo "$*" >>"$FAKE_STATE/journal-asked"; cat "$FAKE_STATE/old-log" 2>/dev/null',
  head:
    'case $* in *boot_id) [ ! -e "$FAKE_STATE/boot-id" ] || exec cat "$FAKE_STATE/boot-id" ;; ' +
    '*tainted) [ ! -e "$FAKE_STATE/tainted" ] || exec cat "$FAKE_STATE/tainted" ;; esac; exec /usr/bin/head "$@"',
};

export class FakeMachine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-fake-'));
  #server: SshServer | undefined;

  static async start(): Promise<FakeMachine> {
    const machine = new FakeMachine();
    mkdirSync(machine.state(), { recursive: true });
    mkdirSync(join(machine.#folder, 'bin'));
    for (const [name, text] of Object.entries(PROGRAMS)) {
      writeFileSync(join(machine.#folder, 'bin', name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(machine.#folder, 'bin', name), 0o755);
    }
    machine.reset();
    const environment = [
      `KERNEL_ORACLE_FOLDER=${machine.deployed}`,
      `KERNEL_ORACLE_SYSFS=${machine.state('sysfs')}`,
      `KERNEL_ORACLE_TRACING=${machine.state('tracing')}`,
      `FAKE_STATE=${machine.state()}`,
      `PATH=${join(machine.#folder, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
    ];
    machine.#server = await SshServer.start({ config: [`SetEnv ${environment.join(' ')}`] });
    return machine;
  }

  get server(): SshServer {
    return this.#server!;
  }

  /** Where models are deployed. */
  get deployed(): string {
    return join(this.#folder, 'lib');
  }

  state(name = ''): string {
    return join(this.#folder, 'state', name);
  }

  set(name: string, text: string): void {
    writeFileSync(this.state(name), text);
  }

  unset(...names: string[]): void {
    for (const name of names) rmSync(this.state(name), { force: true, recursive: true });
  }

  read(name: string): string {
    return existsSync(this.state(name)) ? readFileSync(this.state(name), 'utf8') : '';
  }

  /** As it was at first: nothing is there. */
  reset(): void {
    rmSync(this.state(), { recursive: true, force: true });
    rmSync(this.deployed, { recursive: true, force: true });
    mkdirSync(this.state(), { recursive: true });
    this.setStats(STATS);
  }

  setStats(stats: object): void {
    this.set(
      'stats',
      JSON.stringify({ ...stats, mode: '@MODE@', swaps: 0 }).replace('"swaps":0', '"swaps":@SWAPS@'),
    );
  }

  /** A folder as `emitRun` writes one, as far as it matters here. */
  emitted(name: string, model: Partial<DeployedModel> = {}, target = 'module'): string {
    const folder = join(this.#folder, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'libml'), { recursive: true });
    const { run, experiment, features, wordsSha256, bits } = { ...MODEL, run: name, ...model };
    const files = ['control', 'emitted.json', 'libml/libml.h', 'model.swap'];
    writeFileSync(join(folder, 'control'), CONTROL);
    writeFileSync(join(folder, 'libml/libml.h'), '/* */\n');
    writeFileSync(join(folder, 'model.swap'), `KOS1${name}`);
    const told = { format: 'kernel-oracle-emitted', version: 1, target, form: 'fixed', bits, experiment };
    const text = JSON.stringify({ ...told, run: { name: run }, features, wordsSha256, files });
    writeFileSync(join(folder, 'emitted.json'), text);
    return folder;
  }

  dispose(): void {
    this.#server?.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const FAKE_CONTEXT: RemoteContext = {
  programs: new RemotePrograms(fileURLToPath(new URL('../../media/remote', import.meta.url))),
  version: '0.0.0',
  now: () => new Date('2026-01-02T03:04:05Z'),
};
