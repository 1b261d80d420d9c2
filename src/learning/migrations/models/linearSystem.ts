/**
 * x with A x = b for a symmetric positive definite A, by its Cholesky factor (Golub and Van Loan, "Matrix Computations",
 * 4th edition, algorithm 4.2.1).
 * @param matrix [n, n] @param right [n]
 */
export function solved(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row * size + column]!;
      for (let at = 0; at < column; at += 1) sum -= factor[row * size + at]! * factor[column * size + at]!;
      if (row > column) factor[row * size + column] = sum / factor[column * size + column]!;
      else if (sum > 0) factor[row * size + row] = Math.sqrt(sum);
      else throw new RangeError(`the matrix is not positive definite (row ${row})`);
    }
  }
  const x = right.slice();
  for (let row = 0; row < size; row += 1) {
    for (let at = 0; at < row; at += 1) x[row]! -= factor[row * size + at]! * x[at]!;
    x[row]! /= factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let at = row + 1; at < size; at += 1) x[row]! -= factor[at * size + row]! * x[at]!;
    x[row]! /= factor[row * size + row]!;
  }
  return x;
}
