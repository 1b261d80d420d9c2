/** A workload as it is run on a machine. */
export interface WorkloadCommand {
  /** `hackbench_pipe_small`, or the user's name for it. */
  readonly name: string;
  /** A program in `media/remote/` (built in) or a command with arguments, run as the user who logged in. */
  readonly program:
    | { readonly kind: 'builtIn'; readonly name: string; readonly args: readonly string[] }
    | { readonly kind: 'command'; readonly argv: readonly [string, ...string[]] }
    /** Text for `sh`, as the user wrote it. */
    | { readonly kind: 'shell'; readonly text: string };
  /** Ended after that, which is a failure of the workload, not of the collection. */
  readonly timeoutMs: number;
}
