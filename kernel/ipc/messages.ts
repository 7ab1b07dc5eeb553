/** State of message queues. */

import type { WaitQueue } from "../task/wait.ts";
import type { IpcPermissions } from "./ids.ts";

/** Bytes of one message, bytes of a queue, queues (include/uapi/linux/msg.h). */
export const MSGMAX = 8192;
export const MSGMNB = 16384;
export const MSGMNI = 32000;

export interface MessageQueue {
  readonly perm: IpcPermissions;
  readonly messages: { readonly type: number; readonly text: Uint8Array }[];
  /** Text held, and how much may be. */
  bytes: number;
  limit: number;
  /** Seconds since 1970 of the last msgsnd, msgrcv and change. */
  sent: number;
  received: number;
  changed: number;
  sender: number;
  receiver: number;
  readonly readers: WaitQueue;
  readonly writers: WaitQueue;
}
