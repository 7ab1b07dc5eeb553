/** The one-byte opcode map without the x87 escapes (SDM 2D table A-2). Notation: row.ts. */
export const oneByteRows = `
# Arithmetic and logic
  00 /r    | ADD Eb:rw,Gb         | E:rw         | w:OSZAPC             | lock
  01 /r    | ADD Ev:rw,Gv         | E:rw         | w:OSZAPC             | lock
  02 /r    | ADD Gb:rw,Eb         | E:r          | w:OSZAPC             |
  03 /r    | ADD Gv:rw,Ev         | E:r          | w:OSZAPC             |
  04       | ADD AL:rw,Ib         |              | w:OSZAPC             |
  05       | ADD eAX:rw,Iv        |              | w:OSZAPC             |
  08 /r    | OR Eb:rw,Gb          | E:rw         | w:SZP u:A 0:OC       | lock
  09 /r    | OR Ev:rw,Gv          | E:rw         | w:SZP u:A 0:OC       | lock
  0A /r    | OR Gb:rw,Eb          | E:r          | w:SZP u:A 0:OC       |
  0B /r    | OR Gv:rw,Ev          | E:r          | w:SZP u:A 0:OC       |
  0C       | OR AL:rw,Ib          |              | w:SZP u:A 0:OC       |
  0D       | OR eAX:rw,Iv         |              | w:SZP u:A 0:OC       |
  10 /r    | ADC Eb:rw,Gb         | E:rw         | t:C w:OSZAPC         | lock
  11 /r    | ADC Ev:rw,Gv         | E:rw         | t:C w:OSZAPC         | lock
  12 /r    | ADC Gb:rw,Eb         | E:r          | t:C w:OSZAPC         |
  13 /r    | ADC Gv:rw,Ev         | E:r          | t:C w:OSZAPC         |
  14       | ADC AL:rw,Ib         |              | t:C w:OSZAPC         |
  15       | ADC eAX:rw,Iv        |              | t:C w:OSZAPC         |
  18 /r    | SBB Eb:rw,Gb         | E:rw         | t:C w:OSZAPC         | lock
  19 /r    | SBB Ev:rw,Gv         | E:rw         | t:C w:OSZAPC         | lock
  1A /r    | SBB Gb:rw,Eb         | E:r          | t:C w:OSZAPC         |
  1B /r    | SBB Gv:rw,Ev         | E:r          | t:C w:OSZAPC         |
  1C       | SBB AL:rw,Ib         |              | t:C w:OSZAPC         |
  1D       | SBB eAX:rw,Iv        |              | t:C w:OSZAPC         |
  20 /r    | AND Eb:rw,Gb         | E:rw         | w:SZP u:A 0:OC       | lock
  21 /r    | AND Ev:rw,Gv         | E:rw         | w:SZP u:A 0:OC       | lock
  22 /r    | AND Gb:rw,Eb         | E:r          | w:SZP u:A 0:OC       |
  23 /r    | AND Gv:rw,Ev         | E:r          | w:SZP u:A 0:OC       |
  24       | AND AL:rw,Ib         |              | w:SZP u:A 0:OC       |
  25       | AND eAX:rw,Iv        |              | w:SZP u:A 0:OC       |
  28 /r    | SUB Eb:rw,Gb         | E:rw         | w:OSZAPC             | lock
  29 /r    | SUB Ev:rw,Gv         | E:rw         | w:OSZAPC             | lock
  2A /r    | SUB Gb:rw,Eb         | E:r          | w:OSZAPC             |
  2B /r    | SUB Gv:rw,Ev         | E:r          | w:OSZAPC             |
  2C       | SUB AL:rw,Ib         |              | w:OSZAPC             |
  2D       | SUB eAX:rw,Iv        |              | w:OSZAPC             |
  30 /r    | XOR Eb:rw,Gb         | E:rw         | w:SZP u:A 0:OC       | lock
  31 /r    | XOR Ev:rw,Gv         | E:rw         | w:SZP u:A 0:OC       | lock
  32 /r    | XOR Gb:rw,Eb         | E:r          | w:SZP u:A 0:OC       |
  33 /r    | XOR Gv:rw,Ev         | E:r          | w:SZP u:A 0:OC       |
  34       | XOR AL:rw,Ib         |              | w:SZP u:A 0:OC       |
  35       | XOR eAX:rw,Iv        |              | w:SZP u:A 0:OC       |
  38 /r    | CMP Eb,Gb            | E:r          | w:OSZAPC             |
  39 /r    | CMP Ev,Gv            | E:r          | w:OSZAPC             |
  3A /r    | CMP Gb,Eb            | E:r          | w:OSZAPC             |
  3B /r    | CMP Gv,Ev            | E:r          | w:OSZAPC             |
  3C       | CMP AL,Ib            |              | w:OSZAPC             |
  3D       | CMP eAX,Iv           |              | w:OSZAPC             |

# Segment registers on the stack
  06       | PUSH ES              | S:w          |                      |
  07       | POP ES:w             | S:r D:r? Dd:rw? |                   |
  0E       | PUSH CS              | S:w          |                      |
  16       | PUSH SS              | S:w          |                      |
  17       | POP SS:w             | S:r D:r? Dd:rw? |                   | shadow
  1E       | PUSH DS              | S:w          |                      |
  1F       | POP DS:w             | S:r D:r? Dd:rw? |                   |

# Decimal adjustment
  27       | DAA                  |              | t:AC w:SZAPC u:O     |
  2F       | DAS                  |              | t:AC w:SZAPC u:O     |
  37       | AAA                  |              | t:A w:AC u:OSZP      |
  3F       | AAS                  |              | t:A w:AC u:OSZP      |

# One-byte register forms
  40+r     | INC Zv:rw            |              | w:OSZAP              |
  48+r     | DEC Zv:rw            |              | w:OSZAP              |
  50+r     | PUSH Zv              | S:w          |                      |
  58+r     | POP Zv:w             | S:r          |                      |

  60       | PUSHA                | S:w*8        |                      |
  61       | POPA                 | S:r*7        |                      | # the stacked ESP is skipped
  62 /r    | BOUND Gv,Ma          | E:r          |                      |
  63 /r    | ARPL Ew:rw,Gw        | E:r E:w?     | w:Z                  | pm
  68       | PUSH Iv              | S:w          |                      |
  69 /r    | IMUL Gv:w,Ev,Iv      | E:r          | w:OC u:SZAP          |
  6A       | PUSH Ibs             | S:w          |                      |
  6B /r    | IMUL Gv:w,Ev,Ibs     | E:r          | w:OC u:SZAP          |
  6C       | INS Yb:w,DX          | Y:w          | t:D                  | rep iopl
  6D       | INS Yv:w,DX          | Y:w          | t:D                  | rep iopl
  6E       | OUTS DX,Xb           | X:r          | t:D                  | rep iopl
  6F       | OUTS DX,Xv           | X:r          | t:D                  | rep iopl

  70+cc    | Jcc Jb               |              | t:cc                 | jcc

# Immediate group 1
  80 /0    | ADD Eb:rw,Ib         | E:rw         | w:OSZAPC             | lock
  80 /1    | OR Eb:rw,Ib          | E:rw         | w:SZP u:A 0:OC       | lock
  80 /2    | ADC Eb:rw,Ib         | E:rw         | t:C w:OSZAPC         | lock
  80 /3    | SBB Eb:rw,Ib         | E:rw         | t:C w:OSZAPC         | lock
  80 /4    | AND Eb:rw,Ib         | E:rw         | w:SZP u:A 0:OC       | lock
  80 /5    | SUB Eb:rw,Ib         | E:rw         | w:OSZAPC             | lock
  80 /6    | XOR Eb:rw,Ib         | E:rw         | w:SZP u:A 0:OC       | lock
  80 /7    | CMP Eb,Ib            | E:r          | w:OSZAPC             |
  81 /0    | ADD Ev:rw,Iv         | E:rw         | w:OSZAPC             | lock
  81 /1    | OR Ev:rw,Iv          | E:rw         | w:SZP u:A 0:OC       | lock
  81 /2    | ADC Ev:rw,Iv         | E:rw         | t:C w:OSZAPC         | lock
  81 /3    | SBB Ev:rw,Iv         | E:rw         | t:C w:OSZAPC         | lock
  81 /4    | AND Ev:rw,Iv         | E:rw         | w:SZP u:A 0:OC       | lock
  81 /5    | SUB Ev:rw,Iv         | E:rw         | w:OSZAPC             | lock
  81 /6    | XOR Ev:rw,Iv         | E:rw         | w:SZP u:A 0:OC       | lock
  81 /7    | CMP Ev,Iv            | E:r          | w:OSZAPC             |
  82 /0    | ADD Eb:rw,Ib         | E:rw         | w:OSZAPC             | lock alias
  82 /1    | OR Eb:rw,Ib          | E:rw         | w:SZP u:A 0:OC       | lock alias
  82 /2    | ADC Eb:rw,Ib         | E:rw         | t:C w:OSZAPC         | lock alias
  82 /3    | SBB Eb:rw,Ib         | E:rw         | t:C w:OSZAPC         | lock alias
  82 /4    | AND Eb:rw,Ib         | E:rw         | w:SZP u:A 0:OC       | lock alias
  82 /5    | SUB Eb:rw,Ib         | E:rw         | w:OSZAPC             | lock alias
  82 /6    | XOR Eb:rw,Ib         | E:rw         | w:SZP u:A 0:OC       | lock alias
  82 /7    | CMP Eb,Ib            | E:r          | w:OSZAPC             | alias
  83 /0    | ADD Ev:rw,Ibs        | E:rw         | w:OSZAPC             | lock
  83 /1    | OR Ev:rw,Ibs         | E:rw         | w:SZP u:A 0:OC       | lock
  83 /2    | ADC Ev:rw,Ibs        | E:rw         | t:C w:OSZAPC         | lock
  83 /3    | SBB Ev:rw,Ibs        | E:rw         | t:C w:OSZAPC         | lock
  83 /4    | AND Ev:rw,Ibs        | E:rw         | w:SZP u:A 0:OC       | lock
  83 /5    | SUB Ev:rw,Ibs        | E:rw         | w:OSZAPC             | lock
  83 /6    | XOR Ev:rw,Ibs        | E:rw         | w:SZP u:A 0:OC       | lock
  83 /7    | CMP Ev,Ibs           | E:r          | w:OSZAPC             |

# Moves
  84 /r    | TEST Eb,Gb           | E:r          | w:SZP u:A 0:OC       |
  85 /r    | TEST Ev,Gv           | E:r          | w:SZP u:A 0:OC       |
  86 /r    | XCHG Eb:rw,Gb:rw     | E:rw         |                      | lock
  87 /r    | XCHG Ev:rw,Gv:rw     | E:rw         |                      | lock
  88 /r    | MOV Eb:w,Gb          | E:w          |                      |
  89 /r    | MOV Ev:w,Gv          | E:w          |                      |
  8A /r    | MOV Gb:w,Eb          | E:r          |                      |
  8B /r    | MOV Gv:w,Ev          | E:r          |                      |
  8C /0-5  | MOV Rv/Mw:w,Sw       | E:w          |                      |
  8D /r    | LEA Gv:w,M:-         |              |                      |
  8E /0,3-5 | MOV Sw:w,Ew         | E:r D:r? Dd:rw? |                   | # CS (/1) is undefined
  8E /2    | MOV Sw:w,Ew          | E:r D:r? Dd:rw? |                   | shadow # SS
  8F /0    | POP Ev:w             | S:r E:w      |                      |
  90       | NOP                  |              |                      |
  F3 90    | PAUSE                |              |                      |
  90+r     | XCHG Zv:rw,eAX:rw    |              |                      |
  98       | CBW/CWDE             |              |                      |
  99       | CWD/CDQ              |              |                      |
  9A       | CALL Ap              | S:w S:w D:r? Dd:rw? ... |           | far
  9B       | FWAIT                |              |                      |
  9C       | PUSHF                | S:w          | t:*                  |
  9D       | POPF                 | S:r          | w:*                  |
  9E       | SAHF                 |              | w:SZAPC              |
  9F       | LAHF                 |              | t:SZAPC              |
  A0       | MOV AL:w,Ob          | E:r          |                      |
  A1       | MOV eAX:w,Ov         | E:r          |                      |
  A2       | MOV Ob:w,AL          | E:w          |                      |
  A3       | MOV Ov:w,eAX         | E:w          |                      |

# Strings
  A4       | MOVS Yb:w,Xb         | X:r Y:w      | t:D                  | rep
  A5       | MOVS Yv:w,Xv         | X:r Y:w      | t:D                  | rep
  A6       | CMPS Xb,Yb           | X:r Y:r      | t:D w:OSZAPC         | repz
  A7       | CMPS Xv,Yv           | X:r Y:r      | t:D w:OSZAPC         | repz
  A8       | TEST AL,Ib           |              | w:SZP u:A 0:OC       |
  A9       | TEST eAX,Iv          |              | w:SZP u:A 0:OC       |
  AA       | STOS Yb:w,AL         | Y:w          | t:D                  | rep
  AB       | STOS Yv:w,eAX        | Y:w          | t:D                  | rep
  AC       | LODS AL:w,Xb         | X:r          | t:D                  | rep
  AD       | LODS eAX:w,Xv        | X:r          | t:D                  | rep
  AE       | SCAS AL,Yb           | Y:r          | t:D w:OSZAPC         | repz
  AF       | SCAS eAX,Yv          | Y:r          | t:D w:OSZAPC         | repz

  B0+r     | MOV Zb:w,Ib          |              |                      |
  B8+r     | MOV Zv:w,Iv          |              |                      |

# Shifts and rotates, group 2
  C0 /0    | ROL Eb:rw,Ib         | E:rw         | w:C u:O              |
  C0 /1    | ROR Eb:rw,Ib         | E:rw         | w:C u:O              |
  C0 /2    | RCL Eb:rw,Ib         | E:rw         | t:C w:C u:O          |
  C0 /3    | RCR Eb:rw,Ib         | E:rw         | t:C w:C u:O          |
  C0 /4    | SHL Eb:rw,Ib         | E:rw         | w:SZPC u:OA          |
  C0 /5    | SHR Eb:rw,Ib         | E:rw         | w:SZPC u:OA          |
  C0 /6    | SHL Eb:rw,Ib         | E:rw         | w:SZPC u:OA          | alias # SAL
  C0 /7    | SAR Eb:rw,Ib         | E:rw         | w:SZPC u:OA          |
  C1 /0    | ROL Ev:rw,Ib         | E:rw         | w:C u:O              |
  C1 /1    | ROR Ev:rw,Ib         | E:rw         | w:C u:O              |
  C1 /2    | RCL Ev:rw,Ib         | E:rw         | t:C w:C u:O          |
  C1 /3    | RCR Ev:rw,Ib         | E:rw         | t:C w:C u:O          |
  C1 /4    | SHL Ev:rw,Ib         | E:rw         | w:SZPC u:OA          |
  C1 /5    | SHR Ev:rw,Ib         | E:rw         | w:SZPC u:OA          |
  C1 /6    | SHL Ev:rw,Ib         | E:rw         | w:SZPC u:OA          | alias
  C1 /7    | SAR Ev:rw,Ib         | E:rw         | w:SZPC u:OA          |
  D0 /0    | ROL Eb:rw,1          | E:rw         | w:OC                 |
  D0 /1    | ROR Eb:rw,1          | E:rw         | w:OC                 |
  D0 /2    | RCL Eb:rw,1          | E:rw         | t:C w:OC             |
  D0 /3    | RCR Eb:rw,1          | E:rw         | t:C w:OC             |
  D0 /4    | SHL Eb:rw,1          | E:rw         | w:OSZPC u:A          |
  D0 /5    | SHR Eb:rw,1          | E:rw         | w:OSZPC u:A          |
  D0 /6    | SHL Eb:rw,1          | E:rw         | w:OSZPC u:A          | alias
  D0 /7    | SAR Eb:rw,1          | E:rw         | w:OSZPC u:A          |
  D1 /0    | ROL Ev:rw,1          | E:rw         | w:OC                 |
  D1 /1    | ROR Ev:rw,1          | E:rw         | w:OC                 |
  D1 /2    | RCL Ev:rw,1          | E:rw         | t:C w:OC             |
  D1 /3    | RCR Ev:rw,1          | E:rw         | t:C w:OC             |
  D1 /4    | SHL Ev:rw,1          | E:rw         | w:OSZPC u:A          |
  D1 /5    | SHR Ev:rw,1          | E:rw         | w:OSZPC u:A          |
  D1 /6    | SHL Ev:rw,1          | E:rw         | w:OSZPC u:A          | alias
  D1 /7    | SAR Ev:rw,1          | E:rw         | w:OSZPC u:A          |
  D2 /0    | ROL Eb:rw,CL         | E:rw         | w:C u:O              |
  D2 /1    | ROR Eb:rw,CL         | E:rw         | w:C u:O              |
  D2 /2    | RCL Eb:rw,CL         | E:rw         | t:C w:C u:O          |
  D2 /3    | RCR Eb:rw,CL         | E:rw         | t:C w:C u:O          |
  D2 /4    | SHL Eb:rw,CL         | E:rw         | w:SZPC u:OA          |
  D2 /5    | SHR Eb:rw,CL         | E:rw         | w:SZPC u:OA          |
  D2 /6    | SHL Eb:rw,CL         | E:rw         | w:SZPC u:OA          | alias
  D2 /7    | SAR Eb:rw,CL         | E:rw         | w:SZPC u:OA          |
  D3 /0    | ROL Ev:rw,CL         | E:rw         | w:C u:O              |
  D3 /1    | ROR Ev:rw,CL         | E:rw         | w:C u:O              |
  D3 /2    | RCL Ev:rw,CL         | E:rw         | t:C w:C u:O          |
  D3 /3    | RCR Ev:rw,CL         | E:rw         | t:C w:C u:O          |
  D3 /4    | SHL Ev:rw,CL         | E:rw         | w:SZPC u:OA          |
  D3 /5    | SHR Ev:rw,CL         | E:rw         | w:SZPC u:OA          |
  D3 /6    | SHL Ev:rw,CL         | E:rw         | w:SZPC u:OA          | alias
  D3 /7    | SAR Ev:rw,CL         | E:rw         | w:SZPC u:OA          |

# Returns, far pointers, frames
  C2       | RET Iw               | S:r          |                      | ret
  C3       | RET                  | S:r          |                      | ret
  C4 /r    | LES Gv:w,Mp          | E:r D:r? Dd:rw? |                   |
  C5 /r    | LDS Gv:w,Mp          | E:r D:r? Dd:rw? |                   |
  C6 /0    | MOV Eb:w,Ib          | E:w          |                      |
  C7 /0    | MOV Ev:w,Iv          | E:w          |                      |
  C8       | ENTER Iw,Ib          | S:w ...      |                      |
  C9       | LEAVE                | S:r          |                      |
  CA       | RETF Iw              | S:r S:r D:r? Dd:rw? ... |           | far
  CB       | RETF                 | S:r S:r D:r? Dd:rw? ... |           | far
  CC       | INT3                 | ...          | 0:ITNRV              | int
  CD       | INT Ib               | ...          | 0:ITNRV              | int
  CE       | INTO                 | ...          | t:O 0:ITNRV          | int
  CF       | IRET                 | S:r S:r S:r D:r? Dd:rw? ... | w:*   | iret
  F1       | INT1                 | ...          | 0:ITNRV              | int alias # ICEBP

  D4       | AAM Ib               |              | w:SZP u:OAC          |
  D5       | AAD Ib               |              | w:SZP u:OAC          |
  D6       | SALC                 |              | t:C                  | alias
  D7       | XLAT                 | B:r          |                      |

# Loops, ports, near transfers
  E0       | LOOPNE Jb            |              | t:Z                  | jcc
  E1       | LOOPE Jb             |              | t:Z                  | jcc
  E2       | LOOP Jb              |              |                      | jcc
  E3       | JCXZ/JECXZ Jb        |              |                      | jcc
  E4       | IN AL:w,Ib           |              |                      | iopl
  E5       | IN eAX:w,Ib          |              |                      | iopl
  E6       | OUT Ib,AL            |              |                      | iopl
  E7       | OUT Ib,eAX           |              |                      | iopl
  E8       | CALL Jv              | S:w          |                      | call
  E9       | JMP Jv               |              |                      | jump
  EA       | JMP Ap               | D:r? Dd:rw? ... |                   | far
  EB       | JMP Jb               |              |                      | jump
  EC       | IN AL:w,DX           |              |                      | iopl
  ED       | IN eAX:w,DX          |              |                      | iopl
  EE       | OUT DX,AL            |              |                      | iopl
  EF       | OUT DX,eAX           |              |                      | iopl

# Processor control
  F4       | HLT                  |              |                      | cpl0 halt
  F5       | CMC                  |              | t:C w:C              |
  F8       | CLC                  |              | 0:C                  |
  F9       | STC                  |              | 1:C                  |
  FA       | CLI                  |              | 0:I                  | iopl
  FB       | STI                  |              | 1:I                  | iopl shadow
  FC       | CLD                  |              | 0:D                  |
  FD       | STD                  |              | 1:D                  |

# Unary group 3
  F6 /0    | TEST Eb,Ib           | E:r          | w:SZP u:A 0:OC       |
  F6 /1    | TEST Eb,Ib           | E:r          | w:SZP u:A 0:OC       | alias
  F6 /2    | NOT Eb:rw            | E:rw         |                      | lock
  F6 /3    | NEG Eb:rw            | E:rw         | w:OSZAPC             | lock
  F6 /4    | MUL Eb               | E:r          | w:OC u:SZAP          |
  F6 /5    | IMUL Eb              | E:r          | w:OC u:SZAP          |
  F6 /6    | DIV Eb               | E:r          | u:OSZAPC             |
  F6 /7    | IDIV Eb              | E:r          | u:OSZAPC             |
  F7 /0    | TEST Ev,Iv           | E:r          | w:SZP u:A 0:OC       |
  F7 /1    | TEST Ev,Iv           | E:r          | w:SZP u:A 0:OC       | alias
  F7 /2    | NOT Ev:rw            | E:rw         |                      | lock
  F7 /3    | NEG Ev:rw            | E:rw         | w:OSZAPC             | lock
  F7 /4    | MUL Ev               | E:r          | w:OC u:SZAP          |
  F7 /5    | IMUL Ev              | E:r          | w:OC u:SZAP          |
  F7 /6    | DIV Ev               | E:r          | u:OSZAPC             |
  F7 /7    | IDIV Ev              | E:r          | u:OSZAPC             |

# Groups 4 and 5
  FE /0    | INC Eb:rw            | E:rw         | w:OSZAP              | lock
  FE /1    | DEC Eb:rw            | E:rw         | w:OSZAP              | lock
  FF /0    | INC Ev:rw            | E:rw         | w:OSZAP              | lock
  FF /1    | DEC Ev:rw            | E:rw         | w:OSZAP              | lock
  FF /2    | CALL Ev              | E:r S:w      |                      | call
  FF /3    | CALL Mp              | E:r S:w S:w D:r? Dd:rw? ... |       | far
  FF /4    | JMP Ev               | E:r          |                      | jump
  FF /5    | JMP Mp               | E:r D:r? Dd:rw? ... |               | far
  FF /6    | PUSH Ev              | E:r S:w      |                      |
`;
