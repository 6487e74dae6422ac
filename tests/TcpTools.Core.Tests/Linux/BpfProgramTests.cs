using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpTools.Linux;
using Xunit;

namespace TcpTools.Tests.Linux;

/// <summary>BPF programs answer here what they answer in the kernel, on a socket that needs no rights.</summary>
public sealed class BpfProgramTests
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    [Fact]
    public void Random_programs_answer_what_the_kernel_answers()
    {
        Random random = new(4711);
        (Socket sender, Socket receiver) = Pair();
        using (sender)
        using (receiver)
        {
            byte[] answer = new byte[512];
            int kept = 0;
            for (int round = 0; round < 600; round++)
            {
                BpfInstruction[] instructions = RandomProgram(random);
                BpfProgram program = new(instructions);
                Attach(receiver, instructions);
                for (int i = 0; i < 5; i++)
                {
                    byte[] frame = new byte[random.Next(1, 200)];
                    random.NextBytes(frame);
                    sender.Send(frame);
                    int seen = receiver.Poll(0, SelectMode.SelectRead) ? receiver.Receive(answer) : 0;
                    int expected = (int)Math.Min(program.Run(frame, frame.Length), (uint)frame.Length);
                    Assert.True(seen == expected, $"Round {round}: the kernel keeps {seen}, we keep {expected} of {string.Join("; ", instructions)}");
                    kept += seen > 0 ? 1 : 0;
                }
            }

            Assert.InRange(kept, 300, 2700);
        }
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("no answer", 0x00, 0, 0, 1)]
    [InlineData("a jump beyond the end", 0x05, 0, 0, 1, 0x06, 0, 0, 1)]
    [InlineData("a branch beyond the end", 0x15, 1, 0, 1, 0x06, 0, 0, 1)]
    [InlineData("a backward jump", 0x05, 0, 0, -1, 0x06, 0, 0, 1)]
    [InlineData("memory that is not there", 0x02, 0, 0, 16, 0x06, 0, 0, 1)]
    [InlineData("a division by zero", 0x34, 0, 0, 0, 0x06, 0, 0, 1)]
    [InlineData("an unknown operation", 0xb4, 0, 0, 1, 0x06, 0, 0, 1)]
    [InlineData("an unknown code", 0x106, 0, 0, 1)]
    public void Programs_that_could_go_astray_are_refused(string what, params int[] numbers)
    {
        List<BpfInstruction> instructions = [];
        for (int i = 0; i < numbers.Length; i += 4)
        {
            instructions.Add(new BpfInstruction((ushort)numbers[i], (byte)numbers[i + 1], (byte)numbers[i + 2], (uint)numbers[i + 3]));
        }

        Exception? thrown = Record.Exception(() => new BpfProgram([.. instructions]));
        Assert.True(thrown is StackException { Error: StackError.InvalidFilter }, what);
    }

    [Fact]
    public void The_length_on_the_wire_is_what_a_program_reads_as_length() => Assert.Equal(
        1400u, new BpfProgram([new BpfInstruction(0x80, 0, 0, 0), new BpfInstruction(0x16, 0, 0, 0)]).Run(new byte[60], 1400));

    [Fact]
    public void Without_the_library_the_error_says_how_to_get_it()
    {
        Assert.Null(PcapLibrary.TryLoad("libpcap-that-is-not-there.so.9"));
        StackException error = Assert.Throws<StackException>(() => PcapLibrary.OrMissing(null));
        Assert.Equal(StackError.MissingLibrary, error.Error);
        Assert.Contains("apt install libpcap0.8", error.Advice, StringComparison.Ordinal);
    }

    private static (Socket Sender, Socket Receiver) Pair()
    {
        string name = "\0tcptools-bpf-" + Guid.NewGuid();
        Socket receiver = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        receiver.Bind(new UnixDomainSocketEndPoint(name));
        Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        sender.Connect(new UnixDomainSocketEndPoint(name));
        return (sender, receiver);
    }

    private static unsafe void Attach(Socket socket, BpfInstruction[] instructions)
    {
        fixed (BpfInstruction* first = instructions)
        {
            Span<byte> program = stackalloc byte[16];
            program.Clear();
            MemoryMarshal.Write(program, (ushort)instructions.Length);
            MemoryMarshal.Write(program[8..], (nint)first);
            socket.SetRawSocketOption(SocketLevel, AttachFilter, program);
        }
    }

    /// <summary>Negation (8) has no operand.</summary>
    private static ushort Arithmetic(int operation, int operand) => (ushort)(0x04 | (operation << 4) | (operation == 8 ? 0 : operand));

    /// <summary>Programs of all operations; what the kernel leaves undefined, or reads from elsewhere, they do not do.</summary>
    private static BpfInstruction[] RandomProgram(Random random)
    {
        List<BpfInstruction> program = [];
        for (ushort word = 0; word < 4; word++)
        {
            // The kernel refuses to read memory that was never written.
            program.Add(new BpfInstruction(0x00, 0, 0, (uint)random.Next()));
            program.Add(new BpfInstruction(0x02, 0, 0, word));
        }

        program.Add(new BpfInstruction(0x01, 0, 0, (uint)random.Next(0, 60)));
        int count = random.Next(3, 30);
        for (int i = 0; i < count; i++)
        {
            int left = count - i;
            byte skip() => (byte)random.Next(0, Math.Min(left, 6));
            int operand = random.Next(2) * 8;
            program.Add(random.Next(10) switch
            {
                0 => new BpfInstruction((ushort)(0x20 | (random.Next(3) * 8)), 0, 0, (uint)random.Next(0, 80)),
                1 => new BpfInstruction((ushort)(0x40 | (random.Next(3) * 8)), 0, 0, (uint)random.Next(0, 40)),
                2 => new BpfInstruction(0xb1, 0, 0, (uint)random.Next(0, 60)),
                3 => new BpfInstruction((ushort)random.Next(2), 0, 0, (uint)random.Next(0, 60)),
                4 => new BpfInstruction((ushort)(0x60 | random.Next(2)), 0, 0, (uint)random.Next(4)),
                5 => new BpfInstruction((ushort)(0x80 | random.Next(2)), 0, 0, 0),
                6 => new BpfInstruction(Arithmetic(random.Next(11), operand), 0, 0, (uint)random.Next(1, 31)),
                7 => new BpfInstruction((ushort)(0x05 | (random.Next(1, 5) << 4) | operand), skip(), skip(), (uint)random.Next(0, 100)),
                8 => new BpfInstruction((ushort)(0x02 | random.Next(2)), 0, 0, (uint)random.Next(4)),
                _ => new BpfInstruction((ushort)(0x07 | (random.Next(2) << 7)), 0, 0, 0),
            });
        }

        program.Add(random.Next(2) == 0 ? new BpfInstruction(0x06, 0, 0, (uint)random.Next(1, 300)) : new BpfInstruction(0x16, 0, 0, 0));
        return [.. program];
    }
}
