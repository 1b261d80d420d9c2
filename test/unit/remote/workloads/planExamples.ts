/** Plans and what is wrong with them: for the schema of the product and for that of editors. */
export interface PlanExample {
  readonly text: string;
  /** `line:column: message` of each problem. */
  readonly problems: readonly string[];
  /** What a schema cannot say: repeated names, a pattern that lacks a placeholder. */
  readonly isContradiction?: boolean;
}

const W = 'workloads: [io_mixed]\n';

export const VALID_PLANS: readonly string[] = [
  'workloads: [io_mixed]',
  'workloads: [tcn, nginx_ab, stress_mixed]\nmachines: all',
  `${W}version: 1\nmachines: [lab1, 'root@192.0.2.7:2222', "größe"]`,
  `${W}runs: 1\noutput: x/y`.replace('[io_mixed]', '[io_mixed]\nmachines: [one]'),
  `${W}order: shuffled\nseed: 0\npauseSeconds: 0.5\nlimits: { durationSeconds: 1 }\nonFailure: stop`,
  `${W}limits: {}`,
  `${W}collectors:\n  - collector: tracefs\n    filters: { sched_switch: prev_pid != 0, 'irq:irq_handler_entry': irq == 3 }\n    format: text\n    clock: local\n    overwrite: true\n    bufferKbPerCpu: 64`,
  `${W}collectors: [{ collector: perf, bufferPages: 1024, events: ['sched:sched_switch'] }, { collector: perf-map }, { collector: bpftrace, program: sched_switch }]\noutput: '{collector}/{machine}/{workload}-{run}-{date}-{category}'`,
  `${W}collectors: [{ collector: tracefs, name: small }, { collector: tracefs, name: large }]\noutput: '{collector}.{machine}.{workload}.{run}'`,
  'workloads:\n  - name: mine\n    category: c\n    command: [sh, -c, "echo ö"]\n    timeoutSeconds: 2.5',
  'workloads:\n  - &one { name: a, category: c, shell: "true" }\n  - { name: b, category: c, shell: "ls | wc" }',
];

export const INVALID_PLANS: readonly PlanExample[] = [
  { text: '', problems: ['1:1: a plan has `workloads:` and what else it sets'] },
  { text: '- a', problems: ['1:1: a plan has `workloads:` and what else it sets'] },
  { text: 'runs: 3', problems: ['1:1: workloads is missing'] },
  { text: 'workloads: []', problems: ['1:12: workloads is empty'] },
  { text: 'workloads: tcn', problems: ['1:12: workloads is a list'] },
  { text: `${W}rums: 3`, problems: ['2:1: rums is not known here'] },
  { text: `${W}version: 2`, problems: ['2:10: version is 1'] },
  { text: `${W}runs: 0`, problems: ['2:7: runs is a whole number from 1 to 1000'] },
  { text: `${W}runs: 1.5`, problems: ['2:7: runs is a whole number from 1 to 1000'] },
  { text: `${W}runs: three`, problems: ['2:7: runs is a whole number from 1 to 1000'] },
  { text: `${W}seed: -1`, problems: ['2:7: seed is a whole number from 0 to 4294967295'] },
  { text: `${W}order: any`, problems: ['2:8: order is `listed` or `shuffled`'] },
  { text: `${W}onFailure: no`, problems: ['2:12: onFailure is `continue` or `stop`'] },
  {
    text: `${W}pauseSeconds: -1`,
    problems: ['2:15: pauseSeconds is a number of seconds from 0 to 86400'],
  },
  { text: `${W}limits: 3`, problems: ['2:9: limits has durationSeconds'] },
  {
    text: `${W}limits:\n  durationSeconds: 0\n  bytes: 1`,
    problems: [
      '3:20: durationSeconds is a number of seconds from 1 to 86400',
      '4:3: bytes is not known here',
    ],
  },
  { text: `${W}machines: lab`, problems: ['2:11: machines is `all` or a list of names'] },
  { text: `${W}machines: []`, problems: ['2:11: machines is empty'] },
  { text: `${W}machines: [lab, 3]`, problems: ['2:17: a machine is a name'] },
  {
    text: `${W}machines: ["a b"]`,
    problems: ['2:12: a machine is named as in “Test Machines”, without spaces'],
  },
  {
    text: `${W}collectors:\n  - collector: nope`,
    problems: ['3:16: collector is `tracefs`, `perf`, `perf-map` or `bpftrace`'],
  },
  {
    text: `${W}collectors:\n  - events: [sched_switch]`,
    problems: ['3:5: collector is `tracefs`, `perf`, `perf-map` or `bpftrace`'],
  },
  {
    text: `${W}collectors:\n  - collector: tracefs\n    buffer: 3\n    events: [Sched]\n    filters:\n      Bad: x`,
    problems: [
      '5:14: an event is named `sched_switch` or `group:name`',
      '7:7: an event is named `sched_switch` or `group:name`',
      '4:5: buffer is not known here',
    ],
  },
  {
    text: `${W}collectors:\n  - collector: tracefs\n    bufferKbPerCpu: 1\n    overwrite: maybe\n    clock: ''\n    format: csv`,
    problems: [
      '4:21: bufferKbPerCpu is a whole number from 64 to 4194304',
      '5:16: overwrite is true or false',
      '6:12: clock is the name of a trace clock',
      '7:13: format is `trace.dat` or `text`',
    ],
  },
  {
    text: `${W}collectors:\n  - { collector: perf, bufferPages: 3 }`,
    problems: ['3:37: bufferPages is a power of two'],
  },
  {
    text: `${W}collectors:\n  - { collector: perf, bufferPages: 262144 }`,
    problems: ['3:37: bufferPages is a whole number from 1 to 131072'],
  },
  {
    text: `${W}collectors:\n  - { collector: bpftrace, program: other }`,
    problems: ['3:37: program is one of bpftrace’s: can_migrate_task, sched_switch'],
  },
  {
    text: `${W}collectors:\n  - { collector: perf, events: [sched_switch] }`,
    problems: ['3:33: an event of perf is named `sched:sched_switch`'],
  },
  {
    text: 'workloads:\n  - hackbench_pipe_smal',
    problems: [
      '2:5: hackbench_pipe_smal is no workload of the catalogue (hackbench_pipe_small?); a workload of your own has name, category and command or shell',
    ],
  },
  {
    text: 'workloads: [null]',
    problems: ['1:13: a workload is a name of the catalogue, or has name, category and command or shell'],
  },
  {
    text: 'workloads:\n  - category: y\n    command: [a]',
    problems: ['2:5: name is missing'],
  },
  {
    text: 'workloads:\n  - name: x\n    category: y',
    problems: ['2:5: a workload of your own has either command or shell'],
  },
  {
    text: 'workloads:\n  - name: x\n    category: y\n    command: [a]\n    shell: a',
    problems: ['2:5: a workload of your own has either command or shell'],
  },
  {
    text: 'workloads:\n  - name: ../x\n    category: y\n    command: ls -l',
    problems: [
      '2:11: a name has letters, digits, `_`, `-` and `.`, begins with a letter or digit and is at most 64 characters long',
      '4:14: command is a list of words: the program, then its arguments; for a line with shell syntax use shell',
    ],
  },
  {
    text: `${W}output: ../x`,
    problems: [
      '2:9: output is a path below the folder of this file, without `..`, and its last part is the name of the recording without its ending',
    ],
  },
  ...['/x', 'a/../b', 'a/..', 'x/', '.', 'a\\\\b', '"a\\nb"', "'a:b'"].map((output) => ({
    text: `${W}machines: [one]\nruns: 1\noutput: ${output}`,
    problems: [
      '4:9: output is a path below the folder of this file, without `..`, and its last part is the name of the recording without its ending',
    ],
  })),
  {
    text: `${W}output: a{foo}`,
    problems: [
      '2:9: output may hold {machine}, {collector}, {workload}, {category}, {run}, {date}, and no other braces',
    ],
  },
  {
    text: `${W}output: fixed`,
    isContradiction: true,
    problems: [
      "2:9: output needs {machine}, or recordings would take each other's names",
      "2:9: output needs {run}, or recordings would take each other's names",
    ],
  },
  {
    text: 'workloads: [tcn, io_mixed]',
    isContradiction: true,
    problems: ['1:18: io_mixed is there before: give each workload a name of its own'],
  },
  {
    text: `${W}machines: [lab, lab]`,
    isContradiction: true,
    problems: ['2:17: lab is there before: name each machine once'],
  },
  {
    text: `${W}collectors: [{ collector: perf }, { collector: perf }]`,
    isContradiction: true,
    problems: [
      '2:35: perf is there before: give each collector a name of its own',
      "1:1: output needs {collector}, or recordings would take each other's names",
    ],
  },
];

/** Wrong before it comes to any schema. */
export const BROKEN_PLANS: readonly PlanExample[] = [
  { text: `${W}workloads: [bare]`, problems: ['2:1: Map keys must be unique'] },
  {
    text: 'workloads: [tcn',
    problems: ['1:16: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  },
  { text: 'workloads: !!x [tcn]', problems: ['1:12: Unresolved tag: tag:yaml.org,2002:x'] },
  { text: 'workloads: [*a]', problems: ['1:13: this alias stands for nothing'] },
  {
    text: `${W}---\nruns: 3`,
    problems: ['2:1: Source contains multiple documents; please use YAML.parseAllDocuments()'],
  },
  {
    text: [
      'a: &a [1,1,1,1,1,1,1,1,1]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'workloads: [*c,*c,*c]',
    ].join('\n'),
    problems: ['1:1: Excessive alias count indicates a resource exhaustion attack'],
  },
];
