import type { EventStore } from '../model/eventStore.js';
import { NO_TASK } from '../model/taskTable.js';

/**
 * Threads are called by their newest name, which is not the one read last when several files were read in turn. The
 * rows must be in order of time.
 */
export function settleNames(store: EventStore): void {
  const { tasks, actor, subject, length } = store;
  if (tasks.taskCount === tasks.threadCount) return;
  const isSeen = new Uint8Array(tasks.taskCount);
  const order: number[] = [];
  const see = (task: number) => {
    if (task === NO_TASK) return;
    if (isSeen[task] === 0) order.push(task);
    isSeen[task] = 1;
  };
  for (let row = 0; row < length; row += 1) {
    see(actor[row]!);
    see(subject[row]!);
  }
  tasks.orderNames(order);
  const isPlaced = new Uint8Array(tasks.threadCount);
  let left = tasks.threadCount;
  const place = (task: number) => {
    if (task === NO_TASK || isPlaced[tasks.threads[task]!] === 1) return;
    tasks.setNewest(task);
    if (tasks.threadTasks[tasks.threads[task]!] !== task) return;
    isPlaced[tasks.threads[task]!] = 1;
    left -= 1;
  };
  for (let row = length - 1; row >= 0 && left > 0; row -= 1) {
    place(subject[row]!);
    place(actor[row]!);
  }
}
