import { InvalidArgumentError, Option, type Command } from 'commander';
import { BANDWIDTH_RULES, DENSITY_AXES, DENSITY_RANGES, LATENCY_UNITS } from '../protocol/latencyMessages.js';
import type { LatencyDensityOptions } from './latencyDensity.js';

/** `latency-density`. Loaded when it runs, as it reads files of many kinds. */
export function addLatencyCommands(program: Command): void {
  program
    .command('latency-density')
    .description(
      'latencies of a function beside each other: percentiles, ratios with intervals, kernel densities',
    )
    .argument(
      '<file...>',
      'one number a line, text of function_graph, tables of can_migrate_task calls, benchmark results, or a *.latency.json',
    )
    .addOption(new Option('--axis <name>', 'axis of the densities').choices(DENSITY_AXES))
    .addOption(new Option('--bandwidth <rule>', 'rule for the bandwidth').choices(BANDWIDTH_RULES))
    .addOption(new Option('--factor <number>', 'multiply the bandwidth, 0.1 to 10').argParser(factorOf))
    .addOption(new Option('--range <end>', 'where the axis ends').choices(DENSITY_RANGES))
    .option('--baseline <label>', 'label of the sets with which the others are compared')
    .addOption(new Option('--unit <unit>', 'of the numbers in all files').choices(LATENCY_UNITS))
    .option('--part <name>', 'function of function_graph; all, allowed, refused or forced calls')
    .option('--benchmark <name>', 'benchmark of all files')
    .option('--probe <name>', 'what measured all files')
    .option('--json', 'print one JSON document, with the points of the densities')
    .action(async (files: string[], options: LatencyDensityOptions) =>
      (await import('./latencyDensity.js')).latencyDensity(files, options),
    );
}

function factorOf(text: string): number {
  const factor = Number(text);
  if (text.trim() !== '' && factor >= 0.1 && factor <= 10) return factor;
  throw new InvalidArgumentError('It is no number from 0.1 to 10.');
}
