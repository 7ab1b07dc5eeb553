/** The two-byte opcode map, 0F xx, up to the P6 without MMX and SSE (SDM 2D table A-3). Notation: row.ts. */
export const twoByteRows = `
# Groups 6 and 7
  0F 00 /0   | SLDT Rv/Mw:w         | E:w          |                   | pm
  0F 00 /1   | STR Rv/Mw:w          | E:w          |                   | pm
  0F 00 /2   | LLDT Ew              | E:r D:r?     |                   | pm cpl0
  0F 00 /3   | LTR Ew               | E:r D:r Dd:rw |                  | pm cpl0
  0F 00 /4   | VERR Ew              | E:r D:r?     | w:Z               | pm
  0F 00 /5   | VERW Ew              | E:r D:r?     | w:Z               | pm
  0F 01 /0   | SGDT Ms:w            | E:w          |                   |
  0F 01 /1   | SIDT Ms:w            | E:w          |                   |
  0F 01 /2   | LGDT Ms              | E:r          |                   | cpl0
  0F 01 /3   | LIDT Ms              | E:r          |                   | cpl0
  0F 01 /4   | SMSW Rv/Mw:w         | E:w          |                   |
  0F 01 /6   | LMSW Ew              | E:r          |                   | cpl0
  0F 01 /7   | INVLPG Mb:-          |              |                   | 486 cpl0
  0F 02 /r   | LAR Gv:w,Ew          | E:r D:r?     | w:Z               | pm
  0F 03 /r   | LSL Gv:w,Ew          | E:r D:r?     | w:Z               | pm

  0F 06      | CLTS                 |              |                   | cpl0
  0F 08      | INVD                 |              |                   | 486 cpl0
  0F 09      | WBINVD               |              |                   | 486 cpl0
  0F 0B      | UD2                  |              |                   | ud

# Hint no-operations
  0F 18 /r   | NOP Ev:-             |              |                   | 686 alias
  0F 19 /r   | NOP Ev:-             |              |                   | 686 alias
  0F 1A /r   | NOP Ev:-             |              |                   | 686 alias
  0F 1B /r   | NOP Ev:-             |              |                   | 686 alias
  0F 1C /r   | NOP Ev:-             |              |                   | 686 alias
  0F 1D /r   | NOP Ev:-             |              |                   | 686 alias
  0F 1E /r   | NOP Ev:-             |              |                   | 686 alias
  F3 0F 1E FA | ENDBR64             |              |                   | 686 # a hint no-operation without CET
  F3 0F 1E FB | ENDBR32             |              |                   | 686
  0F 1F /r   | NOP Ev:-             |              |                   | 686

# Control, debug and test registers: mod is ignored, the operand is always a register (SDM 2B MOV)
  0F 20 /0,2,3 | MOV Rd:w,Cd        |              | u:OSZAPC          | cpl0 modignored
  0F 20 /4   | MOV Rd:w,Cd          |              | u:OSZAPC          | cpl0 modignored 586
  0F 21 /0-3 | MOV Rd:w,Dd          |              | u:OSZAPC          | cpl0 modignored
  0F 21 /4-7 | MOV Rd:w,Dd          |              | u:OSZAPC          | cpl0 modignored
  0F 22 /0   | MOV Cd:w,Rd          |              | u:OSZAPC          | cpl0 modignored
  0F 22 /2   | MOV Cd:w,Rd          |              | u:OSZAPC          | cpl0 modignored
  0F 22 /3   | MOV Cd:w,Rd          |              | u:OSZAPC          | cpl0 modignored
  0F 22 /4   | MOV Cd:w,Rd          |              | u:OSZAPC          | cpl0 modignored 586
  0F 23 /0-3 | MOV Dd:w,Rd          |              | u:OSZAPC          | cpl0 modignored
  0F 23 /4-7 | MOV Dd:w,Rd          |              | u:OSZAPC          | cpl0 modignored
  0F 24 /r   | MOV Rd:w,Td          |              | u:OSZAPC          | cpl0 modignored 386-486
  0F 26 /r   | MOV Td:w,Rd          |              | u:OSZAPC          | cpl0 modignored 386-486

# Model-specific registers, counters, fast system calls
  0F 30      | WRMSR                |              |                   | 586 cpl0
  0F 31      | RDTSC                |              |                   | 586 # cpl0 if CR4.TSD
  0F 32      | RDMSR                |              |                   | 586 cpl0
  0F 33      | RDPMC                |              |                   | 686 # cpl0 unless CR4.PCE
  0F 34      | SYSENTER             |              | 0:IVR             | 686 sys
  0F 35      | SYSEXIT              |              |                   | 686 cpl0 sys

  0F 40+cc /r | CMOVcc Gv:rw,Ev     | E:r          | t:cc              | 686
  0F 80+cc   | Jcc Jv               |              | t:cc              | jcc
  0F 90+cc /r | SETcc Eb:w          | E:w          | t:cc              |

  0F A0      | PUSH FS              | S:w          |                   |
  0F A1      | POP FS:w             | S:r D:r? Dd:rw? |                |
  0F A2      | CPUID                |              |                   | 486
  0F A8      | PUSH GS              | S:w          |                   |
  0F A9      | POP GS:w             | S:r D:r? Dd:rw? |                |
  0F AA      | RSM                  |              | w:*               | 586 ud # #UD outside system management mode

# Bits, double shifts
  0F A3 /r   | BT Ev,Gv             | E:r          | w:C u:OSAP        | bits
  0F A4 /r   | SHLD Ev:rw,Gv,Ib     | E:rw         | w:SZPC u:OA       |
  0F A5 /r   | SHLD Ev:rw,Gv,CL     | E:rw         | w:SZPC u:OA       |
  0F AB /r   | BTS Ev:rw,Gv         | E:rw         | w:C u:OSAP        | bits lock
  0F AC /r   | SHRD Ev:rw,Gv,Ib     | E:rw         | w:SZPC u:OA       |
  0F AD /r   | SHRD Ev:rw,Gv,CL     | E:rw         | w:SZPC u:OA       |
  0F AF /r   | IMUL Gv:rw,Ev        | E:r          | w:OC u:SZAP       |
  0F B3 /r   | BTR Ev:rw,Gv         | E:rw         | w:C u:OSAP        | bits lock
  0F BB /r   | BTC Ev:rw,Gv         | E:rw         | w:C u:OSAP        | bits lock
  0F BA /4   | BT Ev,Ib             | E:r          | w:C u:OSAP        |
  0F BA /5   | BTS Ev:rw,Ib         | E:rw         | w:C u:OSAP        | lock
  0F BA /6   | BTR Ev:rw,Ib         | E:rw         | w:C u:OSAP        | lock
  0F BA /7   | BTC Ev:rw,Ib         | E:rw         | w:C u:OSAP        | lock
  0F BC /r   | BSF Gv:rw,Ev         | E:r          | w:Z u:OSAPC       | # F3 is ignored: TZCNT is newer
  0F BD /r   | BSR Gv:rw,Ev         | E:r          | w:Z u:OSAPC       | # F3 is ignored: LZCNT is newer

# Far pointers, extending moves
  0F B2 /r   | LSS Gv:w,Mp          | E:r D:r? Dd:rw? |                |
  0F B4 /r   | LFS Gv:w,Mp          | E:r D:r? Dd:rw? |                |
  0F B5 /r   | LGS Gv:w,Mp          | E:r D:r? Dd:rw? |                |
  0F B6 /r   | MOVZX Gv:w,Eb        | E:r          |                   |
  0F B7 /r   | MOVZX Gv:w,Ew        | E:r          |                   |
  0F BE /r   | MOVSX Gv:w,Eb        | E:r          |                   |
  0F BF /r   | MOVSX Gv:w,Ew        | E:r          |                   |

# Exchange and compare
  0F B0 /r   | CMPXCHG Eb:rw,Gb     | E:rw         | w:OSZAPC          | 486 lock
  0F B1 /r   | CMPXCHG Ev:rw,Gv     | E:rw         | w:OSZAPC          | 486 lock
  0F C0 /r   | XADD Eb:rw,Gb:rw     | E:rw         | w:OSZAPC          | 486 lock
  0F C1 /r   | XADD Ev:rw,Gv:rw     | E:rw         | w:OSZAPC          | 486 lock
  0F C7 /1   | CMPXCHG8B Mq:rw      | E:rw         | w:Z               | 586 lock
  0F C8+r    | BSWAP Zv:rw          |              |                   | 486

  0F AE /0   | FXSAVE m512byte:w    | E:w          |                   | 686 nowait np
  0F AE /1   | FXRSTOR m512byte     | E:r          | cw:0123           | 686 nowait np

  0F B9 /r   | UD1 Gv:-,Ev:-        |              |                   | ud
  0F FF /r   | UD0 Gv:-,Ev:-        |              |                   | ud
`;
