/**
 * Instruction clocks of i386, i486 and Pentium as tab-separated text, one line per form; `clocks.ts` reads it.
 *
 * Columns: mnemonic; opcode and operands as the manuals write them; width in bits; form; clocks per processor, `_pm` those
 * of protected mode where they differ; Pentium pairing class (UV, PU, PV, NP, FX); confidence per processor; sources per
 * processor; alt, what other sources say; notes. Lines that begin with @ are penalties and general facts.
 *
 * Clocks: `a-b` a range, `m` components of the next instruction, `n` iterations, bit positions or nesting level, `x`
 * parameters copied by a call gate, `ts` a task switch, `a/b` latency and throughput, `-` not available.
 *
 * Confidence: A two or more sources agree and none dissents; B one source, or dissent recorded in alt; C recalled or
 * inferred only, approximate.
 *
 * Sources: PRM Intel 80386 Programmer's Reference Manual 1986; EX Intel386 EX manual table E-1; HPC HelpPC 2.10 (i486
 * manual as transcribed in 1991); MAME src/devices/cpu/i386/cycles.h; BOX 86Box codegen_timing_pentium.c, x87_timings.c;
 * ABR M. Abrash, Graphics Programming Black Book chapters 12, 13, 19-21; EUN Intel Pentium Instruction Set Reference;
 * MLR MLRISC pairing table; GCC gcc/config/i386/pentium.md; ALP OS/2 assembler reference; QTX Quantasm FPU page; IBM
 * IBMulator cycles.cpp; NAND, UCODE nand2mario articles on the 80386 microcode; REC recalled from the i486 and Pentium
 * manuals; INF inferred from a neighbouring line; DS386 80386 data sheet; EM486 Embedded Intel486 manual; AGN Agner Fog; Q10
 * course notes quoting the Pentium manual.
 */
export const timingTable = `\
mnemonic	opcode	operands	width	form	clocks386	clocks386_pm	clocks486	clocks486_pm	clocksP5	clocksP5_pm	pairP5	conf386	conf486	confP5	src386	src486	srcP5	alt	notes
ADD	00 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	00 /r	m8,r8	8	mem,reg	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	02 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	02 /r	r8,m8	8	reg,mem	6		2		2		UV	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
ADD	04 ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	01 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	01 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	03 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	03 /r	r16/32,m16/32	16/32	reg,mem	6		2		2		UV	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
ADD	05 iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	80 /0 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	80 /0 ib	m8,imm8	8	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
ADD	81 /0 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	81 /0 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
ADD	83 /0 ib	r16/32,imm8	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADD	83 /0 ib	m16/32,imm8	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
OR	08 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	08 /r	m8,r8	8	mem,reg	7		3		3		UV	B	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
OR	0A /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	0A /r	r8,m8	8	reg,mem	6		2		2		UV	B	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
OR	0C ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	09 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	09 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		UV	B	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
OR	0B /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	0B /r	r16/32,m16/32	16/32	reg,mem	6		2		2		UV	B	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
OR	0D iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	80 /1 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	80 /1 ib	m8,imm8	8	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
OR	81 /1 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	81 /1 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
OR	83 /1 ib	r16/32,imm8	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
OR	83 /1 ib	m16/32,imm8	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
ADC	10 /r	r8,r8	8	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	10 /r	m8,r8	8	mem,reg	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	12 /r	r8,r8	8	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	12 /r	r8,m8	8	reg,mem	6		2		2		PU	B	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR	386:UCODE=5; P5:EUN=4	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
ADC	14 ib	AL,imm8	8	acc,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	11 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	11 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	13 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	13 /r	r16/32,m16/32	16/32	reg,mem	6		2		2		PU	B	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR	386:UCODE=5; P5:EUN=4	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
ADC	15 iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	80 /2 ib	r8,imm8	8	reg,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	80 /2 ib	m8,imm8	8	mem,imm	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
ADC	81 /2 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	81 /2 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
ADC	83 /2 ib	r16/32,imm8	16/32	reg,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
ADC	83 /2 ib	m16/32,imm8	16/32	mem,imm	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
SBB	18 /r	r8,r8	8	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	18 /r	m8,r8	8	mem,reg	7		3		3		PU	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=6; 386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
SBB	1A /r	r8,r8	8	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	1A /r	r8,m8	8	reg,mem	6		2		2		PU	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=7; 386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
SBB	1C ib	AL,imm8	8	acc,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	19 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	19 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		PU	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=6; 386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
SBB	1B /r	r16/32,r16/32	16/32	reg,reg	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	1B /r	r16/32,m16/32	16/32	reg,mem	6		2		2		PU	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=7; 386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
SBB	1D iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	80 /3 ib	r8,imm8	8	reg,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	80 /3 ib	m8,imm8	8	mem,imm	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
SBB	81 /3 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	81 /3 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
SBB	83 /3 ib	r16/32,imm8	16/32	reg,imm	2		1		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SBB	83 /3 ib	m16/32,imm8	16/32	mem,imm	7		3		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
AND	20 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	20 /r	m8,r8	8	mem,reg	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	22 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	22 /r	r8,m8	8	reg,mem	6		2		2		UV	B	B	A	PRM+HPC+MAME	MAME	MAME+BOX+ABR+EUN	486:HPC=1; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
AND	24 ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	21 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	21 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	23 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	23 /r	r16/32,m16/32	16/32	reg,mem	6		2		2		UV	B	B	A	PRM+HPC+MAME	MAME	MAME+BOX+ABR+EUN	486:HPC=1; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
AND	25 iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	80 /4 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	80 /4 ib	m8,imm8	8	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
AND	81 /4 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	81 /4 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
AND	83 /4 ib	r16/32,imm8	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
AND	83 /4 ib	m16/32,imm8	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
SUB	28 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	28 /r	m8,r8	8	mem,reg	7		3		3		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=6; 386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
SUB	2A /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	2A /r	r8,m8	8	reg,mem	6		2		2		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=7; 386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
SUB	2C ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	29 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	29 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=6; 386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
SUB	2B /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	2B /r	r16/32,m16/32	16/32	reg,mem	6		2		2		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=7; 386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
SUB	2D iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	80 /5 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	80 /5 ib	m8,imm8	8	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
SUB	81 /5 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	81 /5 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
SUB	83 /5 ib	r16/32,imm8	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
SUB	83 /5 ib	m16/32,imm8	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
XOR	30 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	30 /r	m8,r8	8	mem,reg	7		3		3		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=6; 386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
XOR	32 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	32 /r	r8,m8	8	reg,mem	6		2		2		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=7; 386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
XOR	34 ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	31 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	31 /r	m16/32,r16/32	16/32	mem,reg	7		3		3		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=6; 386:PRM=6	PRM prints 6 for mem,reg and 7 for reg,mem of OR/SBB/SUB/XOR; the recovered 386 microcode uses one shared routine for all seven ALU ops, so 7/6 as for ADD is taken
XOR	33 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	33 /r	r16/32,m16/32	16/32	reg,mem	6		2		2		UV	B	A	A	MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=7; 386:PRM=7; 386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
XOR	35 iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	80 /6 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	80 /6 ib	m8,imm8	8	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
XOR	81 /6 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	81 /6 iw/id	m16/32,imm16/32	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
XOR	83 /6 ib	r16/32,imm8	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
XOR	83 /6 ib	m16/32,imm8	16/32	mem,imm	7		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
CMP	38 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	38 /r	m8,r8	8	mem,reg	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	3A /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	3A /r	r8,m8	8	reg,mem	6		2		2		UV	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
CMP	3C ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	39 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	39 /r	m16/32,r16/32	16/32	mem,reg	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	3B /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	3B /r	r16/32,m16/32	16/32	reg,mem	6		2		2		UV	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:UCODE=5	386: counting the recovered microinstructions gives 5 and the z386 target is 5; Intel prints 6
CMP	3D iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	80 /7 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	80 /7 ib	m8,imm8	8	mem,imm	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
CMP	81 /7 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	81 /7 iw/id	m16/32,imm16/32	16/32	mem,imm	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
CMP	83 /7 ib	r16/32,imm8	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CMP	83 /7 ib	m16/32,imm8	16/32	mem,imm	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: not pairable when the address also carries a displacement; 486: +1 when displacement and immediate are both present
TEST	84 /r	r8,r8	8	reg,reg	2		1		1		UV	B	A	A	PRM+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=1	
TEST	84 /r	m8,r8	8	mem,reg	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
TEST	A8 ib	AL,imm8	8	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
TEST	F6 /0 ib	r8,imm8	8	reg,imm	2		1		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:BOX=UV; P5pair:EUN=UV	P5: F6/F7 encoding never pairs (Agner); 86Box treats it as pairable
TEST	F6 /0 ib	m8,imm8	8	mem,imm	5		2		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:BOX=UV; P5pair:EUN=UV	
TEST	85 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	B	A	A	PRM+MAME	HPC+MAME	MAME+BOX+ABR+EUN	386:HPC=1	
TEST	85 /r	m16/32,r16/32	16/32	mem,reg	5		2		2		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
TEST	A9 iw/id	(E)AX,imm16/32	16/32	acc,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
TEST	F7 /0 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:BOX=UV; P5pair:EUN=UV	P5: F6/F7 encoding never pairs (Agner); 86Box treats it as pairable
TEST	F7 /0 iw/id	m16/32,imm16/32	16/32	mem,imm	5		2		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:BOX=UV; P5pair:EUN=UV	
INC	FE /0	r8	8	reg	2		1		1		UV	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		clock column of INC is empty in the HTML copy of the 386 manual; value taken from HelpPC/MAME/IBMulator and equals DEC
INC	FE /0	m8	8	mem	6		3		3		UV	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
INC	FF /0	r16/32	16/32	reg	2		1		1		UV	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
INC	FF /0	m16/32	16/32	mem	6		3		3		UV	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
INC	40+r	r16/32	16/32	reg	2		1		1		UV	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
DEC	FE /1	r8	8	reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
DEC	FE /1	m8	8	mem	6		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
DEC	FF /1	r16/32	16/32	reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
DEC	FF /1	m16/32	16/32	mem	6		3		3		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
DEC	48+r	r16/32	16/32	reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
NOT	F6 /2	r8	8	reg	2		1		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	86Box charges 3 for the register form too
NOT	F6 /2	m8	8	mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
NOT	F7 /2	r16/32	16/32	reg	2		1		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	86Box charges 3 for the register form too
NOT	F7 /2	m16/32	16/32	mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
NEG	F6 /3	r8	8	reg	2		1		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	86Box charges 3 for the register form too
NEG	F6 /3	m8	8	mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
NEG	F7 /3	r16/32	16/32	reg	2		1		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	86Box charges 3 for the register form too
NEG	F7 /3	m16/32	16/32	mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOV	88 /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	88 /r	m8,r8	8	mem,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		386 ICCD paper: store 2
MOV	8A /r	r8,r8	8	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	8A /r	r8,m8	8	reg,mem	4		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		386 ICCD paper: load 4
MOV	A0	AL,moffs	8	acc,moffs	4		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	A2	moffs,AL	8	moffs,acc	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	B0+r ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	C6 /0 ib	r8,imm8	8	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	C6 /0 ib	m8,imm8	8	mem,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: no pairing with displacement+immediate; 486 +1 with displacement+immediate
MOV	89 /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	89 /r	m16/32,r16/32	16/32	mem,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		386 ICCD paper: store 2
MOV	8B /r	r16/32,r16/32	16/32	reg,reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	8B /r	r16/32,m16/32	16/32	reg,mem	4		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		386 ICCD paper: load 4
MOV	A1	(E)AX,moffs	16/32	acc,moffs	4		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	A3	moffs,(E)AX	16/32	moffs,acc	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	B8+r iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	C7 /0 iw/id	r16/32,imm16/32	16/32	reg,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
MOV	C7 /0 iw/id	m16/32,imm16/32	16/32	mem,imm	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		P5: no pairing with displacement+immediate; 486 +1 with displacement+immediate
MOV	8C /r	r16,Sreg	16	reg,sreg	2		3		1		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOV	8C /r	m16,Sreg	16	mem,sreg	2		3		1		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOV	8E /r	Sreg,r16	16	sreg,reg	2	18	3	9	2	2-11	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pm:BOX=2-3	486 data sheet prints 3/9 meaning real-or-V86 / protected; HelpPC and MAME read it as reg/mem. Trust real 3, protected 9 for both; P5 pm: low end when the descriptor is unchanged, +8 new descriptor, +6 for SS
MOV	8E /r	Sreg,m16	16	sreg,mem	5	19	3	9	3	3-12	NP	A	B	B	PRM+HPC+MAME	HPC	MAME+BOX+EUN	486:MAME=9; P5pm:BOX=3	P5 pm: low end when the descriptor is unchanged, +8 new descriptor, +6 for SS
MOV	0F 20 /r	r32,CR0	32	reg,cr	6		4		4		NP	A	B	B	PRM+MAME	MAME	MAME+EUN	P5:BOX=6	
MOV	0F 20 /r	r32,CR2/CR3	32	reg,cr	6		4		4		NP	A	B	B	PRM+MAME	MAME	MAME+EUN	P5:BOX=6	
MOV	0F 22 /r	CR0,r32	32	cr,reg	10		16		22		NP	B	A	B	PRM+HPC	HPC+MAME	EUN	386:MAME=11; P5:MAME=16; P5:BOX=6; P5:EUN=12/22 by register	386EX adds 1-4 clocks for SMM; PRM 10, data-sheet family 11; P5 flushes prefetch
MOV	0F 22 /r	CR2,r32	32	cr,reg	4		4		12		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=4; P5:BOX=6; P5:EUN=12/22 by register	
MOV	0F 22 /r	CR3,r32	32	cr,reg	5		4		21	46	NP	A	A	C	PRM+HPC+MAME	HPC+MAME	REC	P5:MAME=4; P5:BOX=6; P5:EUN=12/22 by register	flushes the TLB (non-global entries on P6+); the refill cost is not in the count
MOV	0F 22 /r	CR4,r32	32	cr,reg	-		-		14		NP			C			REC	P5:BOX=6; P5:EUN=12/22 by register	P5 and late 486 only
MOV	0F 21 /r	r32,DR0-3	32	reg,dr	22		10		11		NP	A	B	B	PRM+HPC+MAME	HPC	MAME	486:MAME=11; P5:BOX=6; P5:EUN=2/12 by register	HelpPC row has shifted columns
MOV	0F 21 /r	r32,DR6/7	32	reg,dr	14		10		11		NP	B	C	B	PRM+MAME	REC	MAME	486:MAME=11; P5:BOX=6; 386:HPC=22; P5:EUN=2/12 by register	
MOV	0F 23 /r	DR0-3,r32	32	dr,reg	22		11		11		NP	A	C	B	PRM+MAME	REC	EUN	486:MAME=10; P5:MAME=10; P5:BOX=6; P5:EUN=11/12 by register	
MOV	0F 23 /r	DR6/7,r32	32	dr,reg	16		11		11		NP	A	B	B	PRM+HPC+MAME	HPC	EUN	486:MAME=10; P5:MAME=10; P5:BOX=6; P5:EUN=11/12 by register	
MOV	0F 24 /r	r32,TR6/7	32	reg,tr	12		4		-		NP	A	B		PRM+HPC+MAME	HPC		486:MAME=3	removed on P5 (#UD); 486 TR3 read 3
MOV	0F 26 /r	TR6/7,r32	32	tr,reg	12		4		-		NP	A	A		PRM+HPC+MAME	HPC+MAME			486 TR3 write 6, TR4-7 write 4
MOVZX	0F B6 /r	r16/32,r8	16/32	reg,reg	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVZX	0F B6 /r	r16/32,m8	16/32	reg,mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVZX	0F B7 /r	r32,r16	32	reg,reg	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVZX	0F B7 /r	r32,m16	32	reg,mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVSX	0F BE /r	r16/32,r8	16/32	reg,reg	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVSX	0F BE /r	r16/32,m8	16/32	reg,mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVSX	0F BF /r	r32,r16	32	reg,reg	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MOVSX	0F BF /r	r32,m16	32	reg,mem	6		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
XCHG	90+r	(E)AX,r16/32	16/32	acc,reg	3		3		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	BOX+EUN	P5:MAME=3	
XCHG	86 /r	r8,r8	8	reg,reg	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
XCHG	86 /r	m8,r8	8	mem,reg	5		5		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		implicitly locked
XCHG	87 /r	r16/32,r16/32	16/32	reg,reg	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
XCHG	87 /r	m16/32,r16/32	16/32	mem,reg	5		5		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		implicitly locked
NOP	90		-	none	3		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
LEA	8D /r	r16/32,m	16/32	reg,mem	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		386: +1 when base, index and displacement are all present; 486: +1 with an index register or 16-bit address form
PUSH	50+r	r16/32	16/32	reg	2		1		1		UV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
PUSH	FF /6	r16/32	16/32	reg	2		4		1		NP	C	C	C	INF	REC	REC	P5:BOX=2	PRM lists the memory form only; register encoding of FF /6 not timed separately by Intel for 386
PUSH	FF /6	m16/32	16/32	mem	5		4		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
PUSH	6A ib	imm8	16/32	imm	2		1		1		UV	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	P5pair:EUN=NP	
PUSH	68 iw/id	imm16/32	16/32	imm	2		1		1		UV	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	P5pair:EUN=NP	
PUSH	06	ES	16/32	sreg	2		3		1		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
PUSH	0E	CS	16/32	sreg	2		3		1		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
PUSH	16	SS	16/32	sreg	2		3		1		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
PUSH	1E	DS	16/32	sreg	2		3		1		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
PUSH	0F A0	FS	16/32	sreg	2		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
PUSH	0F A8	GS	16/32	sreg	2		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
PUSHA	60		16/32	none	18		11		5		NP	B	A	A	PRM+MAME	HPC+MAME	MAME+BOX+EUN	386:HPC=24	
PUSHF	9C		16/32	none	4	4	4	3	9	3	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=4	
POP	58+r	r16/32	16/32	reg	4		4		1		UV	A	B	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN	486:ABR=1(measured)	486: i486 manual prints 4, Abrash measured 1, the later 486 data sheet agrees with 1; trust 1 for a cycle model
POP	8F /0	m16/32	16/32	mem	5		6		3		NP	A	B	A	PRM+HPC+MAME	HPC	MAME+BOX+EUN	486:MAME=4	486: HelpPC and Abrash say 6, MAME 4
POP	07	ES	16/32	sreg	7	21	3	9	3	3-12	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pm:BOX=3	
POP	17	SS	16/32	sreg	7	21	3	9	3	8-17	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pm:BOX=3	
POP	1F	DS	16/32	sreg	7	21	3	9	3	3-12	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pm:BOX=3	
POP	0F A1	FS	16/32	sreg	7	21	3	9	3	3-12	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pm:BOX=3	
POP	0F A9	GS	16/32	sreg	7	21	3	9	3	3-12	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pm:BOX=3	
POPA	61		16/32	none	24		9		5		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
POPF	9D		16/32	none	5	5	9	6	6	4	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX	P5pm:EUN=6	
ENTER	C8 iw 00	imm16,0	16/32	level0	10		14		11		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=15	
ENTER	C8 iw 01	imm16,1	16/32	level1	12		17		15		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		
ENTER	C8 iw ib	imm16,n	16/32	leveln	15+4*(n-1)		17+3*n		15+2*n		NP	A	B	B	PRM+HPC	HPC	EUN		n = nesting level > 1
LEAVE	C9		16/32	none	4		5		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
LDS	C5 /r	r16/32,m16:16/32	16/32	reg,mem	7	22	6	12	4	4	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
LES	C4 /r	r16/32,m16:16/32	16/32	reg,mem	7	22	6	12	4	4	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
LSS	0F B2 /r	r16/32,m16:16/32	16/32	reg,mem	7	22	6	12	4	8	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
LFS	0F B4 /r	r16/32,m16:16/32	16/32	reg,mem	7	25	6	12	4	4	NP	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN	386pm:MAME=22	MAME and HelpPC give 22 for LFS/LGS in protected mode; PRM prints 25
LGS	0F B5 /r	r16/32,m16:16/32	16/32	reg,mem	7	25	6	12	4	4	NP	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN	386pm:MAME=22	MAME and HelpPC give 22 for LFS/LGS in protected mode; PRM prints 25
CLC	F8		-	none	2		2		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
STC	F9		-	none	2		2		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CMC	F5		-	none	2		2		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CLD	FC		-	none	2		2		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
STD	FD		-	none	2		2		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CLI	FA		-	none	3		5		7		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+EUN	386:MAME=8	386 data-sheet family prints 8; HelpPC/PRM/IBMulator 3
STI	FB		-	none	3		5		7		NP	B	A	A	PRM	HPC+MAME	MAME+BOX+EUN	386:HPC=2; 386:MAME=8	386 data-sheet family prints 8; interrupts held off one instruction
LAHF	9F		-	none	2		3		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAHF	9E		-	none	3		2		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CLTS	0F 06		-	none	5		7		10		NP	B	A	B	PRM+HPC	HPC+MAME	MAME+EUN	386:MAME=6; P5:BOX=7	
SALC	D6		8	none					2		NP			B			BOX		undocumented; AL = CF ? FF : 0. No Intel figure
AAA	37		8	none	4		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
AAS	3F		8	none	4		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
AAD	D5 ib	imm8	8	imm	19		14		10		NP	B	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	386:IBM=15(tuned on 386SX)	
AAM	D4 ib	imm8	8	imm	17		15		18		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DAA	27		8	none	4		2		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DAS	2F		8	none	4		2		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CBW/CWDE	98		16/32	none	3		3		3		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CWD/CDQ	99		16/32	none	2		3		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
XLAT	D7	m8	8	none	5		4		4		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
MUL	F6 /4	r8	8	acc,reg	9-14		13-18		11		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+GCC+EUN	386:MAME=17	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
MUL	F6 /4	m8	8	acc,mem	12-17		13-18		11		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
MUL	F7 /4	r16	16	acc,reg	9-22		13-26		11		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+EUN	386:MAME=25	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
MUL	F7 /4	m16	16	acc,mem	12-25		13-26		11		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
MUL	F7 /4	r32	32	acc,reg	9-38		13-42		10		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+EUN	386:MAME=41	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
MUL	F7 /4	m32	32	acc,mem	12-41		13-42		10		NP	B	B	A	PRM	HPC	BOX+EUN	386:HPC=12-21	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range (HelpPC misprints 12-21 for mem32)
IMUL	F6 /5	r8	8	acc,reg	9-14		13-18		11		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+GCC+EUN	386:MAME=17	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	F6 /5	m8	8	acc,mem	12-17		13-18		11		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	F7 /5	r16	16	acc,reg	9-22		13-26		11		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+EUN	386:MAME=25	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	F7 /5	m16	16	acc,mem	12-25		13-26		11		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	F7 /5	r32	32	acc,reg	9-38		12-42		10		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+EUN	386:MAME=41	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	F7 /5	m32	32	acc,mem	12-41		13-42		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	0F AF /r	r16,r16	16	reg,reg	9-22		13-26		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	0F AF /r	r16,m16	16	reg,mem	12-25		13-26		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	0F AF /r	r32,r32	32	reg,reg	9-38		13-42		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	0F AF /r	r32,m32	32	reg,mem	12-41		13-42		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	6B /r ib	r16,r16,imm8	16	reg,reg,imm	9-14		13-26		10		NP	B	B	A	PRM	HPC	BOX+EUN	386:HPC=9-22	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	6B /r ib	r16,m16,imm8	16	reg,mem,imm	12-17		13-26		10		NP	B	B	A	PRM	HPC	BOX+EUN	386:HPC=12-25	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	6B /r ib	r32,r32,imm8	32	reg,reg,imm	9-14		13-42		10		NP	B	B	A	PRM	HPC	BOX+EUN	386:HPC=9-38	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	6B /r ib	r32,m32,imm8	32	reg,mem,imm	12-17		13-42		10		NP	B	B	A	PRM	HPC	BOX+EUN	386:HPC=12-41	386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	69 /r iw	r16,r16,imm16	16	reg,reg,imm	9-22		13-26		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	69 /r iw	r16,m16,imm16	16	reg,mem,imm	12-25		13-26		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	69 /r id	r32,r32,imm32	32	reg,reg,imm	9-38		13-42		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
IMUL	69 /r id	r32,m32,imm32	32	reg,mem,imm	12-41		13-42		10		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		386 exact rule: clocks = 9 if multiplier is 0 else max(ceil(log2(|multiplier|)),3)+6, +3 for a memory multiplier; upper bound is printed as the range
DIV	F6 /6	r8	8	acc,reg	14		16		17		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DIV	F6 /6	m8	8	acc,mem	17		16		17		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DIV	F7 /6	r16	16	acc,reg	22		24		25		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DIV	F7 /6	m16	16	acc,mem	25		24		25		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DIV	F7 /6	r32	32	acc,reg	38		40		41		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
DIV	F7 /6	m32	32	acc,mem	41		40		41		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
IDIV	F6 /7	r8	8	acc,reg	19		19		22		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
IDIV	F6 /7	m8	8	acc,mem	22		20		22		NP	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+EUN		PRM lists one figure for IDIV r/m; +3 for memory per HelpPC/MAME
IDIV	F7 /7	r16	16	acc,reg	27		27		30		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
IDIV	F7 /7	m16	16	acc,mem	30		28		30		NP	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+EUN		PRM lists one figure for IDIV r/m; +3 for memory per HelpPC/MAME
IDIV	F7 /7	r32	32	acc,reg	43		43		46		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
IDIV	F7 /7	m32	32	acc,mem	46		44		46		NP	A	A	A	HPC+MAME	HPC+MAME	MAME+BOX+EUN		PRM lists one figure for IDIV r/m; +3 for memory per HelpPC/MAME
ROL	D0 /0	r8,1	8	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROL	D0 /0	m8,1	8	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROL	C0 /0 ib	r8,imm8	8	reg,imm	3		2		1		NP	A	B	B	PRM+HPC+MAME	HPC	MAME+BOX+EUN	486:MAME=3; P5pair:EUN=PU	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
ROL	C0 /0 ib	m8,imm8	8	mem,imm	7		4		3		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:EUN=PU	
ROL	D2 /0	r8,CL	8	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
ROL	D2 /0	m8,CL	8	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
ROR	D0 /1	r8,1	8	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROR	D0 /1	m8,1	8	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROR	C0 /1 ib	r8,imm8	8	reg,imm	3		2		1		NP	A	B	B	PRM+HPC+MAME	HPC	MAME+BOX+EUN	486:MAME=3; P5pair:EUN=PU	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
ROR	C0 /1 ib	m8,imm8	8	mem,imm	7		4		3		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:EUN=PU	
ROR	D2 /1	r8,CL	8	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
ROR	D2 /1	m8,CL	8	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
SHL	D0 /4	r8,1	8	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SHL	D0 /4	m8,1	8	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SHL	C0 /4 ib	r8,imm8	8	reg,imm	3		2		1		PU	A	B	A	PRM+HPC+MAME	HPC	MAME+BOX+ABR+EUN	486:MAME=3	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
SHL	C0 /4 ib	m8,imm8	8	mem,imm	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SHL	D2 /4	r8,CL	8	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
SHL	D2 /4	m8,CL	8	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
SHR	D0 /5	r8,1	8	reg,1	3		3		1		PU	A	B	A	PRM+HPC+MAME	MAME	MAME+BOX+EUN		
SHR	D0 /5	m8,1	8	mem,1	7		4		3		PU	A	B	A	PRM+HPC+MAME	MAME	MAME+BOX+EUN		
SHR	C0 /5 ib	r8,imm8	8	reg,imm	3		2		1		PU	A	C	A	PRM+HPC+MAME	REC	MAME+BOX+ABR+EUN	486:MAME=3	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
SHR	C0 /5 ib	m8,imm8	8	mem,imm	7		4		3		PU	A	B	A	PRM+HPC+MAME	MAME	MAME+BOX+EUN		
SHR	D2 /5	r8,CL	8	reg,cl	3		3		4		NP	A	C	B	PRM+HPC	REC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
SHR	D2 /5	m8,CL	8	mem,cl	7		4		4		NP	A	C	B	PRM+HPC	REC	EUN	P5:BOX=3	
SAR	D0 /7	r8,1	8	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAR	D0 /7	m8,1	8	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAR	C0 /7 ib	r8,imm8	8	reg,imm	3		2		1		PU	A	B	A	PRM+HPC+MAME	HPC	MAME+BOX+ABR+EUN	486:MAME=3	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
SAR	C0 /7 ib	m8,imm8	8	mem,imm	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAR	D2 /7	r8,CL	8	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
SAR	D2 /7	m8,CL	8	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
RCL	D0 /2	r8,1	8	reg,1	9		3		1		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=7	
RCL	D0 /2	m8,1	8	mem,1	10		4		3		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=8	
RCL	D2 /2	r8,CL	8	reg,cl	9		8-30		7-24		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
RCL	D2 /2	m8,CL	8	mem,cl	10		9-31		9-26		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
RCL	C0 /2 ib	r8,imm8	8	reg,imm	9		8-30		8-25		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=7	
RCL	C0 /2 ib	m8,imm8	8	mem,imm	10		9-31		10-27		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
RCR	D0 /3	r8,1	8	reg,1	9		3		1		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=7	
RCR	D0 /3	m8,1	8	mem,1	10		4		3		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=8	
RCR	D2 /3	r8,CL	8	reg,cl	9		8-30		7-24		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
RCR	D2 /3	m8,CL	8	mem,cl	10		9-31		9-26		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
RCR	C0 /3 ib	r8,imm8	8	reg,imm	9		8-30		8-25		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=7	
RCR	C0 /3 ib	m8,imm8	8	mem,imm	10		9-31		10-27		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
ROL	D1 /0	r16/32,1	16/32	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROL	D1 /0	m16/32,1	16/32	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROL	C1 /0 ib	r16/32,imm8	16/32	reg,imm	3		2		1		NP	A	B	B	PRM+HPC+MAME	HPC	MAME+BOX+EUN	486:MAME=3; P5pair:EUN=PU	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
ROL	C1 /0 ib	m16/32,imm8	16/32	mem,imm	7		4		3		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:EUN=PU	
ROL	D3 /0	r16/32,CL	16/32	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
ROL	D3 /0	m16/32,CL	16/32	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
ROR	D1 /1	r16/32,1	16/32	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROR	D1 /1	m16/32,1	16/32	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
ROR	C1 /1 ib	r16/32,imm8	16/32	reg,imm	3		2		1		NP	A	B	B	PRM+HPC+MAME	HPC	MAME+BOX+EUN	486:MAME=3; P5pair:EUN=PU	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
ROR	C1 /1 ib	m16/32,imm8	16/32	mem,imm	7		4		3		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN	P5pair:EUN=PU	
ROR	D3 /1	r16/32,CL	16/32	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
ROR	D3 /1	m16/32,CL	16/32	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
SHL	D1 /4	r16/32,1	16/32	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SHL	D1 /4	m16/32,1	16/32	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SHL	C1 /4 ib	r16/32,imm8	16/32	reg,imm	3		2		1		PU	A	B	A	PRM+HPC+MAME	HPC	MAME+BOX+ABR+EUN	486:MAME=3	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
SHL	C1 /4 ib	m16/32,imm8	16/32	mem,imm	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SHL	D3 /4	r16/32,CL	16/32	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
SHL	D3 /4	m16/32,CL	16/32	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
SHR	D1 /5	r16/32,1	16/32	reg,1	3		3		1		PU	A	B	A	PRM+HPC+MAME	MAME	MAME+BOX+EUN		
SHR	D1 /5	m16/32,1	16/32	mem,1	7		4		3		PU	A	B	A	PRM+HPC+MAME	MAME	MAME+BOX+EUN		
SHR	C1 /5 ib	r16/32,imm8	16/32	reg,imm	3		2		1		PU	A	C	A	PRM+HPC+MAME	REC	MAME+BOX+ABR+EUN	486:MAME=3	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
SHR	C1 /5 ib	m16/32,imm8	16/32	mem,imm	7		4		3		PU	A	B	A	PRM+HPC+MAME	MAME	MAME+BOX+EUN		
SHR	D3 /5	r16/32,CL	16/32	reg,cl	3		3		4		NP	A	C	B	PRM+HPC	REC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
SHR	D3 /5	m16/32,CL	16/32	mem,cl	7		4		4		NP	A	C	B	PRM+HPC	REC	EUN	P5:BOX=3	
SAR	D1 /7	r16/32,1	16/32	reg,1	3		3		1		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAR	D1 /7	m16/32,1	16/32	mem,1	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAR	C1 /7 ib	r16/32,imm8	16/32	reg,imm	3		2		1		PU	A	B	A	PRM+HPC+MAME	HPC	MAME+BOX+ABR+EUN	486:MAME=3	Abrash confirms 486: shift by immediate 2 is faster than the 3-clock by-1 form
SAR	C1 /7 ib	m16/32,imm8	16/32	mem,imm	7		4		3		PU	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SAR	D3 /7	r16/32,CL	16/32	reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	ABR+EUN	P5:BOX=1	P5: Abrash 4 non-pairable; MAME and 86Box charge the by-1 time
SAR	D3 /7	m16/32,CL	16/32	mem,cl	7		4		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
RCL	D1 /2	r16/32,1	16/32	reg,1	9		3		1		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=7	
RCL	D1 /2	m16/32,1	16/32	mem,1	10		4		3		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=8	
RCL	D3 /2	r16/32,CL	16/32	reg,cl	9		8-30		7-24		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
RCL	D3 /2	m16/32,CL	16/32	mem,cl	10		9-31		9-26		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
RCL	C1 /2 ib	r16/32,imm8	16/32	reg,imm	9		8-30		8-25		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=7	
RCL	C1 /2 ib	m16/32,imm8	16/32	mem,imm	10		9-31		10-27		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
RCR	D1 /3	r16/32,1	16/32	reg,1	9		3		1		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=7	
RCR	D1 /3	m16/32,1	16/32	mem,1	10		4		3		PU	A	B	B	PRM+HPC	HPC	BOX+EUN	P5:MAME=8	
RCR	D3 /3	r16/32,CL	16/32	reg,cl	9		8-30		7-24		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+EUN		
RCR	D3 /3	m16/32,CL	16/32	mem,cl	10		9-31		9-26		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
RCR	C1 /3 ib	r16/32,imm8	16/32	reg,imm	9		8-30		8-25		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=7	
RCR	C1 /3 ib	m16/32,imm8	16/32	mem,imm	10		9-31		10-27		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=8	
SHLD	0F A4 /r ib	r16/32,r16/32,imm8	16/32	reg,reg,imm	3		2		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SHLD	0F A4 /r ib	m16/32,r16/32,imm8	16/32	mem,reg,imm	7		3		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SHLD	0F A5 /r	r16/32,r16/32,CL	16/32	reg,reg,cl	3		3		4		NP	A	B	A	PRM+HPC	HPC	BOX+EUN		
SHLD	0F A5 /r	m16/32,r16/32,CL	16/32	mem,reg,cl	7		4		5		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=4	
SHRD	0F AC /r ib	r16/32,r16/32,imm8	16/32	reg,reg,imm	3		2		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SHRD	0F AC /r ib	m16/32,r16/32,imm8	16/32	mem,reg,imm	7		3		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SHRD	0F AD /r	r16/32,r16/32,CL	16/32	reg,reg,cl	3		3		4		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
SHRD	0F AD /r	m16/32,r16/32,CL	16/32	mem,reg,cl	7		4		5		NP	A	B	B	PRM+HPC	HPC	EUN	P5:BOX=3	
BSF	0F BC /r	r16,r16	16	reg,reg	10+3*n		6-42		6-34		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=11+3*n; 386:EX=10+3*n(agrees)	386: n = zero bits skipped; data-sheet family 11+3n; 486 6-42, P5 16-bit 6-34; clocks for zero source: not printed
BSF	0F BC /r	r16,m16	16	reg,mem	10+3*n		7-43		6-35		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=11+3*n	
BSF	0F BC /r	r32,r32	32	reg,reg	10+3*n		6-42		6-42		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=11+3*n	
BSF	0F BC /r	r32,m32	32	reg,mem	10+3*n		7-43		6-43		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=11+3*n	
BSR	0F BD /r	r16,r16	16	reg,reg	10+3*n		6-103		7-39		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=9+3*n	
BSR	0F BD /r	r16,m16	16	reg,mem	10+3*n		7-104		7-40		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=9+3*n	
BSR	0F BD /r	r32,r32	32	reg,reg	10+3*n		6-103		7-71		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=9+3*n	
BSR	0F BD /r	r32,m32	32	reg,mem	10+3*n		7-104		7-72		NP	B	B	B	PRM+HPC	HPC	EUN	386:MAME=9+3*n	
BT	0F BA /4 ib	r16/32,imm8	16/32	reg,imm	3		3		4		NP	A	A	B	PRM+HPC+EX+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BT	0F BA /4 ib	m16/32,imm8	16/32	mem,imm	6		6		4		NP	A	A	B	PRM+HPC+EX+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BT	0F A3 /r	r16/32,r16/32	16/32	reg,reg	3		3		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=8	
BT	0F A3 /r	m16/32,r16/32	16/32	mem,reg	12		8		9		NP	A	C	B	PRM+HPC+MAME	REC	MAME+EUN	486:HPC=12; 486:MAME=12; P5:BOX=8	486: HelpPC/MAME 12 (probably carried over from 386), i486 data sheet 8 (recalled)
BTS	0F BA /5 ib	r16/32,imm8	16/32	reg,imm	6		6		7		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BTS	0F BA /5 ib	m16/32,imm8	16/32	mem,imm	8		8		8		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BTS	0F AB /r	r16/32,r16/32	16/32	reg,reg	6		6		7		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=13	
BTS	0F AB /r	m16/32,r16/32	16/32	mem,reg	13		13		13		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
BTR	0F BA /6 ib	r16/32,imm8	16/32	reg,imm	6		6		7		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BTR	0F BA /6 ib	m16/32,imm8	16/32	mem,imm	8		8		8		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BTR	0F B3 /r	r16/32,r16/32	16/32	reg,reg	6		6		7		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=13	
BTR	0F B3 /r	m16/32,r16/32	16/32	mem,reg	13		13		13		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
BTC	0F BA /7 ib	r16/32,imm8	16/32	reg,imm	6		6		7		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BTC	0F BA /7 ib	m16/32,imm8	16/32	mem,imm	8		8		8		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=6	
BTC	0F BB /r	r16/32,r16/32	16/32	reg,reg	6		6		7		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=13	
BTC	0F BB /r	m16/32,r16/32	16/32	mem,reg	13		13		13		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
SETO	0F 90 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETO	0F 90 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNO	0F 91 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNO	0F 91 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETB	0F 92 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETB	0F 92 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNB	0F 93 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNB	0F 93 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETZ	0F 94 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETZ	0F 94 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNZ	0F 95 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNZ	0F 95 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETBE	0F 96 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETBE	0F 96 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNBE	0F 97 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNBE	0F 97 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETS	0F 98 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETS	0F 98 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNS	0F 99 /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNS	0F 99 /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETP	0F 9A /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETP	0F 9A /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNP	0F 9B /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNP	0F 9B /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETL	0F 9C /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETL	0F 9C /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNL	0F 9D /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNL	0F 9D /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETLE	0F 9E /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETLE	0F 9E /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
SETNLE	0F 9F /0	r8	8	reg	4		3		1		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=2; P5:BOX=3	486: 4 when condition true, 3 when false (recalled)
SETNLE	0F 9F /0	m8	8	mem	5		4		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=3	
JO	70 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JO	70 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JO	0F 80 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JO	0F 80 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNO	71 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNO	71 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNO	0F 81 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNO	0F 81 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JB	72 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JB	72 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JB	0F 82 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JB	0F 82 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNB	73 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNB	73 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNB	0F 83 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNB	0F 83 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JZ	74 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JZ	74 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JZ	0F 84 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JZ	0F 84 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNZ	75 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNZ	75 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNZ	0F 85 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNZ	0F 85 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JBE	76 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JBE	76 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JBE	0F 86 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JBE	0F 86 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNBE	77 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNBE	77 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNBE	0F 87 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNBE	0F 87 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JS	78 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JS	78 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JS	0F 88 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JS	0F 88 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNS	79 cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNS	79 cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNS	0F 89 cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNS	0F 89 cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JP	7A cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JP	7A cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JP	0F 8A cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JP	0F 8A cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNP	7B cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNP	7B cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNP	0F 8B cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNP	0F 8B cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JL	7C cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JL	7C cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JL	0F 8C cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JL	0F 8C cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNL	7D cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNL	7D cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNL	0F 8D cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNL	0F 8D cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JLE	7E cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JLE	7E cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JLE	0F 8E cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JLE	0F 8E cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNLE	7F cb	rel8	8	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		386 average incl. m 9.25 (ICCD/z386 target); P5 mispredict +3 (U) +4 (V)
JNLE	7F cb	rel8	8	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JNLE	0F 8F cw/cd	rel16/32	16/32	taken	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+ABR+EUN		0F of a near Jcc costs no prefix clock on P5
JNLE	0F 8F cw/cd	rel16/32	16/32	nottaken	3		1		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+ABR+EUN		
JCXZ/JECXZ	E3 cb	rel8	8	taken	9+m		8		6		NP	A	C	C	PRM+MAME	REC	REC	486:MAME=1; P5:MAME=1; P5:BOX=5	
JCXZ/JECXZ	E3 cb	rel8	8	nottaken	5		5		5		NP	A	B	B	PRM+HPC+MAME	HPC	BOX	486:MAME=1; P5:MAME=1	
LOOP	E2 cb	rel8	8	taken	11+m		7		5		NP	A	C	A	PRM+MAME	REC	MAME+BOX+EUN	486:MAME=6	486: data sheet 7 taken / 6 not; HelpPC prints 6/2
LOOP	E2 cb	rel8	8	nottaken	11		6		6		NP	C	C	B	INF	REC	EUN		386: Intel prints only 11+m; HelpPC leaves not-taken blank
LOOPE	E1 cb	rel8	8	taken	11+m		9		7		NP	A	B	B	PRM+MAME	MAME	BOX	P5:MAME=8	
LOOPE	E1 cb	rel8	8	nottaken	11		6		8		NP	C	B	C	INF	HPC	REC		
LOOPNE	E0 cb	rel8	8	taken	11+m		9		7		NP	A	B	B	PRM+MAME	MAME	BOX	P5:MAME=8	
LOOPNE	E0 cb	rel8	8	nottaken	11		6		8		NP	C	B	C	INF	HPC	REC		
JMP	EB cb	rel8	8	near	7+m		3		1		PV	A	B	A	PRM+MAME	MAME	MAME+BOX+ABR+EUN		
JMP	E9 cw/cd	rel16/32	16/32	near	7+m		3		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
JMP	FF /4	r16/32	16/32	near,reg	7+m		5		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
JMP	FF /4	m16/32	16/32	near,mem	10+m		5		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
JMP	EA cd/cp	ptr16:16/32	16/32	far	12+m	27+m	17	19	3	3	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
JMP	EA cd/cp	ptr16:16/32	16/32	callgate same priv	-	45+m		32		18	NP	A	B	C	PRM+HPC	HPC	REC		
JMP	EA cd/cp	ptr16:16/32	16/32	TSS	-	ts		42+ts		19+ts	NP	A	B	C	PRM+HPC	HPC	REC		ts per @TASK_SWITCH
JMP	EA cd/cp	ptr16:16/32	16/32	task gate	-	ts		43+ts		20+ts	NP	A	B	C	PRM+HPC	HPC	REC		
JMP	FF /5	m16:16/32	16/32	far,mem	17+m	31+m	13	18	4	4	NP	B	A	A	MAME	HPC+MAME	MAME+EUN	386:HPC=43+m; 386:PRM=43+m	PRM and HelpPC print 43+m for real mode, larger than the protected 31+m; 17+m (MAME, data-sheet family) is consistent with CALL 17/22 spacing and is taken
JMP	FF /5	m16:16/32	16/32	callgate same priv	-	49+m		31		18	NP	A	B	C	PRM+HPC	HPC	REC		
JMP	FF /5	m16:16/32	16/32	TSS/task gate	-	5+ts		41+ts		19+ts	NP	A	B	C	PRM+HPC	HPC	REC		486 task gate 42+ts
CALL	E8 cw/cd	rel16/32	16/32	near	7+m		3		1		PV	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+ABR+EUN		
CALL	FF /2	r16/32	16/32	near,reg	7+m		5		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=4	
CALL	FF /2	m16/32	16/32	near,mem	10+m		5		2		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=4	
CALL	9A cd/cp	ptr16:16/32	16/32	far	17+m	34+m	18	20	4	4-13	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
CALL	9A cd/cp	ptr16:16/32	16/32	callgate same priv	-	52+m		35		22	NP	A	B	C	PRM+HPC	HPC	REC		
CALL	9A cd/cp	ptr16:16/32	16/32	callgate inner, no params	-	86+m		69		44	NP	A	B	C	PRM+HPC	HPC	REC		
CALL	9A cd/cp	ptr16:16/32	16/32	callgate inner, x params	-	94+4*x+m		77+4*x		45+2*x	NP	A	B	C	PRM+HPC	HPC	REC		
CALL	9A cd/cp	ptr16:16/32	16/32	TSS/task gate	-	ts		37+ts		21+ts	NP	A	B	C	PRM+HPC	HPC	REC		P5 22+ts via task gate
CALL	FF /3	m16:16/32	16/32	far,mem	22+m	38+m	17	20	4	5-14	NP	A	A	B	PRM+HPC+MAME	HPC+MAME	EUN	P5:MAME=4; P5:BOX=4; P5:REC=5	
CALL	FF /3	m16:16/32	16/32	callgate same priv	-	56+m		35		22	NP	A	B	C	PRM+HPC	HPC	REC		
CALL	FF /3	m16:16/32	16/32	callgate inner, no params	-	90+m		69		44	NP	A	B	C	PRM+HPC	HPC	REC		
CALL	FF /3	m16:16/32	16/32	callgate inner, x params	-	98+4*x+m		77+4*x		45+2*x	NP	A	B	C	PRM+HPC	HPC	REC		
CALL	FF /3	m16:16/32	16/32	TSS/task gate	-	5+ts		37+ts		21+ts	NP	A	B	C	PRM+HPC	HPC	REC		
RET	C3		16/32	near	10+m		5		2		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
RET	C2 iw	imm16	16/32	near	10+m		5		3		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	BOX+EUN	P5:MAME=2	
RETF	CB		16/32	far	18+m	32+m	13	18	4	4-13	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
RETF	CB		16/32	outer priv	-	68		33		23	NP	A	B	C	PRM+HPC	HPC	REC		
RETF	CA iw	imm16	16/32	far	18+m	32+m	14	17	4	4-13	NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		
RETF	CA iw	imm16	16/32	outer priv	-	68		33		23	NP	A	B	C	PRM+HPC	HPC	REC		
INT3	CC		-	real	33		26		13		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=11	
INT3	CC		-	same priv	-	59		44		27	NP	A	B	C	PRM+HPC	HPC	REC		P5: within EUN range 27-82
INT3	CC		-	inner priv	-	99		71		44	NP	A	B	C	PRM+HPC	HPC	REC		P5: within EUN range 27-82
INT3	CC		-	from V86 to PL0	-	119		82		56	NP	A	B	C	PRM+HPC	HPC	REC		P5: within EUN range 27-82
INT3	CC		-	task gate	-	ts		37+ts		19+ts	NP	A	B	C	PRM+HPC	HPC	REC		
INT	CD ib	imm8	-	real	37		30		16		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=11	
INT	CD ib	imm8	-	same priv	-	59		44		31	NP	A	B	C	PRM+HPC	HPC	REC	P5pm:BOX=25	P5: within EUN range 27-82
INT	CD ib	imm8	-	inner priv	-	99		71		48	NP	A	B	C	PRM+HPC	HPC	REC	P5pm:BOX=42	P5: within EUN range 27-82
INT	CD ib	imm8	-	from V86 to PL0	-	119		86		82	NP	A	B	C	PRM+HPC	HPC	REC	P5pm:BOX=54	P5: within EUN range 27-82
INT	CD ib	imm8	-	task gate	-	ts		37+ts		23+ts	NP	A	B	C	PRM+HPC	HPC	REC		
INTO	CE		-	OF=0	3		3		4		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX		
INTO	CE		-	OF=1 real	35		28		13		NP	A	B	B	PRM+MAME	MAME	MAME		
INTO	CE		-	OF=1 same priv	-	59		46		30	NP	A	B	C	PRM+HPC	HPC	REC		
INTO	CE		-	OF=1 inner priv	-	99		73		47	NP	A	B	C	PRM+HPC	HPC	REC		
INTO	CE		-	OF=1 from V86 to PL0	-	119		84		59	NP	A	B	C	PRM+HPC	HPC	REC		
INTO	CE		-	OF=1 task gate	-	ts		39+ts		22+ts	NP	A	B	C	PRM+HPC	HPC	REC		
ICEBP/INT1	F1		-	real	33		26		13		NP	C	C	C	INF	INF	INF		undocumented on 386; treated as INT3 by IBMulator
IRET/IRETD	CF		16/32	real	22		15		8		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME	P5:BOX=7	
IRET/IRETD	CF		16/32	same priv	-	38		15		10	NP	A	B	C	PRM+HPC	HPC	REC	486pm:BOX=20	486: HelpPC 15, data-sheet style protected figure 20 (86Box); P5: within EUN range 8-27
IRET/IRETD	CF		16/32	outer priv	-	82		36		27	NP	A	B	C	PRM+HPC	HPC	REC		P5: within EUN range 8-27
IRETD	CF		32	to V86	-	60		15		10	NP	A	B	C	PRM+HPC	HPC	REC		P5: within EUN range 8-27
IRET/IRETD	CF		16/32	nested task (NT=1)	-	ts		32+ts		10+ts	NP	A	B	C	PRM+HPC	HPC	REC		
BOUND	62 /r	r16/32,m16/32&16/32	16/32	in range	10		7		8		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		out of range: exception 5 entry time instead (MAME 44 for 386)
HLT	F4		-	none	5		4		4		NP	A	A	A	PRM+HPC+MAME	HPC+MAME	MAME+BOX+EUN		time to enter halt; 386EX adds clocks for SMM
WAIT/FWAIT	9B		-	none	6		1-3		1		NP	B	A	A	PRM+HPC	HPC+MAME	MAME+BOX+EUN	386:MAME=7	386: 6 minimum while BUSY# inactive
LOCK	F0		-	prefix	0		1		1		NP	A	A	B	PRM+HPC	HPC+MAME	MAME		P5: Abrash estimates 5+ clock tax for a locked RMW
MOVS	A4/A5		8/16/32	single	7		7		4		NP	B	A	A	PRM+HPC+EX	HPC+MAME	MAME+BOX+EUN	386:MAME=8	386 data-sheet family (MAME) MOVS 8, SCAS 8, STOS 5
CMPS	A6/A7		8/16/32	single	10		8		5		NP	A	A	A	PRM+HPC+EX+MAME	HPC+MAME	MAME+BOX+EUN		
SCAS	AE/AF		8/16/32	single	7		6		4		NP	B	A	A	PRM+HPC+EX	HPC+MAME	MAME+BOX+EUN	386:MAME=8	386 data-sheet family (MAME) MOVS 8, SCAS 8, STOS 5
LODS	AC/AD		8/16/32	single	5		5		2		NP	A	A	A	PRM+HPC+EX+MAME	HPC+MAME	MAME+BOX+EUN		
STOS	AA/AB		8/16/32	single	4		5		3		NP	B	A	A	PRM+HPC+EX	HPC+MAME	MAME+BOX+EUN	386:MAME=5	386 data-sheet family (MAME) MOVS 8, SCAS 8, STOS 5
REP MOVS	F3 A4/A5		8/16/32	n iterations	5+4*n		12+3*n		13+n		NP	B	C	C	PRM	REC	REC	386:EX=7+4*n; 386:MAME=8+4*n; P5:AGN=12+n; P5:EUN=3+n	486: n=0 5, n=1 13, n>1 12+3n; P5: n=0 6, n=1 13, n>1 13+n (recalled). n = (E)CX; P5: slope 1 agreed, start cost 3..13
REP LODS	F3 AC/AD		8/16/32	n iterations	5+6*n		7+4*n		7+3*n		NP	B	C	C	EX	REC	REC		not listed in PRM REP page; 386EX manual gives 5+6n; 486 n=0 5; P5 n=0 7
REP STOS	F3 AA/AB		8/16/32	n iterations	5+5*n		7+4*n		10+n		NP	A	C	C	PRM+EX	REC	AGN	P5:EUN=3+n; P5:REC=9+3*n	486 n=0 5; P5 n=0 6. Agner measures 10+n on P5; trust Agner when lines hit the cache; P5: slope 1 supported by two, start cost unknown
REPE/REPNE CMPS	F3/F2 A6/A7		8/16/32	n iterations	5+9*n		7+7*n		9+4*n		NP	A	C	B	PRM+EX	REC	EUN	P5:AGN=8+4*n	486 n=0 5; P5 n=0 7
REPE/REPNE SCAS	F3/F2 AE/AF		8/16/32	n iterations	5+8*n		7+5*n		9+4*n		NP	A	C	C	PRM+EX	REC	REC	P5:EUN=8+4*n	486 n=0 5; P5 n=0 7
INS	6C/6D		8/16/32	single	15	9	17	10	9	6	NP	A	B	A	PRM+HPC	HPC	BOX+EUN		pm column: CPL<=IOPL; CPL>IOPL or bitmap path: 386 29, 486 32, P5 24; V86: 386 29, 486 30, P5 22
OUTS	6E/6F		8/16/32	single	14	8	17	10	13	10	NP	A	B	A	PRM+HPC	HPC	BOX+EUN		CPL>IOPL: 386 28, 486 32, P5 27; V86: 386 28, 486 30, P5 25
REP INS	F3 6C/6D		8/16/32	n iterations	13+6*n	7+6*n	16+8*n	10+8*n	11+3*n	8+3*n	NP	B	C	C	PRM	REC	REC	386:MAME=14+6*n; 386:EX=17+7*n(386EX SMM)	386 CPL>IOPL 27+6n; 486 30+8n; P5 25+3n
REP OUTS	F3 6E/6F		8/16/32	n iterations	12+5*n	6+5*n	17+5*n	11+5*n	13+4*n	10+4*n	NP	B	C	C	MAME	REC	REC	386:PRM=5+12*n; 386:EX=16+8*n(386EX SMM)	PRM prints 5+12n in real mode but 6+5n in protected mode: transposed; 386 CPL>IOPL 26+5n; 486 31+5n; P5 27+4n
IN	E4/E5 ib	acc,imm8	8/16/32	imm	12	6	14	9	7	4	NP	A	B	A	PRM+HPC	HPC	BOX+EUN	486pm:HPC=8	CPL>IOPL: 386 26, 486 29, P5 21; V86: 386 26, 486 27, P5 19. HelpPC gives 486 8/28/27
IN	EC/ED	acc,DX	8/16/32	dx	13	7	14	8	7	4	NP	A	B	A	PRM+HPC	HPC	BOX+EUN		CPL>IOPL: 386 27, 486 28, P5 21; V86: 386 27, 486 27, P5 19
OUT	E6/E7 ib	imm8,acc	8/16/32	imm	10	4	16	11	12	9	NP	A	B	A	PRM+HPC	HPC	BOX+EUN		CPL>IOPL: 386 24, 486 31, P5 26; V86: 386 24, 486 29, P5 24
OUT	EE/EF	DX,acc	8/16/32	dx	11	5	16	10	12	9	NP	A	B	A	PRM+HPC	HPC	BOX+EUN		CPL>IOPL: 386 25, 486 30, P5 25; V86: 386 25, 486 29, P5 24
ARPL	63 /r	r16,r16	16	reg,reg	-	20		9		7	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
ARPL	63 /r	m16,r16	16	mem,reg	-	21		9		7	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
LAR	0F 02 /r	r,r	16/32	reg,reg	-	15		11		8	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
LAR	0F 02 /r	r,m	16/32	reg,mem	-	16		11		8	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
LSL	0F 03 /r	r,r (byte gran.)	16/32	reg,reg	-	20		10		8	NP	B	A	A	PRM+HPC	MAME+HPC	MAME+EUN	386pm:MAME=21	
LSL	0F 03 /r	r,m (byte gran.)	16/32	reg,mem	-	21		10		8	NP	B	A	A	PRM+HPC	MAME+HPC	MAME+EUN	386pm:MAME=22	
LSL	0F 03 /r	r,r (page gran.)	16/32	reg,reg	-	25		10		8	NP	A	B	B	PRM+HPC	HPC	EUN		
LSL	0F 03 /r	r,m (page gran.)	16/32	reg,mem	-	26		10		8	NP	A	B	B	PRM+HPC	HPC	EUN		
LGDT	0F 01 /2	m16&32	-	mem	11		11		6		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=11	
LIDT	0F 01 /3	m16&32	-	mem	11		11		6		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=11	
SGDT	0F 01 /0	m16&32	-	mem	9		10		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=11	
SIDT	0F 01 /1	m16&32	-	mem	9		10		4		NP	A	A	B	PRM+HPC+MAME	HPC+MAME	MAME+EUN	P5:BOX=11	
LLDT	0F 00 /2	r16	16	reg	-	20		11		9	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
LLDT	0F 00 /2	m16	16	mem	-	24		11		9	NP	B	A	A	MAME+HPC	MAME+HPC	MAME+EUN	386pm:PRM=20	
LTR	0F 00 /3	r16	16	reg	-	23		20		10	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
LTR	0F 00 /3	m16	16	mem	-	27		20		10	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
SLDT	0F 00 /0	r16	16	reg	-	2		2		2	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
SLDT	0F 00 /0	m16	16	mem	-	2		3		2	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
STR	0F 00 /1	r16	16	reg	-	2		2		2	NP	B	A	A	MAME+HPC	MAME+HPC	MAME+EUN	386pm:PRM=23	PRM STR row repeats the LTR row (23/27): print error; HelpPC/MAME 2
STR	0F 00 /1	m16	16	mem	-	2		3		2	NP	B	A	A	MAME+HPC	MAME+HPC	MAME+EUN	386pm:PRM=27	
LMSW	0F 01 /6	r16	16	reg	10		13		8		NP	B	A	B	PRM+HPC	HPC+MAME	MAME+EUN	386:MAME=11; P5:BOX=11	
LMSW	0F 01 /6	m16	16	mem	13		13		8		NP	B	A	B	PRM+HPC	HPC+MAME	MAME+EUN	386:MAME=14; P5:BOX=11	
SMSW	0F 01 /4	r16/32	16/32	reg	2		2		4		NP	B	A	B	PRM+MAME	HPC+MAME	MAME+EUN	386:HPC=10; P5:BOX=11	
SMSW	0F 01 /4	m16	16	mem	3	2	3		4		NP	B	A	B	PRM+HPC	HPC+MAME	MAME+EUN	386:MAME=2; P5:BOX=11	
VERR	0F 00 /4	r16	16	reg	-	10		11		7	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
VERR	0F 00 /4	m16	16	mem	-	11		11		7	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
VERW	0F 00 /5	r16	16	reg	-	15		11		7	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
VERW	0F 00 /5	m16	16	mem	-	16		11		7	NP	A	A	A	PRM+MAME+HPC	MAME+HPC	MAME+EUN		
BSWAP	0F C8+r	r32	32	reg	-		1		1		NP		A	A		HPC+MAME	MAME+BOX+EUN		
XADD	0F C0/C1 /r	r,r	8/16/32	reg,reg	-		3		3		NP		C	B		REC	EUN	P5:BOX=4; 486:MAME=4; P5:MAME=4	
XADD	0F C0/C1 /r	m,r	8/16/32	mem,reg	-		4		4		NP		B	A		MAME	MAME+BOX+EUN		
CMPXCHG	0F B0/B1 /r	r,r	8/16/32	reg,reg	-		6		5		NP		A	B		HPC+MAME	EUN	P5:MAME=6; P5:BOX=10	486 data sheet: 6 equal / 9 (10) not equal; A-step silicon used opcodes 0F A6/A7
CMPXCHG	0F B0/B1 /r	m,r	8/16/32	mem,reg equal	-		7		6		NP		A	B		HPC+MAME	EUN	P5:MAME=7; P5:BOX=10	
CMPXCHG	0F B0/B1 /r	m,r	8/16/32	mem,reg not equal	-		10		6		NP		B	B		MAME	EUN	P5:MAME=10; P5:BOX=10	bus write cycle still happens with the old value
INVD	0F 08		-	none	-		4		15		NP		A	B		HPC+MAME	MAME+EUN	P5:BOX=1000	
WBINVD	0F 09		-	none	-		5		2000+		NP		B	B		HPC	EUN	P5:BOX=10000	486 write-through part 5; P5 depends on dirty lines
INVLPG	0F 01 /7	m	-	mem	-		12		25		NP		B	B		HPC	EUN	P5:BOX=11	486: 12 on TLB hit, 11 on miss (recalled)
CMPXCHG8B	0F C7 /1	m64	64	mem	-		-		10		NP			A			MAME+EUN		
RDTSC	0F 31		-	none	-		-		6	11	NP			C			REC	P5:MAME=20; P5:BOX=1; P5:EUN=6-7	P5: about 6 at CPL 0, 11-13 otherwise (recalled); MAME 20, 86Box 1
RDMSR	0F 32		-	none	-		-		20-24		NP			B			MAME+EUN	P5:BOX=9	
WRMSR	0F 30		-	none	-		-		30-45		NP			B			EUN	P5:BOX=9	
CPUID	0F A2		-	none	-		14		14		NP		C	A		REC	MAME+BOX+EUN		late 486 14
RSM	0F AA		-	none	-		-		83		NP			B			EUN	P5:MAME=82	
FADD	D8 C0+i / DC C0+i	ST,ST(i)	x87	x87	23-34		8-20		3/1		FX	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387. P5 column is latency/throughput. 486: 7 clocks may overlap with integer code
FADD	D8 /0	m32	x87	x87	24-32		8-20		3/1		FX	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387.
FADD	DC /0	m64	x87	x87	29-37		8-20		3/1		FX	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387.
FADDP	DE C0+i	ST(i),ST	x87	x87	23-31		8-20		3/1		FX	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387.
FSUB	D8 E0+i DC E8+i	ST,ST(i)	x87	x87	26-37		8-20		3/1		FX	C	A	A	REC	BOX+MAME	MAME+BOX	386:BOX=23-34	clocks386 column is the 80387.
FSUB	D8 /4	m32	x87	x87	24-32		8-20		3/1		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FSUB	DC /4	m64	x87	x87	28-36		8-20		3/1		FX	C	A	A	REC	BOX+MAME	MAME+BOX	386:BOX=29-37	clocks386 column is the 80387.
FSUBR	D8 E8+i DC E0+i	ST,ST(i)	x87	x87	26-37		8-20		3/1		FX	C	A	A	REC	BOX+MAME	MAME+BOX	386:BOX=23-34	clocks386 column is the 80387.
FSUBR	D8 /5	m32	x87	x87	24-32		8-20		3/1		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FSUBR	DC /5	m64	x87	x87	28-36		8-20		3/1		FX	C	A	A	REC	BOX+MAME	MAME+BOX	386:BOX=29-37	clocks386 column is the 80387.
FSUBP/FSUBRP	DE E8+i / DE E0+i	ST(i),ST	x87	x87	26-34		8-20		3/1		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FMUL	D8 C8+i / DC C8+i	ST,ST(i)	x87	x87	29-57		16		3/1		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. P5: multiplier occupied 2 clocks, so back-to-back FMUL has throughput 2; 486 overlap 13
FMUL	D8 /1	m32	x87	x87	27-35		11		3/1		FX	B	B	A	BOX	BOX	MAME+BOX	486:MAME=16	clocks386 column is the 80387. 486 overlap 8
FMUL	DC /1	m64	x87	x87	32-57		14		3/1		FX	B	B	A	BOX	BOX	MAME+BOX	486:MAME=16	clocks386 column is the 80387. 486 overlap 11
FMULP	DE C8+i	ST(i),ST	x87	x87	29-57		16		3/1		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FDIV	D8 F0+i	ST,ST(i)	x87	x87	88-91		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. precision control: P5 19 single / 33 double / 39 extended (recalled); 486 73 / 62 / 35 (recalled); 486 overlap 70, P5 integer overlap 38
FDIV	D8 /6	m32	x87	x87	89		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FDIV	DC /6	m64	x87	x87	94		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FDIVR	D8 F8+i	ST,ST(i)	x87	x87	88-91		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. precision control: P5 19 single / 33 double / 39 extended (recalled); 486 73 / 62 / 35 (recalled); 486 overlap 70, P5 integer overlap 38
FDIVR	D8 /7	m32	x87	x87	89		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FDIVR	DC /7	m64	x87	x87	94		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FDIVP/FDIVRP	DE F8+i / DE F0+i	ST(i),ST	x87	x87	88-91		73		39		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FIADD	DE /0	m16	x87	x87	71-85		20-35		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FIADD	DA /0	m32	x87	x87	57-72		19-32		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FISUB	DE /4	m16	x87	x87	71-85		20-35		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FISUB	DA /4	m32	x87	x87	57-72		19-32		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FISUBR	DE /5	m16	x87	x87	71-85		20-35		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FISUBR	DA /5	m32	x87	x87	57-72		19-32		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FIMUL	DE /1	m16	x87	x87	76-87		23-27		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FIMUL	DA /1	m32	x87	x87	61-82		22-24		7/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FIDIV	DE /6	m16	x87	x87	136-140		85-89		42		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FIDIV	DA /6	m32	x87	x87	120-127		84-86		42		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FIDIVR	DE /7	m16	x87	x87	136-140		85-89		42		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FIDIVR	DA /7	m32	x87	x87	120-127		84-86		42		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FCOM	D8 D0+i	ST(i)	x87	x87	24		4		4/1		FX	A	A	B	BOX+QTX	BOX+QTX+MAME	QTX+MAME	P5:BOX=1	clocks386 column is the 80387.
FCOM	D8 /2	m32	x87	x87	26		4		4/1		FX	A	A	B	BOX+QTX	BOX+QTX+MAME	QTX+MAME	P5:BOX=1	clocks386 column is the 80387.
FCOM	DC /2	m64	x87	x87	31		4		4/1		FX	A	A	B	BOX+QTX	BOX+QTX+MAME	QTX+MAME	P5:BOX=1	clocks386 column is the 80387.
FCOMP	D8 D8+i / D8 /3 / DC /3	ST(i)/m32/m64	x87	x87	26		4		4/1		FX	B	A	B	QTX	QTX+MAME	QTX+MAME	P5:BOX=1	clocks386 column is the 80387.
FCOMPP	DE D9		x87	x87	26		5		4/1		FX	C	C	B	REC	REC	MAME	486:MAME=4; P5:BOX=1	clocks386 column is the 80387.
FICOM/FICOMP	DE /2 DE /3	m16	x87	x87	71-75		16-20		8/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=4	clocks386 column is the 80387.
FICOM/FICOMP	DA /2 DA /3	m32	x87	x87	56-63		15-17		8/4		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=4	clocks386 column is the 80387.
FUCOM/FUCOMP	DD E0+i / DD E8+i	ST(i)	x87	x87	24		4		4/1		FX	B	B	C	BOX	BOX	REC	P5:BOX=1	clocks386 column is the 80387.
FUCOMPP	DA E9		x87	x87	26		5		4/1		FX	C	C	C	REC	REC	REC	P5:BOX=1	clocks386 column is the 80387.
FTST	D9 E4		x87	x87	28		4		4/1		FX	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=1	clocks386 column is the 80387.
FXAM	D9 E5		x87	x87	30-38		8		21		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FABS	D9 E1		x87	x87	22		3		1		FX	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387.
FCHS	D9 E0		x87	x87	24-25		6		1		FX	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387.
FSQRT	D9 FA		x87	x87	122-129		83-87		70		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FRNDINT	D9 FC		x87	x87	66-80		21-30		9-20		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FSCALE	D9 FD		x87	x87	67-86		30-32		20-31		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FXTRACT	D9 F4		x87	x87	70-76		16-20		13		NP	B	A	B	BOX	BOX+MAME	MAME		clocks386 column is the 80387.
FPREM	D9 F8		x87	x87	74-155		70-138		16-64		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FPREM1	D9 F5		x87	x87	95-185		72-167		20-70		NP	B	A	B	BOX	BOX+MAME	MAME		clocks386 column is the 80387.
F2XM1	D9 F0		x87	x87	211-476		140-279		13-57		NP	A	A	A	BOX+QTX	BOX+QTX	QTX+BOX		clocks386 column is the 80387. 86Box copies 140-270
FYL2X	D9 F1		x87	x87	120-538		196-329		22-111		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FYL2XP1	D9 F9		x87	x87	257-547		171-326		22-103		NP	B	A	B	BOX	BOX+MAME	MAME		clocks386 column is the 80387.
FPTAN	D9 F2		x87	x87	191-497		200-273		17-173		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FPATAN	D9 F3		x87	x87	314-487		218-303		17-173		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FSIN	D9 FE		x87	x87	122-771		257-354		16-126		NP	B	B	A	BOX	BOX	MAME+BOX		clocks386 column is the 80387.
FCOS	D9 FF		x87	x87	122-772		257-354		18-124		NP	B	B	A	BOX	BOX	MAME+BOX		clocks386 column is the 80387.
FSINCOS	D9 FB		x87	x87	194-809		292-365		17-137		NP	B	B	A	BOX	BOX	MAME+BOX		clocks386 column is the 80387.
FLD	D9 C0+i	ST(i)	x87	x87	14		4		1		FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLD	D9 /0	m32	x87	x87	20		3		1		FX	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FLD	DD /0	m64	x87	x87	25		3		1		FX	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FLD	DB /5	m80	x87	x87	44		6		3		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FILD	DF /0	m16	x87	x87	61-65		13-16		3/1		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FILD	DB /0	m32	x87	x87	45-52		9-12		3/1		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FILD	DF /5	m64	x87	x87	56-67		10-18		3/1		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FBLD	DF /4	m80	x87	x87	266-275		70-103		48-58		NP	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME		clocks386 column is the 80387.
FST/FSTP	DD D0+i / DD D8+i	ST(i)	x87	x87	11		3		1		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FST/FSTP	D9 /2 D9 /3	m32	x87	x87	44		7		2		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387. P5: the stored value must be ready one clock earlier than for other uses
FST/FSTP	DD /2 DD /3	m64	x87	x87	45		8		2		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FSTP	DB /7	m80	x87	x87	53		6		3		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FIST/FISTP	DF /2 DF /3	m16	x87	x87	82-95		29-34		6		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FIST/FISTP	DB /2 DB /3	m32	x87	x87	79-93		28-34		6		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FISTP	DF /7	m64	x87	x87	80-97		29-34		6		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387.
FBSTP	DF /6	m80	x87	x87	512-534		172-176		148-154		NP	A	A	A	BOX+QTX	BOX+QTX+MAME	QTX+MAME+BOX		clocks386 column is the 80387.
FXCH	D9 C8+i	ST(i)	x87	x87	18		4		0-1		PV-with-FX	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. P5: free when it pairs in V behind an FX instruction, else 1
FLD1	D9 E8		x87	x87	24		4		2		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLDZ	D9 EE		x87	x87	20		4		2		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLDPI	D9 EB		x87	x87	40		8		5/3		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLDL2T	D9 E9		x87	x87	40		8		5/3		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLDL2E	D9 EA		x87	x87	40		8		5/3		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLDLG2	D9 EC		x87	x87	40		8		5/3		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FLDLN2	D9 ED		x87	x87	41		8		5/3		NP	C	A	A	REC	BOX+MAME	MAME+BOX	386:BOX=40	clocks386 column is the 80387.
FNINIT/FINIT	DB E3		x87	x87	33		17		16		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=17	clocks386 column is the 80387.
FNCLEX/FCLEX	DB E2		x87	x87	11		7		9		NP	A	A	B	BOX+QTX	BOX+QTX+MAME	QTX+MAME	P5:BOX=7	clocks386 column is the 80387.
FLDCW	D9 /5	m16	x87	x87	19		4		7		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=8	clocks386 column is the 80387.
FNSTCW	D9 /7	m16	x87	x87	15		3		2		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FNSTSW	DD /7	m16	x87	x87	15		3		2		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=6	clocks386 column is the 80387.
FNSTSW	DF E0	AX	x87	x87	13		3		2		NP	C	A	B	REC	BOX+MAME	MAME	386:BOX=15; P5:BOX=6	clocks386 column is the 80387.
FLDENV	D9 /4	m14/28	x87	x87	71		34-44		32-37		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. 486: 44 real/V86, 34 protected
FNSTENV	D9 /6	m14/28	x87	x87	103-104		56-67		48-50		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. 486: 67 real, 56 protected
FRSTOR	DD /4	m94/108	x87	x87	308		120-131		70-95		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387. 486: 131 real, 120 protected; P5 75/95 (16/32-bit), recalled
FNSAVE	DD /6	m94/108	x87	x87	375-376		143-154		124-151		NP	B	A	A	BOX	BOX+MAME	MAME+BOX		clocks386 column is the 80387.
FFREE	DD C0+i	ST(i)	x87	x87	18		3		1		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=2	clocks386 column is the 80387.
FDECSTP	D9 F6		x87	x87	22		3		1		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=2	clocks386 column is the 80387.
FINCSTP	D9 F7		x87	x87	21		3		1		NP	C	A	B	REC	BOX+MAME	MAME	386:BOX=22; P5:BOX=2	clocks386 column is the 80387.
FNOP	D9 D0		x87	x87	12		3		1		NP	B	A	B	BOX	BOX+MAME	MAME	P5:BOX=3	clocks386 column is the 80387.
FENI/FDISI/FSETPM	DB E0/E1/E4		x87	x87	12		3		1		NP	B	B	B	BOX	BOX	BOX		clocks386 column is the 80387. no-ops on 387 and later
@ASSUMPTIONS				base											PRM	REC	REC		386 counts assume: prefetched and decoded, zero wait states, no HOLD, no exception, aligned operands (PRM 17.2.2.3). 486/P5 counts assume cache and TLB hits
@M_COMPONENTS				control transfer	m							A			PRM+HPC				m = components of the next instruction: whole displacement 1, whole immediate 1, every other byte and prefix 1 each
@BUS_CYCLE				zero wait	2		2		2			A	C	C	NAND+IBM	REC	REC		386DX minimum bus cycle 2 clocks (address+data); address pipelining hides one wait state for back-to-back cycles. 486 burst fill 2-1-1-1 for 16 bytes. P5 burst 2-1-1-1 of 8 bytes
@ADDR_PIPE				TLB hit	1.5							B			NAND(ICCD86)				EA + segment add + limit check + TLB lookup take 1.5 clocks on 386 and are overlapped with the last clock of the previous instruction (early start, about 9% overall)
@EA_3TERM				base+index*scale+disp	1							B			NAND			386:data sheet (recalled) = +1 for any base+index	386: extra clock when base, index and displacement are all present. 386DX data sheet words it as two register components
@EA_INDEX				any index register			1		0				B	B		ABR	ABR		486: +1 for an index register, scaled or not, also for 16-bit base+index; P5: no extra clock
@DISP_IMM				displacement+immediate			1		0				C	B		REC	ABR		486: +1 clock. P5: no clock but the instruction cannot pair
@PREFIX				each prefix			1		1				B	A		ABR	ABR+BOX+GCC		386: prefix decode is hidden unless the queue is empty. 486/P5: 1 clock each, can be shadowed by a preceding multi-clock instruction or AGI. P5: 0F of a near Jcc is free; prefixed instruction goes to U only. P5-MMX: 0F free, 66/67 cost 2
@AGI				address register written in previous clock	0		1		1			B	B	A	NAND	ABR	ABR+BOX		386: bypassed by the early-start forwarding path. 486: 1 (documented), Abrash measured 2 in real mode, 1 in 32-bit protected mode. P5: 1 clock, stalls both pipes (lockstep), window covers both instructions of the previous clock. Implicit ESP use by PUSH/POP/CALL/RET does not conflict with itself
@BYTE_REG				byte register loaded exactly 2 clocks before any memory address use			1						B			ABR			486 undocumented penalty measured by Abrash
@PARTIAL_REG_AGI				byte/word of an address register loaded in previous clock			1-2						B			ABR			486: loading a byte part then addressing with the full register costs one more clock; see Abrash ch.12
@CACHE_MISS				data read			2+						C			REC			486 data-sheet penalty column is 2 clocks for most loads (first datum of a zero-wait burst); line is 16 bytes, whole fill 5 bus clocks at 2-1-1-1. Write-through: stores go to a 4-deep write buffer
@CACHE_MISS				data read L1 miss L2 hit					3+					C			REC		P5 L1 miss: one 32-byte burst (2-1-1-1 bus clocks at zero wait), multiplied by core/bus ratio; board dependent, not a CPU constant
@TLB_MISS				walk, both entries readable	20		13-28					B	C		NAND	REC			386: about 20 clocks, done by a hardware state machine in parallel with microcode. 486 data sheet: add 13, 21 or 28 bus clocks (plus one DRAM access) when the accessed/dirty bits of neither, one or both entries must be written, entries not in the cache. P5: Intel publishes no figure
@TLB_HITRATE				typical	98%		99%					A	B		DS386+NAND	EM486			Intel statements for typical multitasking loads
@MISALIGNED				dword over a dword boundary	+2 or more		3		3			B	B	A	NAND(bus width)	BOX	ABR+BOX		386DX: second bus cycle (>= 2 clocks each) for any operand crossing a 4-byte boundary; no penalty inside a dword. 486: 3 clocks. P5: 3 clocks when crossing a 4-byte (8-byte for qword) boundary
@LOCKED_RMW				LOCK or XCHG mem	0		1		5+			B	A	B	PRM	HPC+MAME	ABR		P5: Abrash estimates a 5 clock tax in general and 9 for some; treat as bus-bound
@BRANCH_TARGET_SPLIT				branch to an instruction spanning a cache line			3		0				B	B		ABR	ABR		486: 3 clock penalty, none on P5
@BRANCH_MISPREDICT				conditional					3 (U) / 4 (V)					B			ABR		P5: total 4 clocks in U, 5 in V; BTB 256 entries 4-way, 2-bit counters; prediction only after first taken execution
@BRANCH_MISPREDICT				JMP/CALL near direct					2					B			ABR		P5: total 3 in either pipe
@BRANCH_MISPREDICT				RET and indirect					3					B			REC+ABR		P5 has no return stack; RET is predicted by the BTB only
@PAIR_RULE				1													ABR+GCC+MLR		P5: both instructions must be simple (UV/PU in U and UV/PV in V); first goes to U
@PAIR_RULE				2													ABR		P5: no register read-after-write or write-after-write inside a pair (sub-registers count as the whole register); write-after-read is allowed
@PAIR_RULE				3													ABR+GCC		P5: exceptions to rule 2: flags set by CMP/TEST/ALU with Jcc; ESP implicit pairs PUSH/PUSH, POP/POP, PUSH/CALL
@PAIR_RULE				4													ABR+GCC		P5: instruction with both displacement and immediate never pairs
@PAIR_RULE				5													ABR+GCC+BOX		P5: shifts/rotates by 1 and shifts by imm, ADC, SBB only in U; near Jcc/JMP/CALL only in V; prefixed instructions only in U (except 0F Jcc)
@PAIR_RULE				6													REC		P5 without MMX: pairs only on a second execution unless the first instruction is one byte, because boundaries are marked in the code cache
@PAIR_COST				RM with RMW					see notes					B			BOX		P5 lockstep cost of a pair (U class row, V class column; reg=1 load-op=2 RMW=3): reg/reg 1, reg/RM 2, reg/RMW 3, RM/reg 2, RM/RM 2, RM/RMW 3, RMW/reg 3, RMW/RM 4, RMW/RMW 5
@BANK_CONFLICT				U and V touch the same 4-byte bank (address bits 2-4) of the 8 banks					1					B			Q10		P5: V access delayed one clock
@FPU_OVERLAP				FDIV/FSQRT			70		38				B	A		BOX	BOX+GCC		integer instructions can run during the FP divide; last 2 clocks on P5 also overlap the next FP op
@FPU_ST_DELAY				store of a just-computed value					1					C			REC		P5: FST needs its operand one clock earlier; FADD then FST = 3+1+2
@TASK_SWITCH				386 TSS VM=0 -> 386 TSS VM=0	300 / 309							B			PRM			386:HPC=309/226/282 (VM=0), 314/231/287 (VM=1), 307/224/280 (286 TSS)	first figure direct, second via task gate (PRM CALL page). Exception entry table 17-5: 309 to 386 TSS, 282 to 286 TSS; from VM=1 314 / 231; from 286 307 / 282
@TASK_SWITCH				386 TSS VM=0 -> 386 TSS VM=1	217 / 226							B			PRM			386:HPC=309/226/282 (VM=0), 314/231/287 (VM=1), 307/224/280 (286 TSS)	first figure direct, second via task gate (PRM CALL page). Exception entry table 17-5: 309 to 386 TSS, 282 to 286 TSS; from VM=1 314 / 231; from 286 307 / 282
@TASK_SWITCH				386 TSS VM=0 -> 286 TSS	273 / 282							B			PRM			386:HPC=309/226/282 (VM=0), 314/231/287 (VM=1), 307/224/280 (286 TSS)	first figure direct, second via task gate (PRM CALL page). Exception entry table 17-5: 309 to 386 TSS, 282 to 286 TSS; from VM=1 314 / 231; from 286 307 / 282
@TASK_SWITCH				286 TSS -> 386 TSS VM=0	298 / 307							B			PRM			386:HPC=309/226/282 (VM=0), 314/231/287 (VM=1), 307/224/280 (286 TSS)	first figure direct, second via task gate (PRM CALL page). Exception entry table 17-5: 309 to 386 TSS, 282 to 286 TSS; from VM=1 314 / 231; from 286 307 / 282
@TASK_SWITCH				286 TSS -> 386 TSS VM=1	217 / 226							B			PRM			386:HPC=309/226/282 (VM=0), 314/231/287 (VM=1), 307/224/280 (286 TSS)	first figure direct, second via task gate (PRM CALL page). Exception entry table 17-5: 309 to 386 TSS, 282 to 286 TSS; from VM=1 314 / 231; from 286 307 / 282
@TASK_SWITCH				286 TSS -> 286 TSS	273 / 282							B			PRM			386:HPC=309/226/282 (VM=0), 314/231/287 (VM=1), 307/224/280 (286 TSS)	first figure direct, second via task gate (PRM CALL page). Exception entry table 17-5: 309 to 386 TSS, 282 to 286 TSS; from VM=1 314 / 231; from 286 307 / 282
@TASK_SWITCH				486/386/286 TSS -> 386/486 TSS VM=0			199						B			HPC			ts of 486
@TASK_SWITCH				486/386/286 TSS -> 386/486 TSS VM=1			177						B			HPC			ts of 486
@TASK_SWITCH				486/386/286 TSS -> 286 TSS			180						B			HPC			ts of 486
@TASK_SWITCH				any TSS -> 486 TSS VM=0					85					B			ALP		P5 ts with cache hits; table read does not name the processor, matches recalled Pentium 85/71
@TASK_SWITCH				any TSS -> VM=1					71					B			ALP		P5 ts with cache hits; table read does not name the processor, matches recalled Pentium 85/71
@TASK_SWITCH				any TSS -> 286 TSS					87					B			ALP	P5:REC=73	P5 ts with cache hits; table read does not name the processor, matches recalled Pentium 85/71
@PAGE_FAULT_ENTRY				ring 3 to ring 0 via 386 interrupt gate	99		71		48			C	C	C	INF	INF	INF		exception delivery has no own figure; use the INT inner-privilege row, plus error-code push (2)
`;
