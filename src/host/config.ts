import * as v from 'valibot';
import * as vscode from 'vscode';
import { SETTINGS } from '../manifest.js';
import type { SshOptions } from '../remote/ssh/sshOptions.js';

const machineNames = v.array(v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(500)));

/** The one place where settings are read and written. What is malformed counts as not set. */
export class Config {
  /** Called when a setting changed that says which machines there are. */
  onMachinesChanged(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (Object.values(SETTINGS).some((setting) => event.affectsConfiguration(setting))) listener();
    });
  }

  /** Machines that the user added: `user@host:port`, no secrets. */
  get machines(): readonly string[] {
    const parsed = v.safeParse(machineNames, read(SETTINGS.machines));
    return parsed.success ? [...new Set(parsed.output)] : [];
  }

  /**
   * Kept as a setting and not in the extension's own state: it can be read, edited and copied to another computer like
   * the SSH configuration beside which it stands. Its scope keeps workspaces from naming machines.
   */
  async setMachines(names: readonly string[]): Promise<void> {
    await vscode.workspace
      .getConfiguration()
      .update(SETTINGS.machines, names, vscode.ConfigurationTarget.Global);
  }

  get ssh(): SshOptions {
    const parsed = v.safeParse(v.pipe(v.string(), v.trim(), v.nonEmpty()), read(SETTINGS.sshConfigFile));
    return parsed.success ? { configFile: parsed.output } : {};
  }
}

function read(setting: string): unknown {
  return vscode.workspace.getConfiguration().get<unknown>(setting);
}
