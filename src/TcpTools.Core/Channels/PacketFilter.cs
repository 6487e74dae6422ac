using System;
using System.Collections.Generic;
using TcpTools.Linux;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>
/// A filter expression in the language of tcpdump, compiled by libpcap into a BPF program: the kernel runs it where frames
/// come from an interface, and this object does where they do not. Any thread may use it.
/// </summary>
public sealed class PacketFilter
{
    private PacketFilter(string expression, PacketStart start, BpfProgram program)
    {
        Expression = expression;
        Start = start;
        Program = program;
    }

    /// <summary>The expression.</summary>
    public string Expression { get; }

    /// <summary>What the frames start with that it is made for.</summary>
    public PacketStart Start { get; }

    /// <summary>The program, an instruction a line, each as four numbers: what <c>tcpdump -ddd</c> prints below the count.</summary>
    public IReadOnlyList<string> Instructions
    {
        get
        {
            ReadOnlySpan<BpfInstruction> program = Program.Instructions;
            string[] lines = new string[program.Length];
            for (int i = 0; i < lines.Length; i++)
            {
                lines[i] = FormattableString.Invariant(
                    $"{program[i].Code} {program[i].JumpTrue} {program[i].JumpFalse} {program[i].Value}");
            }

            return lines;
        }
    }

    internal BpfProgram Program { get; }

    /// <summary>Compiles an expression, such as <c>tcp port 80 and host 10.0.0.1</c> (man pcap-filter).</summary>
    /// <param name="expression">The expression; an empty one lets everything pass.</param>
    /// <param name="start">What the frames start with.</param>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidFilter"/> when it is no filter, with libpcap's own words; <see cref="StackError.MissingLibrary"/>
    /// when libpcap is not installed.
    /// </exception>
    public static PacketFilter Compile(string expression, PacketStart start)
    {
        ArgumentNullException.ThrowIfNull(expression);
        return new PacketFilter(expression, start, PcapLibrary.Shared.Compile(expression, FrameStart.LinkTypeOf(start)));
    }

    /// <summary>Whether the filter lets a frame pass.</summary>
    public bool Matches(ReadOnlySpan<byte> frame) => Program.Run(frame, frame.Length) != 0;

    /// <summary>The expression.</summary>
    public override string ToString() => Expression;
}
