/** The keys of an ssh-agent. Source: draft-miller-ssh-agent, 4.4 (SSH_AGENTC_REQUEST_IDENTITIES). */
import { connect } from 'node:net';
import { Failure, messageOf } from '../../base/errors.js';
import { keyTypeOf } from './knownHosts.js';

export interface AgentKey {
  /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, `ssh-rsa-cert-v01@openssh.com`, … */
  readonly type: string;
  /** In wire format. */
  readonly key: Buffer;
  readonly comment: string;
}

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
/** The agents of OpenSSH answer with no more than that either. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** Failures: `connection-failed`, `timed-out`, `bad-input` (no answer of an agent). */
export async function agentKeys(socketPath: string, timeoutMs: number): Promise<AgentKey[]> {
  return readIdentities(await ask(socketPath, timeoutMs), socketPath);
}

function ask(socketPath: string, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (failure: Failure) => {
      socket.destroy();
      reject(failure);
    };
    socket.setTimeout(timeoutMs, () => {
      fail(new Failure('timed-out', `The ssh-agent at ${socketPath} does not answer.`));
    });
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 1, REQUEST_IDENTITIES])));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < 4) return;
      const answer = Buffer.concat(chunks);
      const wanted = answer.readUInt32BE(0);
      if (wanted > MAX_ANSWER_BYTES) fail(notAnAgent(socketPath));
      else if (length >= 4 + wanted) {
        socket.destroy();
        resolve(answer.subarray(4, 4 + wanted));
      }
    });
    socket.on('error', (error) => {
      fail(
        new Failure(
          'connection-failed',
          `The ssh-agent at ${socketPath} cannot be reached: ${messageOf(error)}`,
          {
            cause: error,
          },
        ),
      );
    });
    socket.on('end', () => {
      fail(notAnAgent(socketPath));
    });
  });
}

function readIdentities(answer: Buffer, socketPath: string): AgentKey[] {
  if (answer.length < 5 || answer[0] !== IDENTITIES_ANSWER) throw notAnAgent(socketPath);
  let at = 5;
  const next = (): Buffer => {
    const length = at + 4 <= answer.length ? answer.readUInt32BE(at) : Infinity;
    if (at + 4 + length > answer.length) throw notAnAgent(socketPath);
    at += 4 + length;
    return answer.subarray(at - length, at);
  };
  const count = answer.readUInt32BE(1);
  const keys: AgentKey[] = [];
  while (keys.length < count) {
    const key = next();
    keys.push({ key, comment: next().toString('utf8'), type: keyTypeOf(key) ?? 'unknown' });
  }
  return keys;
}

function notAnAgent(socketPath: string): Failure {
  return new Failure('bad-input', `What listens at ${socketPath} is not an ssh-agent.`);
}
