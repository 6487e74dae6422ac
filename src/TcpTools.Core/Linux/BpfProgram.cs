using System;
using System.Buffers.Binary;

namespace TcpTools.Linux;

/// <summary>
/// A classic BPF program (McCanne, Jacobson 1993; the kernel's networking/filter), run here as the kernel runs it on a
/// socket: the answer is how many bytes of a frame to keep, 0 for none. Jumps go forward only, so a run ends after at
/// most as many steps as there are instructions.
/// </summary>
internal sealed class BpfProgram
{
    /// <summary>The longest program that the kernel takes (BPF_MAXINSNS).</summary>
    internal const int MaximumLength = 4096;

    private const int MemoryWords = 16;

    // Classes.
    private const int Load = 0x00;
    private const int LoadIndex = 0x01;
    private const int Store = 0x02;
    private const int StoreIndex = 0x03;
    private const int Arithmetic = 0x04;
    private const int Jump = 0x05;
    private const int Return = 0x06;
    private const int Miscellaneous = 0x07;

    // Where a load takes its value from, and how much of it.
    private const int ModeMask = 0xe0;
    private const int Immediate = 0x00;
    private const int Absolute = 0x20;
    private const int Indirect = 0x40;
    private const int Memory = 0x60;
    private const int Length = 0x80;
    private const int HeaderLength = 0xa0;
    private const int SizeMask = 0x18;
    private const int Word = 0x00;
    private const int HalfWord = 0x08;

    private const int OperandIndex = 0x08;
    private const int Negate = 0x80;
    private const int OperationMask = 0xf0;
    private const int ReturnAccumulator = 0x10;
    private const int IndexToAccumulator = 0x80;

    private readonly BpfInstruction[] _instructions;

    /// <summary>Takes a program's instructions.</summary>
    /// <exception cref="StackException">It is empty, too long, jumps out of itself, or can end without an answer.</exception>
    internal BpfProgram(ReadOnlySpan<BpfInstruction> instructions)
    {
        _instructions = instructions.ToArray();
        if (!IsSound(_instructions))
        {
            throw new StackException(StackError.InvalidFilter, "The filter program is malformed.");
        }
    }

    /// <summary>The program that wants nothing.</summary>
    internal static BpfProgram None { get; } = new([new BpfInstruction(Return, 0, 0, 0)]);

    /// <summary>The instructions.</summary>
    internal ReadOnlySpan<BpfInstruction> Instructions => _instructions;

    /// <summary>Runs the program on a frame of which only the first bytes may be at hand.</summary>
    /// <returns>How many bytes to keep; 0 when the frame is not wanted, or the program asked for bytes that it has not.</returns>
    internal uint Run(ReadOnlySpan<byte> frame, int wireLength)
    {
        uint a = 0;
        uint x = 0;
        Span<uint> memory = stackalloc uint[MemoryWords];
        memory.Clear();
        BpfInstruction[] program = _instructions;
        for (int i = 0; i < program.Length; i++)
        {
            BpfInstruction instruction = program[i];
            int code = instruction.Code;
            uint k = instruction.Value;
            switch (code & 7)
            {
                case Load:
                    if (!TryLoad(frame, code, k, x, memory, wireLength, ref a))
                    {
                        return 0;
                    }

                    break;
                case LoadIndex:
                    if (!TryLoadIndex(frame, code, k, memory, wireLength, ref x))
                    {
                        return 0;
                    }

                    break;
                case Store:
                    memory[(int)k] = a;
                    break;
                case StoreIndex:
                    memory[(int)k] = x;
                    break;
                case Arithmetic:
                    if (!TryCompute(code, (code & OperandIndex) != 0 ? x : k, ref a))
                    {
                        return 0;
                    }

                    break;
                case Jump:
                    i += (code & OperationMask) == 0
                        ? (int)k
                        : Holds(code, a, (code & OperandIndex) != 0 ? x : k) ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case Return:
                    return (code & SizeMask) == ReturnAccumulator ? a : k;
                default:
                    if ((code & 0xf8) == IndexToAccumulator)
                    {
                        a = x;
                    }
                    else
                    {
                        x = a;
                    }

                    break;
            }
        }

        return 0;
    }

    private static bool TryLoad(
        ReadOnlySpan<byte> frame, int code, uint k, uint x, ReadOnlySpan<uint> memory, int wireLength, ref uint a)
    {
        switch (code & ModeMask)
        {
            case Immediate:
                a = k;
                return true;
            case Memory:
                a = memory[(int)k];
                return true;
            case Length:
                a = (uint)wireLength;
                return true;
            default:
                return TryRead(frame, code & SizeMask, (code & ModeMask) == Indirect ? unchecked(k + x) : k, ref a);
        }
    }

    private static bool TryLoadIndex(
        ReadOnlySpan<byte> frame, int code, uint k, ReadOnlySpan<uint> memory, int wireLength, ref uint x)
    {
        switch (code & ModeMask)
        {
            case Immediate:
                x = k;
                return true;
            case Memory:
                x = memory[(int)k];
                return true;
            case Length:
                x = (uint)wireLength;
                return true;
            default:
                // The length of an IPv4 header: four times the low half of a byte.
                if (k >= (uint)frame.Length)
                {
                    return false;
                }

                x = (uint)(frame[(int)k] & 15) * 4;
                return true;
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> frame, int size, uint offset, ref uint value)
    {
        int width = size switch { Word => 4, HalfWord => 2, _ => 1 };
        if (offset > (uint)frame.Length || frame.Length - (int)offset < width)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = frame[(int)offset..];
        value = size switch
        {
            Word => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            HalfWord => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => bytes[0],
        };
        return true;
    }

    private static bool TryCompute(int code, uint operand, ref uint a)
    {
        unchecked
        {
            switch (code & OperationMask)
            {
                case 0x00:
                    a += operand;
                    return true;
                case 0x10:
                    a -= operand;
                    return true;
                case 0x20:
                    a *= operand;
                    return true;
                case 0x30:
                    a = operand == 0 ? 0 : a / operand;
                    return operand != 0;
                case 0x40:
                    a |= operand;
                    return true;
                case 0x50:
                    a &= operand;
                    return true;
                case 0x60:
                    a <<= (int)(operand & 31);
                    return true;
                case 0x70:
                    a >>= (int)(operand & 31);
                    return true;
                case Negate:
                    a = (uint)-(int)a;
                    return true;
                case 0x90:
                    a = operand == 0 ? 0 : a % operand;
                    return operand != 0;
                default:
                    a ^= operand;
                    return true;
            }
        }
    }

    private static bool Holds(int code, uint a, uint operand) => (code & OperationMask) switch
    {
        0x10 => a == operand,
        0x20 => a > operand,
        0x30 => a >= operand,
        _ => (a & operand) != 0,
    };

    private static bool IsSound(BpfInstruction[] program)
    {
        if (program.Length is 0 or > MaximumLength || (program[^1].Code & 7) != Return)
        {
            return false;
        }

        for (int i = 0; i < program.Length; i++)
        {
            BpfInstruction instruction = program[i];
            // Jumps may skip at most to the last instruction.
            long left = program.Length - 2 - i;
            if (!IsKnown(instruction) || ((instruction.Code & 7) == Jump && ((instruction.Code & OperationMask) == 0
                ? instruction.Value > left
                : instruction.JumpTrue > left || instruction.JumpFalse > left)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsKnown(BpfInstruction instruction)
    {
        int code = instruction.Code;
        if (code > 0xff)
        {
            return false;
        }

        bool isWord = (code & SizeMask) == Word;
        switch (code & 7)
        {
            case Load:
                return (code & ModeMask) switch
                {
                    Absolute or Indirect => (code & SizeMask) != 0x18,
                    Memory => isWord && instruction.Value < MemoryWords,
                    Immediate or Length => isWord,
                    _ => false,
                };
            case LoadIndex:
                return (code & ModeMask) switch
                {
                    Memory => isWord && instruction.Value < MemoryWords,
                    Immediate or Length => isWord,
                    HeaderLength => (code & SizeMask) == 0x10,
                    _ => false,
                };
            case Store or StoreIndex:
                return code is Store or StoreIndex && instruction.Value < MemoryWords;
            case Arithmetic:
                return (code & OperationMask) <= 0xa0 && code != (Arithmetic | Negate | OperandIndex) && ((code & OperandIndex) != 0 || instruction.Value != 0
                    || (code & OperationMask) is not (0x30 or 0x90));
            case Jump:
                return (code & OperationMask) <= 0x40 && code != (Jump | OperandIndex);
            case Return:
                return code is Return or (Return | ReturnAccumulator);
            default:
                return code is Miscellaneous or (Miscellaneous | IndexToAccumulator);
        }
    }
}
