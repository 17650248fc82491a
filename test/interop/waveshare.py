"""An 8-channel relay board with inputs, made of stock pymodbus: what Waveshare's "Modbus RTU
Relay (D)" does (their wiki), by a Modbus stack that shares nothing with ours. Debian's
python3-pymodbus 3.0.0 and python3-serial-asyncio, nothing else.

It says on stdout, a line each: `port PATH`, `read relays|inputs`, `all on|off`, `flash N V`,
`mode N V`, `relay N on|off`; it hears on stdin `open N`, `close N`, and ends when stdin does.
Relays, inputs and modes are counted from 1, as on the board.
"""
import asyncio
import os
import pty
import struct
import sys
import tty

from pymodbus.bit_write_message import WriteSingleCoilRequest, WriteSingleCoilResponse
from pymodbus.datastore import ModbusSequentialDataBlock as Block
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
from pymodbus.pdu import ModbusExceptions
from pymodbus.server import StartAsyncSerialServer
from pymodbus.transaction import ModbusRtuFramer

SLAVE, CHANNELS = 1, 8
BAUD, BITS_PER_CHARACTER = 9600, 10
ON, OFF = 0xFF00, 0x0000
ALL_RELAYS = 0x00FF
FLASH_ON, FLASH_MAX = 0x0200, 0x7FFF
CONTROL_MODE, LINKAGE = 0x1000, 1


def tell(*words):
    print(*words, flush=True)


class Board(ModbusSlaveContext):
    """As somebody left it: every input drives its relay, and relay 8 is on. Doors are closed."""

    def __init__(self):
        super().__init__(
            co=Block(0, [0] * (CHANNELS - 1) + [1]),
            di=Block(0, [1] * CHANNELS),
            hr=Block(CONTROL_MODE, [LINKAGE] * CHANNELS),
            zero_mode=True,
        )
        self.timers = {}

    def getValues(self, fc_as_hex, address, count=1):
        if fc_as_hex in (1, 2):
            tell("read", "relays" if fc_as_hex == 1 else "inputs")
        return super().getValues(fc_as_hex, address, count)

    def setValues(self, fc_as_hex, address, values):
        super().setValues(fc_as_hex, address, values)
        if fc_as_hex in (6, 16):
            for channel, value in enumerate(values, address - CONTROL_MODE + 1):
                tell("mode", channel, value)

    def switch(self, channel, is_on):
        """What a relay did before is over: a flash that is cut short does not end a later one."""
        if timer := self.timers.pop(channel, None):
            timer.cancel()
        if self.store["c"].getValues(channel - 1, 1)[0] == is_on:
            return
        self.store["c"].setValues(channel - 1, [int(is_on)])
        tell("relay", channel, "on" if is_on else "off")

    def flash(self, channel, steps):
        tell("flash", channel, steps)
        self.switch(channel, True)
        loop = asyncio.get_running_loop()
        self.timers[channel] = loop.call_later(steps / 10, self.switch, channel, False)

    def move_door(self, channel, is_closed):
        self.store["d"].setValues(channel - 1, [int(is_closed)])
        if self.store["h"].getValues(CONTROL_MODE + channel - 1, 1)[0] == LINKAGE:
            self.switch(channel, is_closed)


class RelayReply(WriteSingleCoilResponse):
    """The echo of a value that is neither on nor off."""

    def encode(self):
        return struct.pack(">HH", self.address, self.value)


class RelayOrder(WriteSingleCoilRequest):
    """Function 05 with what Waveshare adds: all relays at once, and pulses that the board ends."""

    def decode(self, data):
        self.address, self.value = struct.unpack(">HH", data)

    def execute(self, context):
        first, value = self.address, self.value
        if FLASH_ON <= first < FLASH_ON + CHANNELS:
            if not 0 < value <= FLASH_MAX:
                return self.doException(ModbusExceptions.IllegalValue)
            context.flash(first - FLASH_ON + 1, value)
            return RelayReply(first, value)
        if value not in (ON, OFF):
            return self.doException(ModbusExceptions.IllegalValue)
        if first == ALL_RELAYS:
            tell("all", "on" if value == ON else "off")
        elif first >= CHANNELS:
            return self.doException(ModbusExceptions.IllegalAddress)
        channels = range(1, CHANNELS + 1) if first == ALL_RELAYS else [first + 1]
        for channel in channels:
            context.switch(channel, value == ON)
        return RelayReply(first, value)


def open_cable():
    """Two pseudoterminals and all that is typed on one copied to the other, no faster than on a
    line of this rate. Returns the kiosk's end and the board's."""
    ends = [pty.openpty(), pty.openpty()]
    for _, slave in ends:
        tty.setraw(slave)  # and left open: the cable outlives the programs at its ends
    for (source, _), (target, _) in (ends, ends[::-1]):
        asyncio.get_running_loop().create_task(carry(source, target))
    return [os.ttyname(slave) for _, slave in ends]


async def carry(source, target):
    chunks = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(source, lambda: chunks.put_nowait(os.read(source, 4096)))
    while True:
        chunk = await chunks.get()
        await asyncio.sleep(len(chunk) * BITS_PER_CHARACTER / BAUD)
        os.write(target, chunk)


async def main():
    board = Board()
    kiosk_end, board_end = open_cable()
    slaves = ModbusServerContext(slaves={SLAVE: board}, single=False)
    serving = asyncio.create_task(StartAsyncSerialServer(
        context=slaves, custom_functions=[RelayOrder], framer=ModbusRtuFramer,
        port=board_end, baudrate=BAUD, ignore_missing_slaves=True,
    ))
    doors = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(doors)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    tell("port", kiosk_end)
    while line := await doors.readline():
        verb, channel = line.decode().split()
        board.move_door(int(channel), verb == "close")
    serving.cancel()


asyncio.run(main())
