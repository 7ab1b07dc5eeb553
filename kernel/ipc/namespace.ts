/** All System V IPC objects of the machine. */

import { IpcIds } from "./ids.ts";
import { type MessageQueue, MSGMNI } from "./messages.ts";
import { SHMMNI, type SharedSegment } from "./segments.ts";
import { SEMMNI, type SemaphoreSet } from "./semaphores.ts";

export class IpcNamespace {
  readonly queues = new IpcIds<MessageQueue>(MSGMNI);
  readonly segments = new IpcIds<SharedSegment>(SHMMNI);
  readonly sets = new IpcIds<SemaphoreSet>(SEMMNI);
}
