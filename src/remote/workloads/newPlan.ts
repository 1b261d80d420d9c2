/**
 * The text of a new plan: runs as it is on a machine with nothing installed, and shows in comments what else can be said.
 * @param schemaUrl where editors find the schema; undefined: they know it by the file's name
 */
export function newPlanText(schemaUrl?: string): string {
  const modeline = schemaUrl === undefined ? '' : `# yaml-language-server: $schema=${schemaUrl}\n`;
  return modeline + NEW_PLAN;
}

const NEW_PLAN = `# Which recordings KernelOracle makes on test machines: machines × workloads × collectors × runs.
# "KernelOracle: Run Collection Plan" or \`kernel-oracle collect run\` makes them; those that are there already are kept.
version: 1

# Names as in "Test Machines", in a list: [lab1, root@192.0.2.7]. Or all of them:
machines: all

# What records. Each workload runs once for each collector.
collectors:
  - collector: tracefs # the kernel's own buffers, of any length; needs root rights there and nothing else
    events: [sched_switch, sched_wakeup, sched_wakeup_new, sched_waking, sched_migrate_task]
    bufferKbPerCpu: 16384
    overwrite: false # when the buffer is full, the newest events are lost, not the oldest
    # filters: { sched_switch: prev_pid != 0 }
    # clock: mono
    # format: text # instead of trace.dat
  # - collector: perf
  # - collector: perf-map # text of "perf sched map", as in the KernelOracle paper
  # - collector: bpftrace
  #   program: can_migrate_task

# What runs meanwhile. \`tcn\` are the twelve workloads of the TCN paper, which need hackbench and sysbench there;
# \`bare\` are those that need nothing. Completion offers all names.
workloads:
  - bare
  # - tcn
  # - nginx_ab
  # - stress_mixed
  # Workloads of your own run as the user who logs in:
  # - name: build
  #   category: build
  #   command: [make, -C, /usr/src/project, -j8] # words, as they are
  #   timeoutSeconds: 120
  # - name: archive
  #   category: files
  #   shell: tar -c /usr/share | gzip > /dev/null

runs: 3
order: listed # or shuffled, by the seed
seed: 42
pauseSeconds: 2

# Below the folder of this file. {machine}, {collector}, {workload}, {category}, {run} and {date} stand for what they say.
output: recordings/{machine}/{workload}.run{run}

limits:
  durationSeconds: 300 # of a recording, whatever the workload does

onFailure: continue # or stop: then no other recording is begun
`;
