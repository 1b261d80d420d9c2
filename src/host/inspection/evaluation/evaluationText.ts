import type { EvaluatorResult } from '../../../workers/evaluatorMessages.js';

/** What came of it in a sentence or two: `12,345 events in 3 parts. 2 of 15 checks failed, 4 could not be made.` */
export function resultText({ evaluation, audit, auditProblem }: EvaluatorResult): string {
  const sentences: string[] = [];
  if (evaluation !== null) {
    const { parts, targets } = evaluation;
    sentences.push(
      `${targets.toLocaleString('en')} ${targets === 1 ? 'event' : 'events'} in ${parts} ${parts === 1 ? 'part' : 'parts'}.`,
    );
  }
  if (audit !== null) {
    const { failed, passed, skipped } = audit;
    const left = skipped === 0 ? '' : `, ${skipped} had nothing to look at`;
    sentences.push(
      failed === 0
        ? `None of ${passed} checks failed${left}.`
        : `${failed} of ${failed + passed} checks failed${left}.`,
    );
  }
  if (auditProblem !== null) sentences.push(`The audit could not be made: ${auditProblem}`);
  return sentences.join(' ');
}

/** `seen test part, 42 %`: where the work stands. */
export function progressMessage(phase: string, share: number): string {
  const percent = Math.floor(share * 100);
  return percent === 0 ? phase : `${phase}, ${percent} %`;
}
