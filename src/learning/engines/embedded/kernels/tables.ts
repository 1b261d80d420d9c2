/** Rows that are copied, gathered and scattered. */
import { address, int } from './job';

/** Blocks of columns from one table to another. 0 from, 1 its columns, 2 to, 3 its columns, 4 rows, 5 columns to copy */
export function copyColumns(_task: i32): void {
  const bytes = <usize>int(5) * 4;
  let from = address(0);
  let to = address(2);
  for (let row = int(4); row > 0; row -= 1) {
    memory.copy(to, from, bytes);
    from += <usize>int(1) * 4;
    to += <usize>int(3) * 4;
  }
}

/** 0 table, 1 columns, 2 ids, 3 count, 4 out */
export function gather(_task: i32): void {
  const bytes = <usize>int(1) * 4;
  const count = int(3);
  for (let row = 0; row < count; row += 1) {
    const id = load<i32>(address(2) + <usize>row * 4);
    memory.copy(address(4) + <usize>row * bytes, address(0) + <usize>id * bytes, bytes);
  }
}

/** Adds rows, in their order. 0 out (zeros), 1 columns, 2 ids, 3 count, 4 rows */
export function scatter(_task: i32): void {
  const columns = int(1);
  const count = int(3);
  for (let row = 0; row < count; row += 1) {
    const id = load<i32>(address(2) + <usize>row * 4);
    let to = address(0) + <usize>id * columns * 4;
    let from = address(4) + <usize>row * columns * 4;
    let left = columns;
    for (; left >= 4; left -= 4) {
      v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
      to += 16;
      from += 16;
    }
    for (; left > 0; left -= 1) {
      store<f32>(to, load<f32>(to) + load<f32>(from));
      to += 4;
      from += 4;
    }
  }
}
