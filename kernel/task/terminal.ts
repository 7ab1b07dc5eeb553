/** The controlling terminal of a session, as job control sees it. The file system owns the real one. */
export interface ControllingTerminal {
  /** Process group that may read; 0 = none. */
  foregroundPgrp: number;
  /** Session that the terminal belongs to; 0 = none. */
  session: number;
}
