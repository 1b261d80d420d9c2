import { expect, test } from 'vitest';
import { progressMessage, resultText } from '../../../../src/host/inspection/evaluation/evaluationText.js';
import { readEvaluatorCommand, readEvaluatorEvent } from '../../../../src/workers/evaluatorMessages.js';

test('what came of it in a sentence or two', () => {
  const evaluation = { parts: 3, targets: 12_345, warnings: [] };
  const done = { kind: 'done', evaluation, auditProblem: null } as const;
  expect(resultText({ ...done, audit: { failed: 2, passed: 11, skipped: 4 } })).toBe(
    '12,345 events in 3 parts. 2 of 13 checks failed, 4 had nothing to look at.',
  );
  expect(resultText({ ...done, audit: { failed: 0, passed: 15, skipped: 0 } })).toBe(
    '12,345 events in 3 parts. None of 15 checks failed.',
  );
  expect(resultText({ ...done, audit: null, auditProblem: 'The data set is gone.' })).toBe(
    '12,345 events in 3 parts. The audit could not be made: The data set is gone.',
  );
  expect(progressMessage('predicting: seen', 0.426)).toBe('predicting: seen, 42 %');
  expect(progressMessage('auditing', 0)).toBe('auditing');
});

test('what host and process say to each other is checked', () => {
  const command = { kind: 'evaluate', folder: '/runs/a', dataset: null, recordings: null };
  expect(readEvaluatorCommand(command)).toEqual(command);
  expect(readEvaluatorCommand({ ...command, recordings: [] })).toBeNull();
  expect(readEvaluatorCommand({ kind: 'rm', folder: '/' })).toBeNull();
  expect(readEvaluatorEvent({ kind: 'progress', phase: 'x', share: 2 })).toBeNull();
  expect(readEvaluatorEvent({ kind: 'ready' })).toEqual({ kind: 'ready' });
});
