/** The x87 escapes D8..DF (SDM 2D tables ). Notation: row.ts; ST0 is implicit where no register is named. */
export const x87Rows = `
# D8
  D8 /0      | FADD m32fp           | E:r          | cw:1 cu:023       |
  D8 /1      | FMUL m32fp           | E:r          | cw:1 cu:023       |
  D8 /2      | FCOM m32fp           | E:r          | cw:0123           |
  D8 /3      | FCOMP m32fp          | E:r          | cw:0123           |
  D8 /4      | FSUB m32fp           | E:r          | cw:1 cu:023       |
  D8 /5      | FSUBR m32fp          | E:r          | cw:1 cu:023       |
  D8 /6      | FDIV m32fp           | E:r          | cw:1 cu:023       |
  D8 /7      | FDIVR m32fp          | E:r          | cw:1 cu:023       |
  D8 C0+i    | FADD ST0:rw,STi      |              | cw:1 cu:023       |
  D8 C8+i    | FMUL ST0:rw,STi      |              | cw:1 cu:023       |
  D8 D0+i    | FCOM STi             |              | cw:0123           |
  D8 D8+i    | FCOMP STi            |              | cw:0123           |
  D8 E0+i    | FSUB ST0:rw,STi      |              | cw:1 cu:023       |
  D8 E8+i    | FSUBR ST0:rw,STi     |              | cw:1 cu:023       |
  D8 F0+i    | FDIV ST0:rw,STi      |              | cw:1 cu:023       |
  D8 F8+i    | FDIVR ST0:rw,STi     |              | cw:1 cu:023       |

# D9
  D9 /0      | FLD m32fp            | E:r          | cw:1 cu:023       |
  D9 /2      | FST m32fp:w          | E:w          | cw:1 cu:023       |
  D9 /3      | FSTP m32fp:w         | E:w          | cw:1 cu:023       |
  D9 /4      | FLDENV m14/28byte    | E:r          | cw:0123           |
  D9 /5      | FLDCW m2byte         | E:r          | cu:0123           |
  D9 /6      | FNSTENV m14/28byte:w | E:w          | cu:0123           | nowait
  D9 /7      | FNSTCW m2byte:w      | E:w          | cu:0123           | nowait
  D9 C0+i    | FLD STi              |              | cw:1 cu:023       |
  D9 C8+i    | FXCH STi:rw          |              | cw:1 cu:023       |
  D9 D0      | FNOP                 |              | cu:0123           |
  D9 D8+i    | FSTP STi:w           |              | cw:1 cu:023       | alias # FSTP1
  D9 E0      | FCHS                 |              | cw:1 cu:023       |
  D9 E1      | FABS                 |              | cw:1 cu:023       |
  D9 E4      | FTST                 |              | cw:0123           |
  D9 E5      | FXAM                 |              | cw:0123           |
  D9 E8      | FLD1                 |              | cw:1 cu:023       |
  D9 E9      | FLDL2T               |              | cw:1 cu:023       |
  D9 EA      | FLDL2E               |              | cw:1 cu:023       |
  D9 EB      | FLDPI                |              | cw:1 cu:023       |
  D9 EC      | FLDLG2               |              | cw:1 cu:023       |
  D9 ED      | FLDLN2               |              | cw:1 cu:023       |
  D9 EE      | FLDZ                 |              | cw:1 cu:023       |
  D9 F0      | F2XM1                |              | cw:1 cu:023       |
  D9 F1      | FYL2X                |              | cw:1 cu:023       |
  D9 F2      | FPTAN                |              | cw:12 cu:03       |
  D9 F3      | FPATAN               |              | cw:1 cu:023       |
  D9 F4      | FXTRACT              |              | cw:1 cu:023       |
  D9 F5      | FPREM1               |              | cw:0123           |
  D9 F6      | FDECSTP              |              | cw:1 cu:023       |
  D9 F7      | FINCSTP              |              | cw:1 cu:023       |
  D9 F8      | FPREM                |              | cw:0123           |
  D9 F9      | FYL2XP1              |              | cw:1 cu:023       |
  D9 FA      | FSQRT                |              | cw:1 cu:023       |
  D9 FB      | FSINCOS              |              | cw:12 cu:03       |
  D9 FC      | FRNDINT              |              | cw:1 cu:023       |
  D9 FD      | FSCALE               |              | cw:1 cu:023       |
  D9 FE      | FSIN                 |              | cw:12 cu:03       |
  D9 FF      | FCOS                 |              | cw:12 cu:03       |

# DA
  DA /0      | FIADD m32int         | E:r          | cw:1 cu:023       |
  DA /1      | FIMUL m32int         | E:r          | cw:1 cu:023       |
  DA /2      | FICOM m32int         | E:r          | cw:0123           |
  DA /3      | FICOMP m32int        | E:r          | cw:0123           |
  DA /4      | FISUB m32int         | E:r          | cw:1 cu:023       |
  DA /5      | FISUBR m32int        | E:r          | cw:1 cu:023       |
  DA /6      | FIDIV m32int         | E:r          | cw:1 cu:023       |
  DA /7      | FIDIVR m32int        | E:r          | cw:1 cu:023       |
  DA C0+i    | FCMOVB ST0:rw,STi    |              | t:C cw:1 cu:023   | 686
  DA C8+i    | FCMOVE ST0:rw,STi    |              | t:Z cw:1 cu:023   | 686
  DA D0+i    | FCMOVBE ST0:rw,STi   |              | t:ZC cw:1 cu:023  | 686
  DA D8+i    | FCMOVU ST0:rw,STi    |              | t:P cw:1 cu:023   | 686
  DA E9      | FUCOMPP              |              | cw:0123           |

# DB
  DB /0      | FILD m32int          | E:r          | cw:1 cu:023       |
  DB /2      | FIST m32int:w        | E:w          | cw:1 cu:023       |
  DB /3      | FISTP m32int:w       | E:w          | cw:1 cu:023       |
  DB /5      | FLD m80fp            | E:r          | cw:1 cu:023       |
  DB /7      | FSTP m80fp:w         | E:w          | cw:1 cu:023       |
  DB C0+i    | FCMOVNB ST0:rw,STi   |              | t:C cw:1 cu:023   | 686
  DB C8+i    | FCMOVNE ST0:rw,STi   |              | t:Z cw:1 cu:023   | 686
  DB D0+i    | FCMOVNBE ST0:rw,STi  |              | t:ZC cw:1 cu:023  | 686
  DB D8+i    | FCMOVNU ST0:rw,STi   |              | t:P cw:1 cu:023   | 686
  DB E0      | FNENI                |              |                   | nowait alias # 8087 only, a no-operation since
  DB E1      | FNDISI               |              |                   | nowait alias # 8087 only, a no-operation since
  DB E2      | FNCLEX               |              | cu:0123           | nowait
  DB E3      | FNINIT               |              | cw:0123           | nowait
  DB E4      | FNSETPM              |              |                   | nowait alias # 287 only, a no-operation since
  DB E8+i    | FUCOMI ST0,STi       |              | w:ZPC 0:OSA cw:1  | 686
  DB F0+i    | FCOMI ST0,STi        |              | w:ZPC 0:OSA cw:1  | 686

# DC
  DC /0      | FADD m64fp           | E:r          | cw:1 cu:023       |
  DC /1      | FMUL m64fp           | E:r          | cw:1 cu:023       |
  DC /2      | FCOM m64fp           | E:r          | cw:0123           |
  DC /3      | FCOMP m64fp          | E:r          | cw:0123           |
  DC /4      | FSUB m64fp           | E:r          | cw:1 cu:023       |
  DC /5      | FSUBR m64fp          | E:r          | cw:1 cu:023       |
  DC /6      | FDIV m64fp           | E:r          | cw:1 cu:023       |
  DC /7      | FDIVR m64fp          | E:r          | cw:1 cu:023       |
  DC C0+i    | FADD STi:rw,ST0      |              | cw:1 cu:023       |
  DC C8+i    | FMUL STi:rw,ST0      |              | cw:1 cu:023       |
  DC D0+i    | FCOM STi             |              | cw:0123           | alias # FCOM2
  DC D8+i    | FCOMP STi            |              | cw:0123           | alias # FCOMP3
  DC E0+i    | FSUBR STi:rw,ST0     |              | cw:1 cu:023       |
  DC E8+i    | FSUB STi:rw,ST0      |              | cw:1 cu:023       |
  DC F0+i    | FDIVR STi:rw,ST0     |              | cw:1 cu:023       |
  DC F8+i    | FDIV STi:rw,ST0      |              | cw:1 cu:023       |

# DD
  DD /0      | FLD m64fp            | E:r          | cw:1 cu:023       |
  DD /2      | FST m64fp:w          | E:w          | cw:1 cu:023       |
  DD /3      | FSTP m64fp:w         | E:w          | cw:1 cu:023       |
  DD /4      | FRSTOR m94/108byte   | E:r          | cw:0123           |
  DD /6      | FNSAVE m94/108byte:w | E:w          | cw:0123           | nowait
  DD /7      | FNSTSW m2byte:w      | E:w          | cu:0123           | nowait
  DD C0+i    | FFREE STi:-          |              | cu:0123           |
  DD C8+i    | FXCH STi:rw          |              | cw:1 cu:023       | alias # FXCH4
  DD D0+i    | FST STi:w            |              | cw:1 cu:023       |
  DD D8+i    | FSTP STi:w           |              | cw:1 cu:023       |
  DD E0+i    | FUCOM STi            |              | cw:0123           |
  DD E8+i    | FUCOMP STi           |              | cw:0123           |

# DE
  DE /0      | FIADD m16int         | E:r          | cw:1 cu:023       |
  DE /1      | FIMUL m16int         | E:r          | cw:1 cu:023       |
  DE /2      | FICOM m16int         | E:r          | cw:0123           |
  DE /3      | FICOMP m16int        | E:r          | cw:0123           |
  DE /4      | FISUB m16int         | E:r          | cw:1 cu:023       |
  DE /5      | FISUBR m16int        | E:r          | cw:1 cu:023       |
  DE /6      | FIDIV m16int         | E:r          | cw:1 cu:023       |
  DE /7      | FIDIVR m16int        | E:r          | cw:1 cu:023       |
  DE C0+i    | FADDP STi:rw,ST0     |              | cw:1 cu:023       |
  DE C8+i    | FMULP STi:rw,ST0     |              | cw:1 cu:023       |
  DE D0+i    | FCOMP STi            |              | cw:0123           | alias # FCOMP5
  DE D9      | FCOMPP               |              | cw:0123           |
  DE E0+i    | FSUBRP STi:rw,ST0    |              | cw:1 cu:023       |
  DE E8+i    | FSUBP STi:rw,ST0     |              | cw:1 cu:023       |
  DE F0+i    | FDIVRP STi:rw,ST0    |              | cw:1 cu:023       |
  DE F8+i    | FDIVP STi:rw,ST0     |              | cw:1 cu:023       |

# DF
  DF /0      | FILD m16int          | E:r          | cw:1 cu:023       |
  DF /2      | FIST m16int:w        | E:w          | cw:1 cu:023       |
  DF /3      | FISTP m16int:w       | E:w          | cw:1 cu:023       |
  DF /4      | FBLD m80bcd          | E:r          | cw:1 cu:023       |
  DF /5      | FILD m64int          | E:r          | cw:1 cu:023       |
  DF /6      | FBSTP m80bcd:w       | E:w          | cw:1 cu:023       |
  DF /7      | FISTP m64int:w       | E:w          | cw:1 cu:023       |
  DF C0+i    | FFREEP STi:-         |              | cu:0123           | alias
  DF C8+i    | FXCH STi:rw          |              | cw:1 cu:023       | alias # FXCH7
  DF D0+i    | FSTP STi:w           |              | cw:1 cu:023       | alias # FSTP8
  DF D8+i    | FSTP STi:w           |              | cw:1 cu:023       | alias # FSTP9
  DF E0      | FNSTSW AX:w          |              | cu:0123           | nowait
  DF E8+i    | FUCOMIP ST0,STi      |              | w:ZPC 0:OSA cw:1  | 686
  DF F0+i    | FCOMIP ST0,STi       |              | w:ZPC 0:OSA cw:1  | 686
`;
