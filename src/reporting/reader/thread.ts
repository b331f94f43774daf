/** Entry of the thread that reads the reports of one mail or file. */
import { parentPort, workerData } from 'node:worker_threads';
import { reportsInFile, reportsInMail } from '../../proto/reports/find-reports.ts';
import type { ReaderWork } from '../reader.ts';

const { is, bytes } = workerData as ReaderWork;
const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
parentPort!.postMessage(is === 'mail' ? reportsInMail(buffer) : reportsInFile(buffer));
