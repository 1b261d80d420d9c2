/** Something is true that must never be: the fuzzer's own verdict, beside exceptions that the code throws. */
export class DefectError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'DefectError';
  }
}
