import { expect, test } from 'vitest';
import { readQuestion } from '../../../../src/remote/ssh/sshQuestions.js';

const HOST_KEY = `The authenticity of host '[127.0.0.1]:2222 ([127.0.0.1]:2222)' can't be established.
ED25519 key fingerprint is SHA256:8pG0nq5Jw5pN6l0bXUuIVqzQmD2mAqm1t9r2o8m2lYw.
This key is not known by any other names.
Are you sure you want to continue connecting (yes/no/[fingerprint])? `;

test.each([
  [
    HOST_KEY,
    {
      kind: 'host-key',
      keyType: 'ED25519',
      fingerprint: 'SHA256:8pG0nq5Jw5pN6l0bXUuIVqzQmD2mAqm1t9r2o8m2lYw',
    },
  ],
  ["Please type 'yes', 'no' or the fingerprint: ", { kind: 'host-key-again' }],
  [
    "Enter passphrase for key '/home/me/.ssh/a key': ",
    { kind: 'passphrase', keyPath: '/home/me/.ssh/a key' },
  ],
  ["me@host's password: ", { kind: 'password' }],
  ['(me@host) Password: ', { kind: 'other', text: '(me@host) Password: ' }],
  ["(me@host) x@y's password: ", { kind: 'other', text: "(me@host) x@y's password: " }],
  ['Enter PIN for ED25519-SK key /k: ', { kind: 'other', text: 'Enter PIN for ED25519-SK key /k: ' }],
])('%s', (text, question) => {
  expect(readQuestion(text)).toEqual(question);
});
