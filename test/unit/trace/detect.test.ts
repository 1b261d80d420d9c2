import { describe, expect, it } from 'vitest';
import { isFailure, messageOf } from '../../../src/base/errors.js';
import { detectFormat } from '../../../src/trace/detect.js';
import { FORMATS } from '../../../src/trace/formats.js';
import { recordsCsv } from '../../support/migrationRecords.js';

function detected(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  try {
    return detectFormat(bytes, 'mine.txt').name;
  } catch (error) {
    if (isFailure(error, 'unknown-format')) return messageOf(error);
    throw error;
  }
}

function bytes(...parts: (number | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'number' ? [part] : Array.from(part, (character) => character.charCodeAt(0)),
    ),
  );
}

const SWITCH = 'prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120';

describe('detection', () => {
  it.each([
    ['tracefs-text', `               a-1       [003] d..2.  5630.000001: sched_switch: ${SWITCH}\n`],
    ['perf-script', `               a     1 [003]  5630.000001000: sched:sched_switch: ${SWITCH}\n`],
    // Not tracefs text, of whose reader's view it has a part.
    ['trace-cmd-report', `cpus=2\n   a-1     [000]  12.000001: sched_switch:         ${SWITCH}\n`],
    [
      'trace-cmd-report',
      '          <idle>-0     [002]  2084.021659: sched_switch:         swapper/2:0 [120] R ==> a:1 [120]\n',
    ],
    [
      'trace-cmd-report',
      'version = 6\nCPU 1 is empty\ncpus=2\n  <idle>-0       2d..1.  2084.021443: cpu_idle:             state=1\n',
    ],
    ['trace-cmd-report', `buf:                a-1     [000]  12.000001: (+89)    sched_switch: ${SWITCH}\n`],
    // The trace itself lies megabytes further on.
    ['systrace-html', '<!DOCTYPE html>\n<html>\n<title>Android System Trace</title>\n<script>var a;\n'],
    ['systrace-html', '<!DOCTYPE html>\n<html><script class="trace-data" type="application/text">\n'],
    ['systrace-html', '<!-- (c) -->\n<HTML>\n<script>\n  var linuxPerfData = "\\\n# tracer: nop\\n\\\n'],
    [
      'perf-timehist',
      'Samples do not have callchains.\n           time    cpu  task name                       wait time  sch delay   run time\n',
    ],
    ['perf-sched-map', '  *A0        1964.315332 secs A0 => migration/0:18\n'],
    ['perf-sched-map', '  *A0  .   - 1964.315332 secs A0 => no map\n  *A0     1964.315332 secs \r\n'],
    ['perf-sched-map', '   A0 \n      \n  *.         1964.315332 secs .  => swapper:0\n'],
    ['perf-data', bytes('PERFILE2', 0x68, 0, 0, 0, 0, 0, 0, 0)],
    ['perf-data', bytes('2ELIFREP', 0, 0, 0, 0, 0, 0, 0, 0x10)],
    ['ctf', '/* CTF 1.8 */\n\ntypealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n'],
    ['ctf', bytes(0x57, 0x1d, 0xd1, 0x75, 0, 0, 0, 0)],
    ['ctf', bytes(0x75, 0xd1, 0x1d, 0x57, 0, 0, 0, 0)],
    ['perfetto', bytes(0x0a, 4, 0x40, 5, 0x50, 1, 0x0a, 2, 0x50, 1)],
    ['kernel-oracle-csv', 'task_code,time,name,pid\nA0,1.0,a,1\n'],
    [
      'kernel-oracle-csv',
      '\ufeff"trace_id","timestamp","task_name","pid","cpu","prev_state","prev_comm"\r\n',
    ],
  ])('finds %s', (format, content) => {
    expect(detected(content)).toBe(format);
  });

  it('gives the reason of each format when none matches', () => {
    const message = detected('hello\n');
    expect(message).toMatch(/^mine\.txt is not in a format that KernelOracle reads:\n/);
    for (const { label } of FORMATS) expect(message).toContain(`  - ${label}: `);
  });

  it('names the columns that a CSV lacks', () => {
    expect(detected('timestamp,task_name,pid,cpu\n1,a,1,0\n')).toContain('but not prev_state, prev_comm');
    expect(detected('task_code,name,pid\n')).toContain('has task_code, but not time');
    expect(detected('task_code,time,name,pid,pid\n')).toContain('names the column pid twice');
  });

  it.each([
    ['prose', 'The task ran 12 [002] times.\nAt 12.5: it slept: a lot.\n'],
    [
      'Markdown',
      '# tracer: a tool\n\n- a-1 [000] is a task\n* 1964.3 secs A0 => b:1\n\n| a | b |\n|---|---|\n',
    ],
    ['CSV', 'time,name,pid,value\n1.5,a,1,2\n'],
    ['CSV of numbers', '1,2,3\n4,5,6\n'],
    ['semicolons', 'task_code;time;name;pid\nA0;1.0;a;1\n'],
    ['JSON', '{"timestamp": 1, "task_name": "a", "pid": 1, "cpu": 0, "prev_state": "S"}\n'],
    ['a syslog', 'Jan  1 00:00:01 host kernel: [    0.000000] Linux version 6.18 (x@y) #1 SMP\n'],
    ['dmesg', '[    0.000000] Linux version 6.18\n[    0.000012] Command line: quiet\n'],
    ['an access log', '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326\n'],
    ['strace', '1234  12:00:00.123456 read(3, "x", 1) = 1 <0.000012>\n'],
    ['C', 'int main(void)\n{\n\treturn a[0] - 1; /* sched_switch: x */\n}\n'],
    ['a diff', '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a-1 [000] 1.5: b: c\n'],
    ['a list with stars', '  *AB  1.500000 secs\n  *A0 1.5 secs\n'],
    ['nothing but line ends', '\n\n\r\n\n'],
    ['one line without end', 'x'.repeat(70_000)],
    ['a quote that never ends', '"'.repeat(65_535)],
    ['commas', ','.repeat(65_536)],
  ])('does not take for a trace: %s', (_what, content) => {
    expect(detected(content)).toMatch(/^mine\.txt is not in a format/);
  });

  it.each([
    [
      'perf.data of the first perf',
      bytes('PERFFILE', 0x68, 0, 0),
      /perf\.data.*before 2\.6\.36.*perf script/,
    ],
    ['zip', bytes('PK', 3, 4, 0, 0), /ZIP archive\. Unpack/],
    [
      'a CTF data stream',
      bytes(0xc1, 0x1f, 0xfc, 0xc1, 0, 0),
      /data stream of a CTF trace.*"metadata" that lies beside/,
    ],
    ['a big-endian CTF data stream', bytes(0xc1, 0xfc, 0x1f, 0xc1, 0, 0), /data stream of a CTF trace/],
    ['CTF 2', bytes(0x1e, '{"type":"preamble","version":2}\n'), /metadata of a trace in CTF 2.*ctf-1\.8/],
    ['PNG', bytes(0x89, 'PNG\r\n', 0x1a, '\n'), /PNG picture/],
    [
      'migration records',
      bytes(recordsCsv([{}])),
      /migration records .* which is no trace.*"kernel-oracle info"/,
    ],
    ['PDF', bytes('%PDF-1.7\n'), /PDF document/],
    ['ELF', bytes(0x7f, 'ELF', 2, 1), /program or library/],
    ['Parquet', bytes('PAR1', 0x15, 0), /Parquet/],
    ['UTF-16 with a mark', bytes(0xff, 0xfe, 'a\0b\0'), /UTF-16.*iconv/],
    ['UTF-16 without', bytes('#\0 \0t\0r\0a\0c\0e\0r\0:\0 \0'), /UTF-16.*iconv/],
    ['UTF-16 big-endian', bytes('\0#\0 \0t\0r\0a\0c\0e\0r\0:\0 '), /UTF-16.*iconv/],
    ['HTML', '<!DOCTYPE html>\n<html></html>\n', /it is an HTML page\./],
    ['Chrome JSON', '{"displayTimeUnit":"ns","traceEvents":[]}', /trace in JSON/],
    ['Chrome JSON array', '[\n{"name":"a","ph":"X"}]', /trace in JSON/],
    [
      'the table of perf sched latency',
      '\n ----\n  Task                  |   Runtime ms  | Switches | Avg delay ms\n',
      /perf sched latency/,
    ],
    ['zeros', new Uint8Array(1000), /binary data of an unknown kind/],
  ])('says what it is: %s', (_what, content, expected) => {
    const message = detected(content);
    expect(message).toMatch(/^mine\.txt cannot be opened: it is /);
    expect(message.split('\n')[0]).toMatch(expected);
  });
});
