/** Child process that studies migration records: `fork` it, wait for `ready`, send a command. It ends by itself. */
import { assertUnreachable } from '../base/assert.js';
import { makeStudy } from '../learning/migrations/study/makeStudy.js';
import { writeStudy } from '../learning/migrations/study/studyFile.js';
import type { StudyProgress } from '../learning/migrations/study/studyProgress.js';
import packageJson from '../../package.json' with { type: 'json' };
import { ChildEnd } from './childEnd.js';
import {
  readStudentCommand,
  type StudentCommand,
  type StudentEvent,
  type StudyCommand,
} from './neuralCfsStudentMessages.js';
import { seldom } from './seldom.js';

const parent = new ChildEnd<StudentCommand, StudentEvent>({
  read: readStudentCommand,
  unknownText: 'The process that studies migration records got a message that it does not know.',
  obey: (command) => {
    switch (command.kind) {
      case 'study':
        parent.start(() => study(command));
        return;
      case 'cancel':
        parent.cancel();
        return;
      default:
        assertUnreachable(command, 'command');
    }
  },
});

const tell = seldom((progress: StudyProgress) => parent.send({ kind: 'progress', ...progress }));

async function study({ settings, output }: StudyCommand): Promise<void> {
  const { signal } = parent;
  const made = await makeStudy(settings, {
    signal,
    now: () => new Date(),
    version: packageJson.version,
    onProgress: tell,
  });
  await writeStudy(output, made, { replace: true, signal });
  const { rows, recordings, leftOut, warnings, elapsedSeconds } = made;
  parent.send({
    kind: 'studied',
    ...{ rows, warnings: [...warnings], elapsedSeconds },
    ...{ recordings: recordings.length, leftOut: leftOut.length },
  });
}

parent.send({ kind: 'ready' });
