/** IN, OUT, INS and OUTS. */
import { type Cpu, FAULT, NEXT, STOP, type Status } from "../cpu.ts";
import { ioPermitted } from "../io-permission.ts";
import { IMM, operandSize } from "../record.ts";
import { EAX, EDI, EDX, ES, ESI } from "../state.ts";
import type { Handler, Handlers } from "./handler.ts";
import { readRegister, writeRegister } from "./operand.ts";
import { advance, pair, type Step } from "./strings.ts";

type PortOf = (cpu: Cpu, code: Int32Array, ip: number) => number;
type SizeOf = (code: Int32Array, ip: number) => number;

const byte: SizeOf = () => 1;
const immediate: PortOf = (_cpu, code, ip) => code[ip + IMM];
const dx: PortOf = (cpu) => readRegister(cpu, EDX, 2);

/** After a port was written: the machine may be asked to stop. */
function written(cpu: Cpu): Status {
  return cpu.ports.exitStatus >= 0 ? STOP : NEXT;
}

const input =
  (portOf: PortOf, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const port = portOf(cpu, code, ip);
    const size = sizeOf(code, ip);
    if (!ioPermitted(cpu, port, size)) return FAULT;
    writeRegister(cpu, EAX, cpu.ports.read(port, size), size);
    return NEXT;
  };

const output =
  (portOf: PortOf, sizeOf: SizeOf): Handler =>
  (cpu, code, ip) => {
    const port = portOf(cpu, code, ip);
    const size = sizeOf(code, ip);
    if (!ioPermitted(cpu, port, size)) return FAULT;
    cpu.ports.write(port, readRegister(cpu, EAX, size), size);
    return written(cpu);
  };

/** The destination is translated before the port is read: a page fault loses no input (P48). */
const ins: Step = (cpu, _seg, mask, size) => {
  if (!cpu.openRmw(ES, cpu.regs[EDI] & mask, size)) return false;
  cpu.bus.rmwWrite(cpu.ports.read(readRegister(cpu, EDX, 2), size));
  advance(cpu, EDI, mask, size);
  return true;
};

const outs: Step = (cpu, seg, mask, size) => {
  const value = cpu.load(seg, cpu.regs[ESI] & mask, size);
  if (cpu.faulted !== 0) return false;
  cpu.ports.write(readRegister(cpu, EDX, 2), value, size);
  advance(cpu, ESI, mask, size);
  return true;
};

/** The permission is checked once, before the count is looked at. Afterwards the ports may ask the machine to stop. */
function permitted(names: [string, string], step: Step): Handlers {
  const handlers = pair(names, step, false);
  const checked =
    (handler: Handler, sizeOf: SizeOf): Handler =>
    (cpu, code, ip) => {
      if (!ioPermitted(cpu, readRegister(cpu, EDX, 2), sizeOf(code, ip))) return FAULT;
      const status = handler(cpu, code, ip);
      return status === NEXT ? written(cpu) : status;
    };
  return {
    [names[0]]: checked(handlers[names[0]], byte),
    [names[1]]: checked(handlers[names[1]], operandSize),
  };
}

export const inputOutputHandlers: Handlers = {
  "IN AL,Ib": input(immediate, byte),
  "IN eAX,Ib": input(immediate, operandSize),
  "IN AL,DX": input(dx, byte),
  "IN eAX,DX": input(dx, operandSize),
  "OUT Ib,AL": output(immediate, byte),
  "OUT Ib,eAX": output(immediate, operandSize),
  "OUT DX,AL": output(dx, byte),
  "OUT DX,eAX": output(dx, operandSize),
  ...permitted(["INS Yb,DX", "INS Yv,DX"], ins),
  ...permitted(["OUTS DX,Xb", "OUTS DX,Xv"], outs),
};
