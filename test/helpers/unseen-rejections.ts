/** Promises that were left to reject, and nobody listened. One list for all test files of a worker, and one listener. */
export const unseenRejections: unknown[] = [];
process.on('unhandledRejection', (reason) => unseenRejections.push(reason));
